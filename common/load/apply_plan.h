/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is wanted, what stands, what the record says, as the acts that lead from the one to the
 * other, in the order in which they are done. Changes nothing.
 *
 * Whose a program is decides what may be done to it:
 *
 *	in the record, and that very program stands there	ours: kept, replaced, detached
 *	in another name's record				theirs: refused by name
 *	in no record, a build of the same function		adopted with 'adopt: yes'
 *	anything else						in the way: refused
 *
 * Preference and handle that the file leaves open are the record's, else those of the only
 * filter with a build of the same function, else the highest preference from 49152 down that
 * is free, and the lowest handle.
 */
#ifndef LOAD_APPLY_PLAN_H
#define LOAD_APPLY_PLAN_H

#include "kernel/dev_attach.h"
#include "load/apply_journal.h"
#include "load/apply_objects.h"
#include "load/apply_report.h"

/* One place on the way to what it should be. */
struct apply_act {
	enum apply_step_kind
		kind; /* ATTACH, REPLACE, ADOPT, KEEP, DETACH, FORGET, REFUSE */
	const struct apply_place *place; /* the places'; NULL: no entry wants it */
	struct apply_opened *o;          /* NULL likewise */
	struct apply_want *want;
	/* Where and what, as the record will have it; of DETACH and FORGET as it has it. */
	struct apply_made made;  /* owned */
	size_t ns;               /* of tc's: in places->ns */
	uint32_t there;          /* the program that stands there; 0: none */
	bool differs;            /* what stands there, in more than its program */
	bool dead;               /* the link lost its cgroup; its pin is there */
	const char *why;         /* the report's */
	struct apply_made *from; /* of what the record has; NULL: it has nothing of it */
	int failed;   /* REFUSE where it was tried, or could not be looked at: -errno */
	bool unknown; /* tried, and it may stand or not: the record has it */
};

/* An interface that needs a clsact. */
struct apply_new_qdisc {
	size_t ns;
	int ifindex;
	const char *dev;
	bool assumed; /* that there is none */
};

struct apply_plan {
	/* Borrowed: what it is made from. */
	const struct apply_conf *conf;
	struct apply_objects *objects;
	struct apply_places *places;
	struct apply_state *state;
	struct apply_journal *journal;

	struct apply_act *acts; /* owned; as these */
	size_t nr_acts;
	struct apply_new_qdisc *qdiscs;
	size_t nr_qdiscs;
	bool each; /* a place that cannot be looked at is a refusal, and no error */
	struct apply_report report;
	size_t first_step; /* of the acts, in report.steps */
	size_t next_made;  /* where the record goes on, most likely */
};

#define auto_apply_plan auto_release(apply_plan_release) struct apply_plan
void apply_plan_release(struct apply_plan *plan);

/* Needs its borrowed members; fills the rest. An error: something could not be looked at. */
int apply_plan_make(struct apply_plan *plan, struct err *err) must_check;

/* Only what the record has: everything of it is to go. */
int apply_plan_removal(struct apply_plan *plan, struct err *err) must_check;

/* Is there anything to do in the kernel? And beyond it, in the record? */
bool apply_plan_is_idle(const struct apply_plan *plan);
bool apply_plan_is_recorded(const struct apply_plan *plan);

/*
 * The proof, of what the kernel says the programs use: for every map that is to be shared, all
 * of them hold one id. -EXDEV names two that do not.
 */
int apply_plan_prove(struct apply_plan *plan, struct err *err) must_check;

/* --- apply_plan_act.c: an act, below the files that plan --- */

/* The act of a wanted place, made's common part filled in. Valid until the next one. */
struct apply_act *apply_plan_add(struct apply_plan *plan,
				 const struct apply_place *place);
void apply_plan_refuse(struct apply_plan *plan, struct apply_act *act, const char *fmt,
		       ...) printf_like(3, 4);
void apply_plan_say(struct apply_plan *plan, struct apply_act *act, const char *fmt, ...)
	printf_like(3, 4);
/* A clsact for it, once, if it has no hooks yet. */
void apply_plan_need_qdisc(struct apply_plan *plan, size_t ns, struct apply_dev *dev);
/* A program that no record of ours has stands there: ADOPT, or REFUSE. */
int apply_plan_adopt(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		     bool adopt, struct err *err) must_check;
/* What is ours stands there: KEEP, or REPLACE. */
void apply_plan_own(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		    const char *differs);
/* Is the program of that id the very one? -errno only where it cannot be told. */
int apply_plan_is(struct apply_plan *plan, uint32_t id,
		  const struct apply_identity *identity, bool *ret,
		  struct err *err) must_check;
/* Does the program of that id come from the function, as the same type? */
int apply_plan_is_build(struct apply_plan *plan, uint32_t id,
			const struct apply_want *want, bool *ret,
			struct err *err) must_check;
/* Another name's record that has that program at that place; NULL: none. The report's. */
const char *apply_plan_owner(struct apply_plan *plan, const struct apply_made *place,
			     uint32_t prog_id);
/* err is why nothing is done at the act's place; it is empty afterwards. */
void apply_plan_pass(struct apply_plan *plan, struct apply_act *act, struct err *err);
/* The counts of the report, once steps have become others. */
void apply_plan_count(struct apply_plan *plan);
/* Each kind's part, of apply_plan_tc.c, _tcx.c, _cgroup.c and _report.c. */
int apply_plan_tc(struct apply_plan *plan, const struct apply_place *place,
		  struct err *err) must_check;
int apply_plan_cgroup(struct apply_plan *plan, const struct apply_place *place,
		      struct err *err) must_check;
/* Of tcx: the list of the place, in that of places->ns. places are borrowed. */
struct dev_hook apply_plan_hook(const struct apply_places *places, size_t ns,
				const struct apply_made *made);
/*
 * 1: act->ns is the namespace of what no entry wants any more; 0: that is gone, and act->why says
 * so where something else may be true.
 */
int apply_plan_leftover_ns(struct apply_plan *plan, struct apply_act *act,
			   struct err *err) must_check;
/* An entry with 'attach: tcx'; and what no entry wants any more of one. */
int apply_plan_tcx(struct apply_plan *plan, const struct apply_place *place,
		   struct err *err) must_check;
int apply_plan_leftover_tcx(struct apply_plan *plan, struct apply_act *act, bool *stands,
			    struct err *err) must_check;
int apply_plan_leftovers(struct apply_plan *plan, struct err *err) must_check;
/* MNT/mapshare/NAME, where the links of that name are pinned; the caller's. */
char *apply_plan_pin_dir(const char *name);
void apply_plan_report(struct apply_plan *plan);
/* A step for each map of that object. */
void apply_plan_report_maps(struct apply_plan *plan, const struct apply_opened *o);

#endif
