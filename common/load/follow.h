/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file that stays applied: interfaces, cgroups and network namespaces that appear are served,
 * those that go are forgotten. The kernel tells of each (rtnetlink, inotify, the table of
 * mounts), nothing is polled, and there is no thread: who follows waits for follow_fd() and
 * calls follow_step().
 *
 * What is told is only where to look: each place is then read as it is now, and done by the
 * engine of load/apply.h for itself, so that one that is refused holds up no other. Where the
 * kernel had to drop events, everything is looked at again. Nothing that still stands is checked
 * again by itself: a filter that somebody deletes stays deleted until the file is read again.
 */
#ifndef LOAD_FOLLOW_H
#define LOAD_FOLLOW_H

#include <stdbool.h>

#include "load/apply.h"

struct follow;

/*
 * apply_run(), and its report; then it is followed. Holds the lock of the file's name until
 * follow_close(): -EBUSY where somebody else does. conf and opts->share are borrowed as long.
 */
int follow_open(struct follow **ret, const struct apply_conf *conf,
		const struct apply_opts *opts, struct apply_report *report,
		struct err *err) must_check;
/* Readable while there is something to do; borrowed. */
int follow_fd(const struct follow *f);

/*
 * Does what waits, some hundreds of places at most; never blocks. The steps are what changed,
 * and what is refused. An error is what could not be done at all, and is tried again later.
 */
int follow_step(struct follow *f, struct apply_report *report,
		struct err *err) must_check;

/*
 * Another content of the same file: apply_run(), then that one is followed. After an error
 * the old one still is.
 */
int follow_reload(struct follow *f, const struct apply_conf *conf,
		  struct apply_report *report, struct err *err) must_check;

/* What there is now, and what happened since the beginning. */
struct follow_state {
	size_t nr_filters, nr_cgroup_programs; /* ours, at their places */
	size_t nr_refused;                     /* places where it could not be */
	size_t nr_waiting;                     /* to be looked at, or tried again */
	size_t nr_netns, nr_interfaces;        /* that are watched */
	size_t nr_directories;                 /* that are watched */
	size_t nr_full;                        /* patterns whose limit is reached */
	unsigned long nr_attached, nr_gone, nr_lost, nr_loads;
};

void follow_state(const struct follow *f, struct follow_state *ret);
const struct apply_conf *follow_conf(const struct follow *f);

/* Everything stays attached. Takes NULL. */
void follow_close(struct follow *f);

#endif
