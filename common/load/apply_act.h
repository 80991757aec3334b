/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The acts of a plan, each a step of one journal (kernel/undo.h) with its way back. Before
 * anything that stands is replaced or detached it is looked at again: what is no longer what
 * the plan saw is somebody's, and ends the run with -ESTALE.
 */
#ifndef LOAD_APPLY_ACT_H
#define LOAD_APPLY_ACT_H

#include "load/apply_plan.h"

struct keep_watch;
struct nl_filter;

/* Borrowed; going gets the programs that may go. */
struct apply_actor {
	struct apply_plan *plan;
	struct undo *undo;
	struct keep_watch *going;
	bool hurried; /* signals have to wait until all of it is done, it is short */
};

/* Between two acts: -EINTR, a signal asks to take all of it back. */
int apply_act_check(const struct apply_actor *a, struct err *err) must_check;

/* A clsact, which goes again if it still is empty then. */
int apply_act_qdisc(const struct apply_actor *a, const struct apply_new_qdisc *q,
		    struct err *err) must_check;
/* ATTACH, REPLACE and ADOPT; nothing for the other kinds. */
int apply_act_attach(const struct apply_actor *a, struct apply_act *act,
		     struct err *err) must_check;
/* The same in a list of tcx; apply_act_tcx.c. */
int apply_act_attach_tcx(const struct apply_actor *a, const struct apply_act *act,
			 struct err *err) must_check;
int apply_act_detach_tcx(const struct apply_actor *a, const struct apply_act *act,
			 struct err *err) must_check;
/* DETACH; apply_detach.c. What is gone by now is no failure. */
int apply_act_detach(const struct apply_actor *a, const struct apply_act *act,
		     struct err *err) must_check;
/* After the last act: the directories of a link's pin below MNT/mapshare, where they are empty. */
void apply_detach_tidy(const char *pin, const char *mnt);
/* The filter at an act's place, as it stands; 1: there is one, 0: none. */
int apply_act_get_filter(const struct apply_actor *a, const struct apply_act *act,
			 struct nl_filter *ret, struct err *err) must_check;

#endif
