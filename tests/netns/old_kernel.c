/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * old_kernel FEATURE[,FEATURE...] CMD...: runs it on a kernel without these features of bpf(2):
 * calls that use them fail as they do where they are not known.
 *
 *	batch map_btf map_extra names link link_update link_detach tcx cgroup_order
 *	preorder unix token path_fd read_only query_flags
 *
 * Without cgroup_order the lists of cgroups have no revision either: they are read for CMD.
 *
 * Status 124: CMD asked for none of them, and a test would look at nothing.
 */
#include "answered.h"

/* Words of bpf_attr by their place, since headers may be older than what is taken away. */
struct call {
	unsigned int cmd;
	uint32_t attr[40];
};

enum {
	W_MAP_TYPE = 0,
	W_MAP_NAME = 7,
	W_MAP_BTF = 12,
	W_MAP_EXTRA = 16,
	W_LOAD_NAME = 12,
	W_LOAD_ATTACH_TYPE = 17,
	W_ATTACH_TYPE = 2,
	W_ATTACH_FLAGS = 3,
	W_ATTACH_ANCHOR = 5,
	W_ATTACH_REVISION = 6,
	W_LINK_FLAGS = 3,
	W_LINK_REVISION = 6,
	W_QUERY_TYPE = 1,
	W_QUERY_FLAGS = 3,
	W_QUERY_IDS = 4,
	W_QUERY_NR = 6,
	W_QUERY_ID_FLAGS = 8,
	QUERY_OLD_SIZE = 40,
	QUERY_MOST = 64,
	W_OBJ_FLAGS = 3,
	TCX_INGRESS = 46,
	TCX_EGRESS = 47,
	UNIX_FIRST = 49,
	UNIX_LAST = 53,
	TOKEN_CREATE = 36,
	LINK_DETACH = 34,
	BLOOM_FILTER = 30,
};

static bool any(const struct call *c, int from, int to)
{
	for (int i = from; i < to; i++)
		if (c->attr[i])
			return true;
	return false;
}

static bool uses_type(const struct call *c, uint32_t first, uint32_t last)
{
	uint32_t type;

	switch (c->cmd) {
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_LINK_CREATE:
		type = c->attr[W_ATTACH_TYPE];
		break;
	case BPF_PROG_QUERY:
		type = c->attr[W_QUERY_TYPE];
		break;
	case BPF_PROG_LOAD:
		type = c->attr[W_LOAD_ATTACH_TYPE];
		break;
	default:
		return false;
	}
	return type >= first && type <= last;
}

static bool uses_batch(const struct call *c)
{
	return c->cmd >= BPF_MAP_LOOKUP_BATCH && c->cmd <= BPF_MAP_DELETE_BATCH;
}

static bool uses_map_btf(const struct call *c)
{
	return c->cmd == BPF_MAP_CREATE && any(c, W_MAP_BTF, W_MAP_BTF + 3);
}

/* Came together, in Linux 5.16. */
static bool uses_map_extra(const struct call *c)
{
	return c->cmd == BPF_MAP_CREATE && (c->attr[W_MAP_TYPE] == BLOOM_FILTER ||
					    any(c, W_MAP_EXTRA, W_MAP_EXTRA + 2));
}

static bool uses_names(const struct call *c)
{
	return (c->cmd == BPF_MAP_CREATE && any(c, W_MAP_NAME, W_MAP_NAME + 4)) ||
	       (c->cmd == BPF_PROG_LOAD && any(c, W_LOAD_NAME, W_LOAD_NAME + 4));
}

static bool uses_link(const struct call *c)
{
	return c->cmd == BPF_LINK_CREATE;
}

static bool uses_link_update(const struct call *c)
{
	return c->cmd == BPF_LINK_UPDATE;
}

static bool uses_link_detach(const struct call *c)
{
	return c->cmd == LINK_DETACH;
}

static bool uses_tcx(const struct call *c)
{
	return c->cmd != BPF_PROG_LOAD && uses_type(c, TCX_INGRESS, TCX_EGRESS);
}

static bool uses_order(const struct call *c)
{
	if (uses_type(c, TCX_INGRESS, TCX_EGRESS))
		return false;
	if (c->cmd == BPF_LINK_CREATE)
		return c->attr[W_LINK_FLAGS] & 0x18 ||
		       any(c, W_LINK_REVISION, W_LINK_REVISION + 2);
	return c->cmd == BPF_PROG_ATTACH &&
	       (c->attr[W_ATTACH_FLAGS] & 0x18 ||
		any(c, W_ATTACH_ANCHOR, W_ATTACH_ANCHOR + 3));
}

static bool uses_preorder(const struct call *c)
{
	return c->cmd == BPF_PROG_ATTACH && c->attr[W_ATTACH_FLAGS] & 0x40;
}

static bool uses_unix(const struct call *c)
{
	return uses_type(c, UNIX_FIRST, UNIX_LAST);
}

static bool uses_token(const struct call *c)
{
	return c->cmd == TOKEN_CREATE;
}

static bool uses_path_fd(const struct call *c)
{
	return (c->cmd == BPF_OBJ_GET || c->cmd == BPF_OBJ_PIN) &&
	       c->attr[W_OBJ_FLAGS] & 1 << 14;
}

static bool uses_read_only(const struct call *c)
{
	return c->cmd == BPF_OBJ_GET && c->attr[W_OBJ_FLAGS] & BPF_F_RDONLY;
}

/* Flags of each program of a list: Linux 6.0. */
static bool uses_query_flags(const struct call *c)
{
	return c->cmd == BPF_PROG_QUERY && any(c, W_QUERY_ID_FLAGS, W_QUERY_ID_FLAGS + 2);
}

static const struct old {
	const char *name;
	bool (*uses)(const struct call *c);
} olds[] = {
	{"batch", uses_batch},
	{"map_btf", uses_map_btf},
	{"map_extra", uses_map_extra},
	{"names", uses_names},
	{"link", uses_link},
	{"link_update", uses_link_update},
	{"link_detach", uses_link_detach},
	{"tcx", uses_tcx},
	{"cgroup_order", uses_order},
	{"preorder", uses_preorder},
	{"unix", uses_unix},
	{"token", uses_token},
	{"path_fd", uses_path_fd},
	{"read_only", uses_read_only},
	{"query_flags", uses_query_flags},
};

/* Nowhere is fine. */
static bool told_at(const struct seccomp_notif *asked, uint64_t at, const void *from,
		    size_t size)
{
	return !at || asker_write(asked, at, from, size);
}

static uint64_t pointer_at(const struct call *call, int word)
{
	uint64_t ret;

	memcpy(&ret, &call->attr[word], sizeof(ret));
	return ret;
}

/* A cgroup's list as a kernel without revisions tells it: 0, or -errno. */
static int query_without_revision(const struct seccomp_notif *asked,
				  const struct call *call)
{
	uint32_t ids[QUERY_MOST], id_flags[QUERY_MOST], attr[16] = {0};
	uint64_t to[] = {(uintptr_t)ids, (uintptr_t)id_flags};
	int fd = asker_fd(asked, call->attr[0]), r;
	size_t nr;

	memcpy(attr, call->attr, QUERY_OLD_SIZE);
	if (attr[W_QUERY_NR] > QUERY_MOST)
		attr[W_QUERY_NR] = QUERY_MOST;
	attr[0] = (uint32_t)fd;
	if (pointer_at(call, W_QUERY_IDS))
		memcpy(&attr[W_QUERY_IDS], &to[0], sizeof(to[0]));
	if (pointer_at(call, W_QUERY_ID_FLAGS))
		memcpy(&attr[W_QUERY_ID_FLAGS], &to[1], sizeof(to[1]));
	r = syscall(__NR_bpf, BPF_PROG_QUERY, attr, QUERY_OLD_SIZE) < 0 ? -errno : 0;
	nr = sizeof(*ids) *
	     (attr[W_QUERY_NR] < QUERY_MOST ? attr[W_QUERY_NR] : QUERY_MOST);
	if (r == 0 && (!told_at(asked, asked->data.args[1] + 4 * W_QUERY_FLAGS,
				&attr[W_QUERY_FLAGS], 4) ||
		       !told_at(asked, asked->data.args[1] + 4 * W_QUERY_NR,
				&attr[W_QUERY_NR], 4) ||
		       !told_at(asked, pointer_at(call, W_QUERY_IDS), ids, nr) ||
		       !told_at(asked, pointer_at(call, W_QUERY_ID_FLAGS), id_flags, nr)))
		r = -EFAULT;
	close(fd);
	return r;
}

static bool is_taken(const struct call *call, const char *features)
{
	for (size_t i = 0; i < sizeof(olds) / sizeof(*olds); i++) {
		size_t n = strlen(olds[i].name);
		const char *at = features;

		while ((at = strstr(at, olds[i].name))) {
			if ((at == features || at[-1] == ',') &&
			    (at[n] == ',' || !at[n]) && olds[i].uses(call))
				return true;
			at += n;
		}
	}
	return false;
}

struct taken {
	const char *features;
	unsigned int seen;
};

static int taken_answer(const struct seccomp_notif *asked, void *data)
{
	struct taken *taken = data;
	struct call call = {.cmd = (unsigned int)asked->data.args[0]};

	if (!asker_attr(asked, call.attr, sizeof(call.attr)))
		return ANSWERED_BY_KERNEL;
	if (is_taken(&call, taken->features)) {
		taken->seen++;
		return -EINVAL;
	}
	if (call.cmd == BPF_PROG_QUERY && strstr(taken->features, "cgroup_order") &&
	    !uses_type(&call, TCX_INGRESS, TCX_EGRESS)) {
		taken->seen++;
		return query_without_revision(asked, &call);
	}
	return ANSWERED_BY_KERNEL;
}

int main(int argc, char **argv)
{
	struct taken taken = {.features = argv[1]};
	int status = argc < 3 ? 125 : answered_run(argv + 2, taken_answer, &taken);

	return taken.seen ? status : 124;
}
