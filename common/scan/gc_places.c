/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "kernel/bpffs.h"
#include "scan/gc_private.h"

int gc_find_places(struct gc_places *ret, const struct gc_opts *opts, struct err *err)
{
	const char *root = opts ? opts->pin_root : NULL;
	char mnt[PATH_MAX];
	int r;

	bpffs_mount_point(mnt);
	ret->root[0] = '\0';
	r = bpffs_at(mnt);
	if (r == 0)
		return err_say(err, -ENOENT, "'%s' is not a BPF file system", mnt);
	if (r > 0)
		r = bpffs_real(mnt, ret->mnt);
	if (r < 0)
		return err_set(err, r, "'%s'", mnt);
	if (!root || strcmp(root, "none") == 0)
		return 0;
	r = bpffs_real(root, ret->root);
	return r < 0 ? err_set(err, r, "--pin-root '%s'", root) : 0;
}

enum idle_place gc_place_of(const struct gc_places *places, const char *path,
			    uint32_t *program)
{
	enum idle_place place = idle_place_of(places->mnt, path, program);

	if (place == IDLE_NOWHERE && places->root[0] &&
	    idle_pins_below(path, places->root))
		return IDLE_ROOT;
	return place;
}
