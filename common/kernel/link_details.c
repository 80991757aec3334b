/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/link_details.h"

/* The kernel cuts longer ones and says ENOSPC. */
enum { NAME_ROOM = 128 };

/* struct bpf_link_info as of Linux 6.18, repeated because headers may be older. */
struct link_tail {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint64_t name;
			uint32_t len;
			uint32_t map_id; /* of iterators over a map */
		} named;
		struct {
			uint32_t pf, hook;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		uint32_t map_id; /* of struct_ops */
		uint64_t room[8];
	};
};

/* These two take a map; others keep something else in its place. */
static bool walks_map(const char *target)
{
	return strcmp(target, "bpf_map_elem") == 0 ||
	       strcmp(target, "bpf_sk_storage_map") == 0;
}

int link_details_read(int fd, const struct link_fd_info *info, struct link_details *ret)
{
	bool named = info->type == LINK_FD_RAW_TRACEPOINT || info->type == LINK_FD_ITER;
	char name[NAME_ROOM] = "";
	struct link_tail raw;
	uint32_t size = sizeof(raw);

	*ret = (struct link_details){.name = NULL};
	if (link_probes_has(info->type))
		return link_probes_read(fd, info->type, &ret->probes);
	memset(&raw, 0, sizeof(raw));
	if (named) {
		raw.named.name = (uintptr_t)name;
		raw.named.len = sizeof(name);
	}
	if (bpf_obj_get_info_by_fd(fd, &raw, &size) < 0)
		return -errno;
	if (named)
		ret->name = xstrdup(name);
	if (info->type == LINK_FD_ITER && walks_map(name))
		ret->map_id = raw.named.map_id;
	else if (info->type == LINK_FD_STRUCT_OPS)
		ret->map_id = raw.map_id;
	if (info->type == LINK_FD_NETFILTER) {
		ret->pf = raw.netfilter.pf;
		ret->hook = raw.netfilter.hook;
		ret->priority = raw.netfilter.priority;
		ret->flags = raw.netfilter.flags;
	}
	return 0;
}

void link_details_release(struct link_details *d)
{
	link_probes_release(&d->probes);
	free(d->name);
	*d = (struct link_details){.name = NULL};
}
