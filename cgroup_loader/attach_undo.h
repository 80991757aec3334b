/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program attached directly to many cgroups, all or none: remembers what each list
 * was, and puts it back unless told that all went well.
 */
#ifndef CGROUP_LOADER_ATTACH_UNDO_H
#define CGROUP_LOADER_ATTACH_UNDO_H

#include <stdbool.h>
#include <stddef.h>

#include "attach_again.h"
#include "kernel/cgroup_fd.h"

struct attach_step {
	const char *path; /* borrowed */
	int before_fd;    /* owned: what was in this place; -1: nothing */
	bool swapped;     /* in a multi list */
	bool unchanged;   /* the program was there already */
};

/* type, prog_fd and opts are the caller's and outlive the steps. */
struct attach_undo {
	const struct attach_type *type;
	int prog_fd;
	const struct cgroup_attach_opts *opts;
	bool alone;                /* the one step there is: nothing can fail behind it */
	struct attach_step *steps; /* owned */
	size_t nr;
};

/*
 * Attaches to one more, as again says; path outlives the undo. What is evicted has to be
 * kept open, so that it can come back: an error if that cannot be done. -ESTALE: what
 * again saw is out of date.
 */
int attach_undo_add(struct attach_undo *u, const char *path, const struct again *again,
		    struct err *err) must_check;

/* Everything stays. */
void attach_undo_forget(struct attach_undo *u);

/* Takes back what was not forgotten, the latest first. */
void attach_undo_release(struct attach_undo *u);

#endif
