/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program to all cgroups of a request, all or none: a look at every place first, so
 * that a refusal costs nothing, then the attachments that are missing.
 */
#ifndef CGROUP_LOADER_ATTACH_ALL_H
#define CGROUP_LOADER_ATTACH_ALL_H

#include <stddef.h>

#include "attach_again.h"
#include "kernel/cgroup_find.h"
#include "kernel/cgroup_links.h"
#include "request.h"

struct cgroup_attach_opts;
struct pin_txn;

struct attach_all {
	/* Borrowed; set by the caller. */
	const struct attach_request *req;
	const struct cgroup_attach_opts *opts;
	const struct cgroup_paths *cgroups;
	const char *root;       /* each: the cgroup they are below */
	struct again_want want; /* what */
	struct pin_txn *txn;    /* of pinned links */

	/* Owned; by attach_all_look(). */
	struct again *found; /* one for each cgroup */
	char **pins;         /* of links, one for each cgroup */
	struct cgroup_links links;
	size_t nr_missing; /* how many are not AGAIN_SAME */
};

int attach_all_look(struct attach_all *all, struct err *err) must_check;
/* Ends with -EINTR when a signal waits (kernel/stop_hold.h). */
int attach_all_run(struct attach_all *all, struct err *err) must_check;
/* "already attached (id 12)", or how many were; nothing where all was new. */
void attach_all_say(const struct attach_all *all);
void attach_all_release(struct attach_all *all);

#endif
