/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tail calls that outlive the loader. The kernel empties a prog array when the last pin
 * or open file of it goes, although attached programs still use it. So what an attached
 * program needs and nobody pins is pinned for it:
 *
 *	MNT/tc/keep/PROGRAM/NAME
 *
 * and goes when that program is attached nowhere any more, pinned nowhere, open in no
 * process: who has it open may attach it again. A program in a slot of its own array keeps
 * itself alive: that it exists does not count. Whoever detaches asks what goes before, and
 * drops it after:
 *
 *	struct keep_watch w = KEEP_WATCH_INIT;
 *	if (keep_is_used())
 *		... keep_watch_add(&w, id) for every program that may go
 *	... detach ...
 *	keep_watch_drop(&w);
 */
#ifndef LOAD_KEEP_H
#define LOAD_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Is anything kept at all? Spares the question which programs are about to go. */
bool keep_is_used(void);

/* Programs with kept arrays that a command may be about to detach. */
struct keep_watch {
	uint32_t *programs; /* owned */
	size_t nr;
	bool look; /* whatever the list says */
};

#define KEEP_WATCH_INIT          \
	{                        \
		.programs = NULL \
	}
#define auto_keep_watch auto_release(keep_watch_release) struct keep_watch

/* A program for which nothing is kept is passed over. */
void keep_watch_add(struct keep_watch *w, uint32_t program);
/*
 * A command that found nothing to detach may be the rerun of one that was killed behind its
 * detaching: the drop then looks although no program is listed.
 */
void keep_watch_look(struct keep_watch *w);
/*
 * Where one of those may have gone, or a program of a kept array is gone, whoever took it
 * away: drops whatever is kept for programs that nobody uses by now. Where that cannot be
 * told it stays, and a remark names `share gc`.
 */
void keep_watch_drop(struct keep_watch *w);
void keep_watch_release(struct keep_watch *w);

#endif
