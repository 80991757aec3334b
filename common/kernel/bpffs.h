/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF file system: where it is, what may be made in it. Mounting happens only in
 * bpffs_find(), under its two conditions, and is said on stderr.
 */
#ifndef KERNEL_BPFFS_H
#define KERNEL_BPFFS_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct stat;

/* As realpath(3), in the caller's form also where the caller's bpffs stands in. -errno. */
int bpffs_real(const char *path, char ret[PATH_MAX]) must_check;

/*
 * By statfs magic, 0xcafe4a11. 1: path is on one; 0: it is not, or is absent; -errno: that
 * cannot be told, and nobody may take it for either.
 */
int bpffs_at(const char *path) must_check;
int bpffs_look(const char *path,
	       struct stat *ret) must_check; /* the same, with stat(2) */
bool bpffs_is(const char *path);             /* it is on one, as far as can be told */
/* Which one is at MNT, as a device number; 0: none. */
int bpffs_device(uint64_t *ret, struct err *err) must_check;
/*
 * The directory of path may be looked into and is on no bpffs. False where the directory may
 * not be entered: nothing is known of it then, and -EACCES means just that.
 */
bool bpffs_is_outside(const char *path);
/* On a bpffs, or its root: a place for pins, and none itself. */
bool bpffs_is_folder(const char *path);
int bpffs_stat(const char *path, struct stat *ret) must_check; /* of a path below one */

/* As access(2) F_OK, also of other paths. 1; 0: nothing is there; -errno: nobody knows. */
int bpffs_there(const char *path) must_check;
bool bpffs_exists(const char *path); /* something is there, as far as can be told */

/*
 * MNT = $TC_BPF_MNT (secure_getenv; slashes at the end cut), else /sys/fs/bpf. If that is
 * no bpffs, the caller's stands in for /sys/fs/bpf where a tool allows it
 * (kernel/caller_ns.h). Otherwise, when it is an empty directory, it is mounted there
 * (mode 0700), which is said; *mounted tells. In a mount namespace other than PID 1's that
 * is a warning, since pins go with it, unless may_mount (--mount-bpffs). Else -ENOENT with
 * the bpffs mounts that exist and the ways out (mount -t bpf ... MNT, and inside `ip netns
 * exec`: -n NETNS from outside). Another mount is never chosen.
 */
int bpffs_find(char ret[PATH_MAX], bool may_mount, bool *mounted,
	       struct err *err) must_check;
/* Would bpffs_find() mount on mnt? Changes nothing. */
bool bpffs_would_mount(const char *mnt);
/* mnt is no bpffs, and what is mounted there would be seen in this mount namespace only. */
bool bpffs_mount_is_private(const char *mnt);
/* Only the path, nothing checked, nothing mounted. */
void bpffs_mount_point(char ret[PATH_MAX]);
/* Take back what bpffs_find() mounted in this process, unless something is in it. */
void bpffs_unmount(const char *mnt);

/* fn for every bpffs in /proc/self/mountinfo, in order; a non-zero return ends the walk. */
int bpffs_each_mount(int (*fn)(const char *path, void *ctx), void *ctx);

/*
 * fn for every pin (regular file) below dir, in directory order, with subdirectories; its
 * non-zero return ends the walk. Directories that cannot be read are passed over, and the
 * first one's -errno is returned in the end.
 */
int bpffs_each_pin(const char *dir, int (*fn)(const char *path, void *ctx), void *ctx);

/*
 * The same for pins of these names alone. Directories that have none below are not read: each
 * name is asked there.
 */
int bpffs_each_pin_named(const char *dir, const char *const *names, size_t nr,
			 int (*fn)(const char *path, void *ctx), void *ctx);

/*
 * Is path, or its nearest existing parent, on a bpffs? -EINVAL "…is not on a BPF file
 * system" otherwise; PIN_DIR_REFUSED as in kernel/pin_dir.h. Asked before anything is
 * loaded.
 */
int bpffs_check_target(const char *path, struct err *err) must_check;

#endif
