/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/features.h"
#include "kernel/bpf_fd.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"

/* struct bpf_link_info as of Linux 6.18; shorter kernels leave the tail zero. */
struct raw_info {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint32_t attach_type, target_obj_id, target_btf_id;
		} tracing;
		struct {
			uint64_t cgroup_id;
			uint32_t attach_type;
		} cgroup;
		struct {
			uint32_t netns_ino, attach_type;
		} second; /* netns; sockmap, with map_id in front */
		struct {
			uint64_t target_name;
			uint32_t target_name_len, map_id;
		} iter;
		struct {
			uint32_t map_id;
		} struct_ops;
		struct {
			uint32_t ifindex, attach_type;
		} device; /* xdp has no attach type */
		uint64_t room[8];
	};
};

/* enum bpf_attach_type of links that carry none in their info */
enum {
	TYPE_TRACE_ITER = 28,
	TYPE_XDP = 37,
	TYPE_PERF_EVENT = 41,
	TYPE_KPROBE_MULTI = 42,
	TYPE_STRUCT_OPS = 44,
	TYPE_NETFILTER = 45,
	TYPE_UPROBE_MULTI = 48,
};

int link_fd_by_id(uint32_t id)
{
	int fd = bpf_link_get_fd_by_id(id);

	return fd < 0 ? -errno : fd;
}

int link_fd_by_pin(const char *path)
{
	return bpf_fd_by_pin(path, BPF_FD_LINK);
}

static void link_fd_set_type(struct link_fd_info *info, uint32_t attach_type)
{
	info->has_attach_type = true;
	info->attach_type = attach_type;
}

static void read_place(struct link_fd_info *info, const struct raw_info *raw)
{
	static const uint8_t stands_for[] = {
		[LINK_FD_ITER] = TYPE_TRACE_ITER,
		[LINK_FD_XDP] = TYPE_XDP,
		[LINK_FD_PERF_EVENT] = TYPE_PERF_EVENT,
		[LINK_FD_KPROBE_MULTI] = TYPE_KPROBE_MULTI,
		[LINK_FD_STRUCT_OPS] = TYPE_STRUCT_OPS,
		[LINK_FD_NETFILTER] = TYPE_NETFILTER,
		[LINK_FD_UPROBE_MULTI] = TYPE_UPROBE_MULTI,
	};

	switch (info->type) {
	case LINK_FD_TRACING:
		link_fd_set_type(info, raw->tracing.attach_type);
		info->target_obj_id = raw->tracing.target_obj_id;
		info->target_btf_id = raw->tracing.target_btf_id;
		return;
	case LINK_FD_CGROUP:
		link_fd_set_type(info, raw->cgroup.attach_type);
		info->cgroup_id = raw->cgroup.cgroup_id;
		return;
	case LINK_FD_NETNS:
		info->netns_ino = raw->second.netns_ino;
		link_fd_set_type(info, raw->second.attach_type);
		return;
	case LINK_FD_SOCKMAP:
		info->map_id = raw->second.netns_ino;
		link_fd_set_type(info, raw->second.attach_type);
		return;
	case LINK_FD_TCX:
	case LINK_FD_NETKIT:
		link_fd_set_type(info, raw->device.attach_type);
		info->ifindex = raw->device.ifindex;
		return;
	case LINK_FD_XDP:
		info->ifindex = raw->device.ifindex;
		break;
	case LINK_FD_ITER:
		info->map_id = raw->iter.map_id;
		break;
	case LINK_FD_STRUCT_OPS:
		info->map_id = raw->struct_ops.map_id;
		break;
	}
	if (info->type < array_size(stands_for) && stands_for[info->type])
		link_fd_set_type(info, stands_for[info->type]);
}

int link_fd_info(int fd, struct link_fd_info *ret)
{
	struct raw_info raw;
	uint32_t size = sizeof(raw);

	memset(&raw, 0, sizeof(raw));
	if (bpf_obj_get_info_by_fd(fd, &raw, &size) < 0)
		return -errno;
	*ret = (struct link_fd_info){
		.id = raw.id, .type = raw.type, .prog_id = raw.prog_id};
	read_place(ret, &raw);
	return 0;
}

bool link_fd_is_dead(const struct link_fd_info *info)
{
	switch (info->type) {
	case LINK_FD_CGROUP:
		return info->cgroup_id == 0;
	case LINK_FD_NETNS:
		return info->netns_ino == 0;
	case LINK_FD_SOCKMAP:
		return info->map_id == 0;
	case LINK_FD_XDP:
	case LINK_FD_TCX:
	case LINK_FD_NETKIT:
		return info->ifindex == 0;
	default:
		return false;
	}
}

/* Of the kernel or of a module. */
static bool link_fd_btf_is_kernel(uint32_t id)
{
	struct bpf_btf_info btf;
	uint32_t size = sizeof(btf);
	auto_close int fd = bpf_btf_get_fd_by_id(id);

	memset(&btf, 0, sizeof(btf));
	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &btf, &size) == 0 && btf.kernel_btf;
}

/* target_obj_id is a program's or a BTF's: bpf_trampoline_compute_key() of Linux. */
uint32_t link_fd_target(const struct link_fd_info *info)
{
	struct bpf_prog_info prog;
	auto_close int fd = -1;

	if (info->type != LINK_FD_TRACING || !info->target_obj_id)
		return 0;
	fd = prog_fd_by_id(info->prog_id);
	if (fd < 0 || prog_fd_info(fd, &prog) < 0 || prog.type == BPF_PROG_TYPE_EXT)
		return info->target_obj_id;
	return prog.attach_btf_obj_id == info->target_obj_id &&
			       link_fd_btf_is_kernel(info->target_obj_id)
		       ? 0
		       : info->target_obj_id;
}

int link_fd_detach(int fd)
{
	return bpf_link_detach(fd) < 0 ? -errno : 0;
}

int link_fd_update(int fd, int prog_fd, int old_prog_fd)
{
	LIBBPF_OPTS(bpf_link_update_opts, opts);

	if (old_prog_fd >= 0) {
		opts.flags = BPF_F_REPLACE;
		opts.old_prog_fd = (uint32_t)old_prog_fd;
	}
	return bpf_link_update(fd, prog_fd, &opts) < 0 ? -errno : 0;
}

struct each {
	int (*fn)(int fd, const struct link_fd_info *info, void *ctx);
	void *ctx;
};

static int link_fd_each_with_info(uint32_t id, int fd, void *ctx)
{
	const struct each *each = ctx;
	struct link_fd_info info;
	int r = link_fd_info(fd, &info);

	(void)id;
	return r < 0 ? r : each->fn(fd, &info, each->ctx);
}

int link_fd_each(int (*fn)(int fd, const struct link_fd_info *info, void *ctx), void *ctx)
{
	struct each each = {.fn = fn, .ctx = ctx};

	return bpf_fd_each(bpf_link_get_next_id, link_fd_by_id, link_fd_each_with_info,
			   &each);
}

int link_fd_explain_update(int code, int link_fd, int prog_fd, int old_prog_fd,
			   struct err *err)
{
	struct bpf_prog_info now = {.id = 0}, wanted = {.id = 0}, old = {.id = 0};
	auto_close int now_fd = -1;
	struct link_fd_info info;

	if (code == -ENOLINK)
		return err_say(
			err, code,
			"the link is detached, or its cgroup was removed: nothing to update");
	if (code == -EINVAL && feature_is_missing("link_update"))
		return err_say(
			err, code,
			"this kernel cannot exchange the program of a link; 'feature' lists what it gives");
	if (link_fd_info(link_fd, &info) == 0)
		now_fd = prog_fd_by_id(info.prog_id);
	if (now_fd < 0 || prog_fd_info(now_fd, &now) < 0 ||
	    prog_fd_info(prog_fd, &wanted) < 0)
		return err_set(err, code, "update the link");
	if (code == -EPERM && old_prog_fd >= 0 && prog_fd_info(old_prog_fd, &old) == 0 &&
	    old.id != now.id)
		return err_say(
			err, code,
			"the link has program id %u '%s', not program id %u, the one to be replaced",
			now.id, now.name, old.id);
	if (code == -EINVAL && now.type != wanted.type)
		return err_say(
			err, code,
			"the link has program id %u '%s' of another type than program id %u '%s'",
			now.id, now.name, wanted.id, wanted.name);
	return err_set(err, code, "update the link");
}

int link_fd_on_dev(int prog_fd, int ifindex, uint32_t attach_type)
{
	int fd = bpf_link_create(prog_fd, ifindex, (enum bpf_attach_type)attach_type,
				 NULL);

	return fd < 0 ? -errno : fd;
}
