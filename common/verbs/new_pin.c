/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/pin_txn.h"
#include "verbs/new_pin.h"

static int ensure_mount(const struct tool *tool, struct pin_txn *txn, const char *path,
			struct err *err)
{
	char mnt[PATH_MAX];
	size_t n;

	bpffs_mount_point(mnt);
	n = strlen(mnt);
	if (strncmp(path, mnt, n) != 0 || (path[n] && path[n] != '/') || bpffs_is(mnt))
		return 0;
	if (tool->no_mount)
		return err_say(
			err, -ENOENT,
			"no BPF file system found, not mounting it due to --nomount option");
	return pin_txn_mnt(txn, tool->share.mount_bpffs, err) ? 0 : err->code;
}

int new_pin_check(const struct tool *tool, struct pin_txn *txn, const char *path,
		  struct err *err)
{
	const char *slash = strrchr(path, '/');
	int r = ensure_mount(tool, txn, path, err);

	if (r < 0)
		return r;
	if (bpffs_exists(path))
		return err_set(err, -EEXIST, "can't pin the object (%s)", path);
	/* bpffs keeps names with dots for itself. */
	if (strchr(slash ? slash + 1 : path, '.'))
		return err_set(err, -EPERM, "can't pin the object (%s)", path);
	return bpffs_check_target(path, err);
}

int new_pin_make(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		 struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : NULL;
	int r = dir && *dir ? pin_txn_mkdir(txn, dir, err) : 0;

	if (r < 0)
		return r;
	r = pin_txn_pin(txn, fd, map_id, path, err);
	if (r == -EEXIST)
		return err_set(err, r, "can't pin the object (%s)", path);
	if (r < 0)
		return r;
	pin_txn_commit(txn);
	return 0;
}

void new_pin_txn_free(struct pin_txn **txn)
{
	pin_txn_free(*txn);
}
