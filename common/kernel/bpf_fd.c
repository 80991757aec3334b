/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "kernel/bpf_fd.h"
#include "kernel/caller_ns.h"

enum bpf_fd_kind bpf_fd_kind_of_link(const char *target)
{
	if (strcmp(target, "anon_inode:bpf-map") == 0)
		return BPF_FD_MAP;
	if (strcmp(target, "anon_inode:bpf-prog") == 0)
		return BPF_FD_PROG;
	/* Kernels wrote it both ways. */
	if (strcmp(target, "anon_inode:bpf-link") == 0 ||
	    strcmp(target, "anon_inode:bpf_link") == 0)
		return BPF_FD_LINK;
	return BPF_FD_UNKNOWN;
}

/* A batch of no elements: 0, or -EOPNOTSUPP from types without batches. -EBADF: it is closed. */
static int bpf_fd_read_none(int fd)
{
	enum { KERNEL_ENOTSUPP = 524 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = (uint32_t)fd;
	if (syscall(__NR_bpf, BPF_MAP_LOOKUP_BATCH, &attr, sizeof(attr)) == 0)
		return 0;
	return errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
}

/* With no map: -EBADF for a program, -EINVAL for all that is open and none. Since Linux 5.10. */
static int bpf_fd_bind_none(int fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_bind_map.prog_fd = (uint32_t)fd;
	attr.prog_bind_map.map_fd = UINT32_MAX;
	return syscall(__NR_bpf, BPF_PROG_BIND_MAP, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/*
 * Two calls that do nothing, and that a map or a program alone answers so: for a name in /proc the
 * kernel makes inodes, which takes it fifty times as long. UNKNOWN: they say nothing.
 */
static enum bpf_fd_kind bpf_fd_kind_asked(int fd)
{
	int r = bpf_fd_read_none(fd);

	if (r == 0 || r == -EOPNOTSUPP)
		return BPF_FD_MAP;
	if (r == -EINVAL && bpf_fd_bind_none(fd) == -EBADF)
		return BPF_FD_PROG;
	return BPF_FD_UNKNOWN;
}

static bool bpf_fd_is_neither(int fd)
{
	return bpf_fd_read_none(fd) == -EINVAL && bpf_fd_bind_none(fd) == -EINVAL;
}

int bpf_fd_kind_read(int fd, enum bpf_fd_kind *ret)
{
	char path[64], target[64];
	ssize_t n;

	*ret = bpf_fd_kind_asked(fd);
	if (*ret != BPF_FD_UNKNOWN)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	/* Without /proc the descriptor is there all the same. */
	if (n < 0)
		return errno == ENOENT ? -EIO : -errno;
	target[n] = '\0';
	*ret = bpf_fd_kind_of_link(target);
	return 0;
}

enum bpf_fd_kind bpf_fd_kind(int fd)
{
	enum bpf_fd_kind kind;

	return bpf_fd_kind_read(fd, &kind) < 0 ? BPF_FD_UNKNOWN : kind;
}

const char *bpf_fd_kind_name(enum bpf_fd_kind kind)
{
	switch (kind) {
	case BPF_FD_MAP:
		return "map";
	case BPF_FD_PROG:
		return "program";
	case BPF_FD_LINK:
		return "link";
	default:
		return "object";
	}
}

int bpf_fd_expect(int opened, enum bpf_fd_kind want)
{
	auto_close int fd = opened;
	enum bpf_fd_kind kind;
	int r;

	if (fd < 0 || want == BPF_FD_UNKNOWN)
		return take_fd(&fd);
	r = bpf_fd_kind_read(fd, &kind);
	/* Without /proc: of what has pins only links are neither. */
	if (r == -EIO)
		return want == BPF_FD_LINK && bpf_fd_is_neither(fd) ? take_fd(&fd) : -EIO;
	if (r < 0)
		return r;
	return kind == want ? take_fd(&fd) : -EMEDIUMTYPE;
}

int bpf_fd_by_pin(const char *path, enum bpf_fd_kind want)
{
	char real[PATH_MAX];
	int fd = bpf_obj_get(caller_ns_path(path, real));

	return bpf_fd_expect(fd < 0 ? -errno : fd, want);
}

/* libbpf has no flags for it before 1.2. */
static int pin_get_read_only(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uint64_t)(uintptr_t)path;
	attr.file_flags = BPF_F_RDONLY;
	return (int)syscall(__NR_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
}

int bpf_fd_by_pin_to_read(const char *path, enum bpf_fd_kind want)
{
	int fd = bpf_fd_by_pin(path, want), refused = fd;

	if (fd != -EACCES && fd != -EROFS)
		return fd;
	/* Links know no such opening: EINVAL. */
	fd = pin_get_read_only(path);
	return bpf_fd_expect(fd < 0 ? refused : fd, want);
}

bool bpf_fd_is_no_pin(const char *path, int result)
{
	char real[PATH_MAX];
	const char *at = caller_ns_path(path, real);
	struct statfs fs;
	struct stat st;

	if (result != -EACCES || faccessat(AT_FDCWD, at, R_OK | W_OK, AT_EACCESS) != 0 ||
	    stat(at, &st) < 0 || statfs(at, &fs) < 0)
		return false;
	/* Every file of a BPF file system is a pin: a policy keeps that one from us. */
	return (uint32_t)fs.f_type != BPF_FS_MAGIC || !S_ISREG(st.st_mode);
}

void bpf_fd_say_lost_name(const char *kind, const char *name, const char *kernel_name)
{
	if (name[0] && !kernel_name[0])
		log_warn(
			"%s '%s' is made without its name: libbpf's probe for names failed",
			kind, name);
}

int bpf_fd_id(int fd, uint32_t *ret)
{
	/* type and id are the first two words of every info. */
	union {
		struct bpf_map_info map;
		struct bpf_prog_info prog;
		struct bpf_link_info link;
		uint32_t words[2];
	} info;
	uint32_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return -errno;
	*ret = info.words[1];
	return 0;
}

int bpf_fd_each(int (*next)(uint32_t start, uint32_t *id), int (*by_id)(uint32_t id),
		int (*fn)(uint32_t id, int fd, void *ctx), void *ctx)
{
	uint32_t id = 0;

	for (;;) {
		auto_close int fd = -1;
		int r;

		if (next(id, &id) < 0)
			return errno == ENOENT ? 0 : -errno;
		fd = by_id(id);
		/* Gone meanwhile, or a link that is just being made. */
		if (fd == -ENOENT || fd == -EAGAIN)
			continue;
		if (fd < 0)
			return fd;
		r = fn(id, fd, ctx);
		if (r != 0)
			return r;
	}
}
