/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/bpf_token.h"
#include "kernel/cgroup_fd.h"
#include "kernel/dev_query.h"
#include "kernel/features.h"

/* Of headers that may be newer than the ones this is built with. */
enum {
	CMD_LINK_DETACH = 34,
	CMD_TOKEN_CREATE = 36,
	TYPE_CGROUP_UNIX_CONNECT = 49,
	FLAG_PREORDER = 1 << 6,
	FLAG_PATH_FD = 1 << 14,
	MAP_BLOOM = 30,
	LOOPBACK = 1, /* its ifindex in every network namespace */
};

/* A call with descriptors that cannot be: EBADF says that the kernel got as far as them. */
static int feature_call(int cmd, const void *attr, size_t size)
{
	int fd = (int)syscall(__NR_bpf, cmd, attr, size);
	int r = fd < 0 ? -errno : 0;

	if (fd >= 0 && cmd == BPF_MAP_CREATE)
		close(fd);
	return r == -EBADF ? 0 : r;
}

static int ask_btf(void)
{
	/* A header of BTF and nothing else: EINVAL for its emptiness, and for the command. */
	return access("/sys/kernel/btf/vmlinux", R_OK) < 0 ? -errno : 0;
}

static int ask_batch(void)
{
	const struct {
		uint64_t in, out, keys, values;
		uint32_t count, map_fd;
		uint64_t elem_flags, flags;
	} attr = {.map_fd = UINT32_MAX};

	return feature_call(BPF_MAP_LOOKUP_BATCH, &attr, sizeof(attr));
}

static int ask_map_extra(void)
{
	static const struct bpf_map_create_opts bloom = {.sz = sizeof(bloom),
							 .map_extra = 1};
	auto_close int fd =
		bpf_token_map_create(MAP_BLOOM, "", 0, sizeof(uint32_t), 1, &bloom);

	return fd < 0 ? fd : 0;
}

int feature_map_create(void)
{
	static const struct bpf_map_create_opts usual = {.sz = sizeof(usual)};
	auto_close int fd = bpf_token_map_create(BPF_MAP_TYPE_ARRAY, "", sizeof(uint32_t),
						 sizeof(uint32_t), 1, &usual);

	return fd < 0 ? fd : 0;
}

static int ask_link(void)
{
	const uint32_t attr[4] = {UINT32_MAX, UINT32_MAX, BPF_CGROUP_INET_EGRESS, 0};

	return feature_call(BPF_LINK_CREATE, attr, sizeof(attr));
}

static int ask_link_update(void)
{
	const uint32_t attr[4] = {UINT32_MAX, UINT32_MAX, 0, 0};

	return feature_call(BPF_LINK_UPDATE, attr, sizeof(attr));
}

static int ask_link_detach(void)
{
	const uint32_t attr[1] = {UINT32_MAX};

	return feature_call(CMD_LINK_DETACH, attr, sizeof(attr));
}

static int ask_path_fd(void)
{
	const struct {
		uint64_t path;
		uint32_t fd, flags;
		int32_t dir_fd;
		uint32_t pad;
	} attr = {.path = (uintptr_t) "x", .flags = FLAG_PATH_FD, .dir_fd = -1};

	return feature_call(BPF_OBJ_GET, &attr, sizeof(attr));
}

static int ask_tcx(void)
{
	struct dev_query q;

	return dev_query(dev_query_kernel, LOOPBACK, DEV_QUERY_TCX_INGRESS, &q);
}

static int ask_netkit(void)
{
	struct dev_query q;
	int r = dev_query(dev_query_kernel, LOOPBACK, DEV_QUERY_NETKIT_PRIMARY, &q);

	/* The loopback is of another kind: the kernel looked. */
	return r == -ENXIO || r == -ENOENT ? 0 : r;
}

static int ask_token(void)
{
	const uint32_t attr[2] = {0, UINT32_MAX};

	return feature_call(CMD_TOKEN_CREATE, attr, sizeof(attr));
}

static int cgroup_root_open(void)
{
	auto_err err = ERR_INIT;
	char root[PATH_MAX];
	int fd;

	if (cgroup_root(root, &err) < 0)
		return -ENOENT;
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

static int ask_cgroup_unix(void)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_close int fd = cgroup_root_open();

	return fd < 0 ? fd : cgroup_fd_query(fd, TYPE_CGROUP_UNIX_CONNECT, false, &q);
}

/* The list has a revision since its order can be chosen. */
static int ask_cgroup_order(void)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_close int fd = cgroup_root_open();
	int r = fd < 0 ? fd : cgroup_fd_query(fd, BPF_CGROUP_INET_EGRESS, false, &q);

	return r == 0 && !q.revision ? -EINVAL : r;
}

static int ask_preorder(void)
{
	const uint32_t attr[5] = {UINT32_MAX, UINT32_MAX, BPF_CGROUP_INET_EGRESS,
				  BPF_F_ALLOW_MULTI | FLAG_PREORDER, 0};

	return feature_call(BPF_PROG_ATTACH, attr, sizeof(attr));
}

#define REFUSED(name, gives, probe, ask)         \
	{                                        \
		name, gives, probe, ask, -EINVAL \
	}

const struct feature features[] = {
	{"btf", "kernel functions and types by name", "/sys/kernel/btf/vmlinux is there",
	 ask_btf, -ENOENT},
	REFUSED("batch", "many elements of a map in one call",
		"BPF_MAP_LOOKUP_BATCH of no map: EBADF, not EINVAL", ask_batch),
	REFUSED("map_extra", "bloom filters",
		"BPF_MAP_CREATE of a bloom filter: not EINVAL", ask_map_extra),
	REFUSED("link", "attachments that end with their last owner",
		"BPF_LINK_CREATE of no program: EBADF, not EINVAL", ask_link),
	REFUSED("link_update", "another program behind a link that stays",
		"BPF_LINK_UPDATE of no link: EBADF, not EINVAL", ask_link_update),
	REFUSED("link_detach", "link detach",
		"BPF_LINK_DETACH of no link: EBADF, not EINVAL", ask_link_detach),
	REFUSED("path_fd", "pins without /proc",
		"BPF_OBJ_GET below no directory: EBADF, not EINVAL", ask_path_fd),
	REFUSED("tcx", "programs at devices without a qdisc",
		"BPF_PROG_QUERY of the loopback's tcx list: not EINVAL", ask_tcx),
	REFUSED("netkit", "programs of netkit devices",
		"BPF_PROG_QUERY of netkit programs: not EINVAL", ask_netkit),
	REFUSED("token", "loading in a user namespace",
		"BPF_TOKEN_CREATE of no bpffs: EBADF, not EINVAL", ask_token),
	REFUSED("cgroup_unix", "cgroup programs for unix sockets",
		"BPF_PROG_QUERY of the root's unix_connect list: not EINVAL",
		ask_cgroup_unix),
	REFUSED("cgroup_preorder", "cgroup attach preorder",
		"BPF_PROG_ATTACH of no program with BPF_F_PREORDER: EBADF, not EINVAL",
		ask_preorder),
	REFUSED("cgroup_order", "cgroup attach before and after",
		"BPF_PROG_QUERY of the root's egress list tells a revision",
		ask_cgroup_order),
};
const size_t features_nr = array_size(features);

enum feature_answer feature_ask(const struct feature *feature, int *code)
{
	*code = feature->ask();
	if (*code == 0)
		return FEATURE_YES;
	return *code == feature->no ? FEATURE_NO : FEATURE_UNKNOWN;
}

bool feature_is_missing(const char *name)
{
	int code;

	for (size_t i = 0; i < features_nr; i++)
		if (strcmp(features[i].name, name) == 0)
			return feature_ask(&features[i], &code) == FEATURE_NO;
	return false;
}

bool feature_no_map_type(uint32_t type)
{
	/* What else may be wrong, such as a right or memory, has another errno. */
	return libbpf_probe_bpf_map_type((enum bpf_map_type)type, NULL) == 0 &&
	       errno == EINVAL;
}
