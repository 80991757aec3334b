/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "kernel/cgroup_links.h"
#include "kernel/link_fd.h"

static int add_cgroup_link(int fd, const struct link_fd_info *info, void *ctx)
{
	struct cgroup_links *links = ctx;

	(void)fd;
	if (info->type != LINK_FD_CGROUP || !info->cgroup_id)
		return 0;
	array_grow(links->items, links->nr);
	links->items[links->nr++] = (struct cgroup_link){.cgroup_id = info->cgroup_id,
							 .attach_type = info->attach_type,
							 .prog_id = info->prog_id,
							 .id = info->id};
	return 0;
}

void cgroup_links_release(struct cgroup_links *links)
{
	free(links->items);
	*links = (struct cgroup_links){.nr = 0};
}

int cgroup_links_read(struct cgroup_links *links)
{
	int r = links->read ? 0 : link_fd_each(add_cgroup_link, links);

	if (r < 0 && r != -EINVAL) {
		cgroup_links_release(links);
		return r;
	}
	links->read = true;
	return 0;
}

bool cgroup_link_is_at(const struct cgroup_link *link, uint64_t cgroup_id,
		       uint32_t attach_type, uint32_t prog_id)
{
	return link->attach_type == attach_type && link->prog_id == prog_id &&
	       link->cgroup_id == cgroup_id;
}
