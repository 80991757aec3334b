/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tail calls that outlive the loader. The kernel empties a prog array when the last pin
 * or open file of it goes, although attached programs still use it. So what an attached
 * program needs and nobody pins is pinned for it:
 *
 *	MNT/tc/keep/PROGRAM/NAME
 *
 * and goes when that program is attached nowhere any more (load/keep_watch.h).
 */
#ifndef LOAD_KEEP_H
#define LOAD_KEEP_H

#include <stdbool.h>

#include "base/err.h"

struct object;
struct object_program;

/*
 * After object_load(), before prog is attached: pins its prog arrays as part of the
 * object's all-or-nothing, under the lock that scan/gc.h takes. Where bpffs is missing
 * or closed to us nothing is pinned, and object_keep() warns. What cannot be found out, for
 * whatever reason, is an error: nothing is attached that would lose its tail calls.
 * may_mount: --mount-bpffs.
 */
int keep_prog_arrays(struct object *obj, const struct object_program *prog,
		     bool may_mount, struct err *err) must_check;

#endif
