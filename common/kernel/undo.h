/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The journal of one command: everything it makes in the kernel is pushed here together
 * with the way back, and unless the command commits, all of it is taken back, newest first.
 * One journal serves pins, directories, mounts, map slots, cgroup attachments, filters and
 * qdiscs alike, so that "all or nothing" holds across them.
 *
 *	auto_undo *u = undo_new();
 *
 *	record = pin_record(path);
 *	undo_reserve(u);
 *	r = make_pin(path);
 *	if (r == 0)
 *		undo_push(u, unpin, record, free);
 *	...
 *	undo_commit(u);		without it undo_free() runs unpin()
 *
 * Locks are held past everything else: whoever waits for one finds either all of this
 * command's work or none of it.
 */
#ifndef KERNEL_UNDO_H
#define KERNEL_UNDO_H

#include <stddef.h>

#include "base/err.h"

struct pin_locks;
struct undo;

/*
 * Takes one step back. It must look before it removes: what is no longer what this command
 * made belongs to somebody else, and is left alone with 0. -errno with err filled when the
 * step could not be taken; the steps before it are still tried.
 */
typedef int (*undo_fn)(void *data, struct err *err);

/* An empty journal, the caller's to free. */
struct undo *undo_new(void);

/*
 * Room for the next step: called before the step is done, after everything else that
 * remembering it takes was allocated, so that what was done can be remembered for sure. From
 * the first one on the journal holds some descriptors that it lets go of to take steps back:
 * a command that has reached its RLIMIT_NOFILE can still do that.
 */
void undo_reserve(struct undo *u);

/* The deepest step: the way to a pin, its object, a netns left and entered, a socket. */
enum { UNDO_SPARES = 12 };

/*
 * Those descriptors held once for all journals of this thread, from share to end: each line of
 * a batch has a journal of its own. The struct is the caller's, scopes of it may nest.
 */
struct undo_spares {
	struct undo_spares *outer;
	int nr;
	int fds[UNDO_SPARES];
};

void undo_spares_share(struct undo_spares *spares);
void undo_spares_end(struct undo_spares *spares);

/*
 * Remembers one step. data is the journal's from here on: drop(data) is called once the step
 * was taken back or committed; NULL: data is borrowed and outlives the journal.
 */
void undo_push(struct undo *u, undo_fn fn, void *data, void (*drop)(void *data));

/* Directories that are locked until the last step is done, however it ends; the journal's. */
struct pin_locks *undo_locks(struct undo *u);

/* How many steps there are: for undo_rewind(). */
size_t undo_depth(const struct undo *u);

/*
 * Takes back the steps pushed since depth, newest first. Returns 0, or the first failure's
 * -errno with err filled; later failures are warnings. In a process that was forked since
 * undo_new() nothing is taken back, and the steps are forgotten: they are the parent's.
 */
int undo_rewind(struct undo *u, size_t depth, struct err *err) must_check;

/* Everything stays; locks are released. The journal may be used again. */
void undo_commit(struct undo *u);

/* Takes back what was not committed, each failure a warning, then releases the locks.
 * Takes NULL. */
void undo_free(struct undo *u);

#define auto_undo auto_release(undo_freep) struct undo
/* For auto_undo. */
void undo_freep(struct undo **u);

#endif
