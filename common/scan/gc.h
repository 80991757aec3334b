/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins that nobody uses any more, below MNT/tc: found, and removed under the lock of
 * their directory. Loaders of this project hold that lock from their first look at a pin
 * until the program is attached, so a pin is taken or removed, never both; what a stock
 * loader takes in the same moment is pinned again.
 *
 * An idle pin in a shared directory may be somebody's state: only who names it may remove
 * it. Kept prog arrays (load/keep.h) are ours.
 */
#ifndef SCAN_GC_H
#define SCAN_GC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/idle_pins.h"

struct gc_opts {
	const char *
		pin_root; /* --pin-root: pins below it may be removed too; NULL, "none" */
	bool force_unseen; /* --force-unseen: processes that cannot be seen hold nothing */
};

/*
 * Every pin below MNT/tc/globals, the object directories, MNT/tc/keep and --pin-root that no
 * attached program and no visible process uses, and the pins of severed links, wherever
 * they are; mark tells what else keeps it from being removed. What could not be seen is in
 * ret->hidden. ret needs idle_pins_release().
 */
int gc_list(const struct gc_opts *opts, struct idle_pins *ret,
	    struct err *err) must_check;

/*
 * Removes the pins that are named, all or none, and the object and keep directories
 * emptied by that; ret has what was removed. A pin that is exchanged for another while its
 * users are looked up is left. -EINVAL: not a pin, or outside of those places. -EBUSY:
 * somebody uses it; -EPERM: it cannot be told.
 */
int gc_delete_named(const struct gc_opts *opts, char *const *paths, size_t nr,
		    struct idle_pins *ret, struct err *err) must_check;

/*
 * Removes kept prog arrays of programs that are attached nowhere, and which nobody else
 * uses. -EPERM: of some, which stay, it cannot be told; ret has what was removed all the
 * same.
 */
int gc_delete_kept(const struct gc_opts *opts, struct idle_pins *ret,
		   struct err *err) must_check;

/*
 * The same after these programs were detached a moment ago, which may be on their way out:
 * they are waited for. What this process has open is no use. Of theirs that stay because
 * somebody may attach them again, who has them open, a remark says so: nothing tells when
 * they are not needed any more.
 */
int gc_drop_kept(const uint32_t *programs, size_t nr, struct err *err) must_check;

#endif
