/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pin_way.h"

enum { WAY_DEPTH = 32 };

/*
 * The file systems seen last. A number means another one only after an unmount, which takes who
 * may mount: nobody that pins are guarded from.
 */
static __thread struct way_seen {
	dev_t bpffs, above;
} way_seen;

static bool way_is_bpffs(int fd, dev_t dev)
{
	struct statfs fs;

	if (dev == way_seen.bpffs && dev)
		return true;
	if (fstatfs(fd, &fs) < 0 || (uint32_t)fs.f_type != BPF_FS_MAGIC)
		return false;
	way_seen.bpffs = dev;
	return true;
}

/* What a bpffs is mounted on is not another one, whose directories would count as well. */
static bool way_ends_at(int fd, const char *above, dev_t dev)
{
	auto_close int dir = -1;
	struct statfs fs;

	if (dev == way_seen.above && dev)
		return true;
	dir = openat(fd, above, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstatfs(dir, &fs) < 0 || (uint32_t)fs.f_type == BPF_FS_MAGIC)
		return false;
	way_seen.above = dev;
	return true;
}

bool pin_way_owner_is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

bool pin_way_mode_is_trusted(const struct stat *st, bool root)
{
	return !(st->st_mode & 022) || (root && st->st_mode & S_ISVTX);
}

static bool way_is_open_to_us(int fd, struct stat st, bool *ret_shared_root)
{
	char up[WAY_DEPTH * sizeof("/..")] = "..";

	for (int depth = 0; depth < WAY_DEPTH - 1; depth++) {
		struct stat above;
		bool root;

		if (fstatat(fd, up, &above, AT_SYMLINK_NOFOLLOW) < 0)
			return false;
		root = above.st_dev != st.st_dev || above.st_ino == st.st_ino;
		if (!pin_way_owner_is_trusted(&st) || !pin_way_mode_is_trusted(&st, root))
			return false;
		if (depth == 0)
			*ret_shared_root = root && st.st_mode & 022;
		if (root)
			return above.st_dev == st.st_dev ||
			       way_ends_at(fd, up, above.st_dev);
		st = above;
		strcat(up, "/..");
	}
	return false;
}

bool pin_way_open(const char *dir, struct pin_way *ret)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	auto_close int fd = -1;
	struct stat st;

	/* Where a step back is in it, what was gone through does not lie above. */
	if (strstr(dir, ".."))
		return false;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how));
	if (fd < 0 || fstat(fd, &st) < 0 || !way_is_bpffs(fd, st.st_dev) ||
	    !way_is_open_to_us(fd, st, &ret->shared_root))
		return false;
	ret->dev = st.st_dev;
	ret->fd = take_fd(&fd);
	return true;
}
