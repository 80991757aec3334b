/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "load/new_pin.h"
#include "load/placement.h"

int new_pin_check_mount(const struct share_opts *opts, struct err *err)
{
	char mnt[PATH_MAX];
	int r;

	if (!opts->no_mount)
		return 0;
	bpffs_mount_point(mnt);
	r = bpffs_at(mnt);
	if (r < 0)
		return err_set(err, r, "'%s'", mnt);
	if (r)
		return 0;
	/* bpftool's words. */
	return err_say(
		err, -ENOENT,
		"no BPF file system found, not mounting it due to --nomount option");
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || !path[n]);
}

static int new_pin_mount(struct pin_txn *txn, const struct share_opts *opts,
			 const char *path, struct err *err)
{
	char mnt[PATH_MAX];
	int r;

	bpffs_mount_point(mnt);
	if (!is_below(path, mnt) || bpffs_is(mnt))
		return 0;
	r = new_pin_check_mount(opts, err);
	if (r < 0)
		return r;
	return pin_txn_mnt(txn, opts->mount_bpffs, err) ? 0 : err->code;
}

int new_pin_check(struct pin_txn *txn, const struct share_opts *opts, const char *path,
		  struct err *err)
{
	const char *slash = strrchr(path, '/');
	int r = new_pin_mount(txn, opts, path, err);

	if (r < 0)
		return r;
	if (slash && !slash[1])
		return err_say(err, -EINVAL, "pin '%s': a name must follow the last '/'",
			       path);
	if (!bpffs_exists(path))
		pin_dir_recover(path);
	if (bpffs_exists(path) && !bpffs_is_outside(path)) {
		err_set(err, -EEXIST, "pin '%s'", path);
		return err_hint(err, bpffs_is_folder(path)
					     ? "it is a directory; name the new pin in it"
					     : "name another path, or remove that pin");
	}
	/* bpffs keeps names with dots for itself (EPERM). */
	if (strchr(slash ? slash + 1 : path, '.'))
		return err_say(err, -EPERM,
			       "pin '%s': names in bpffs may not contain a dot", path);
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
	return r == -EEXIST ? err_set(err, r, "pin '%s'", path) : r;
}
