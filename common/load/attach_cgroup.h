/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program to one cgroup or to many, all or none: a look at every place first, so that
 * a refusal costs nothing, then the attachments that are missing, each a step of the
 * command's journal.
 */
#ifndef LOAD_ATTACH_CGROUP_H
#define LOAD_ATTACH_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text_set.h"
#include "kernel/cgroup_find.h"
#include "kernel/cgroup_links.h"
#include "kernel/pin_taken.h"
#include "load/attach_again.h"

struct cgroup_attach_opts;
struct cgroup_near;
struct object_program;
struct pin_txn;

struct attach_cgroup {
	/* Borrowed; set by the caller. The program and opts outlive the journal. */
	const struct cgroup_attach_opts *opts;
	const struct cgroup_paths *cgroups;
	const char *root;       /* what all of them are below; NULL: there is one */
	const char *link_pin;   /* by a link, pinned there or below; NULL: directly */
	struct again_want want; /* what */
	struct object *obj;     /* it was loaded from; NULL: it came from no object */
	const struct object_program *prog; /* in that object */
	struct pin_txn *txn;               /* whose journal it is */
	bool may_mount;                    /* --mount-bpffs */
	bool last;                         /* nothing can fail behind it */
	uint64_t
		id; /* what a path has to be by now, where it was looked at before; 0: any */
	bool is_open;
	struct cgroup_near *near; /* while many are attached to; else NULL */
	int fd; /* if it is: the one cgroup, which is asked for by its path otherwise */

	/* Owned; by attach_cgroup_look(). */
	struct again *found;           /* one for each cgroup */
	char **pins;                   /* of links, one for each cgroup */
	struct text_set names, chosen; /* of cgroups below the root; pins */
	struct pin_taken taken;
	struct cgroup_links links;
	size_t nr_missing; /* how many are not AGAIN_SAME */
};

/* What is there already; fills the rows and nr_missing. Changes nothing. */
int attach_cgroup_look(struct attach_cgroup *at, struct err *err) must_check;

/*
 * What is missing, and before it the prog arrays that an object's program needs
 * (load/keep.h). Ends with -EINTR when a signal waits (kernel/stop_hold.h); what was done
 * is taken back at once then, as on any failure.
 */
int attach_cgroup_run(struct attach_cgroup *at, struct err *err) must_check;

/* May a program that is there go with it? Not from a list of many, unless that is said. */
bool attach_cgroup_displaces(const struct attach_cgroup *at);

/* Nothing is behind it that could fail: once it is attached it stays, with no way back. */
static inline bool attach_cgroup_ends_all(const struct attach_cgroup *at)
{
	return at->last && at->cgroups->nr == 1;
}

/* "already attached (id 12)", or how many were; nothing where all was new. */
void attach_cgroup_say(const struct attach_cgroup *at);
void attach_cgroup_release(struct attach_cgroup *at);

/* The path, if it is the cgroup that was looked at; -ESTALE: another one was made there. */
int attach_cgroup_open(const struct attach_cgroup *at, const char *path,
		       struct err *err) must_check;

/* --- one place, as again says: attach_entry.c, attach_link.c ---------------------------- */

/*
 * A direct entry. What is evicted has to be kept open, so that it can come back: an error
 * if that cannot be done. -ESTALE: what again saw is out of date.
 */
int attach_entry_make(const struct attach_cgroup *at, const char *path,
		      const struct again *again, struct err *err) must_check;

/* A pinned link: a new one, or what is done to the one that is there. -ESTALE as above. */
int attach_link_make(const struct attach_cgroup *at, const char *path, const char *pin,
		     const struct again *again, struct err *err) must_check;

#endif
