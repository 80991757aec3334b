/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of apply, for the files of apply and follow only. */
#ifndef LOAD_APPLY_PRIVATE_H
#define LOAD_APPLY_PRIVATE_H

#include "load/apply_plan.h"

/*
 * Released from below: the acts are taken back while the programs and sockets that they
 * need are open, and the lock goes last.
 */
struct applying {
	struct apply_journal journal;
	struct apply_state state;
	struct apply_places places;
	struct apply_objects objects;
	struct apply_plan plan;
	struct apply_record record; /* what will be ours; of a part: at its places */
	bool part;                  /* of the file's places, see applying_part() */
	bool pass_due; /* a part: the places of an object that has to be loaded are passed over */
	size_t nr_more; /* lines' entries that parts have added to the record */
};

#define APPLYING_INIT                          \
	{                                      \
		.journal = APPLY_JOURNAL_INIT, \
	}
#define auto_applying auto_release(applying_release) struct applying
void applying_release(struct applying *run);

/* look: without the lock, and nothing is made. */
int applying_open(struct applying *run, const struct apply_conf *conf,
		  const struct apply_opts *opts, bool look, struct err *err) must_check;
void applying_give(struct applying *run, struct apply_report *ret);

/* What the plan says, recorded or taken back. */
int applying_do(struct applying *run, const struct apply_opts *opts,
		struct err *err) must_check;

/*
 * apply_run(), and ret, which needs its release, is left as it was at the end, but for the
 * report: the objects open, what is loaded kept by descriptors.
 */
int applying_run(struct applying *ret, const struct apply_conf *conf,
		 const struct apply_opts *opts, struct apply_report *report,
		 struct err *err) must_check;

/* run->record once all is done: what is ours. */
void applying_compose(struct applying *run);

/*
 * The same file again, for some of its places only; each for itself (opts.each of apply.h).
 * run is what applying_run() left. Takes places, which may borrow their sockets, and was, what is
 * ours at these places: what is not wanted there any more is detached. Of the record only a
 * line ahead of the acts is written; run->record.made is what is ours at these places then.
 * 1: nothing was done, since an object has to be loaded (again), which applying_run() does; with
 * pass_due such places fail with -EAGAIN, and the others are done.
 */
int applying_part(struct applying *run, const struct apply_opts *opts,
		  struct apply_places *places, struct apply_record *was,
		  struct apply_report *report, struct err *err) must_check;
/* Between applying_run() and the first part: what is ours, into made. */
void applying_settle(struct applying *run, struct apply_record *made);
/* The line ahead of a part's acts. */
int applying_write_more(struct applying *run, struct err *err) must_check;
/* After applying_do(): the steps and what they came to. */
void applying_tell(struct applying *run, struct apply_report *ret);

/* --- apply_each.c: what is passed over --- */

/* The act failed with that error, and is a refusal now; what the record has of it stays in it. */
void applying_pass(struct applying *run, struct apply_act *act, struct err *err);
/* The acts of an interface whose clsact could not be made. */
void applying_pass_dev(struct applying *run, const struct apply_new_qdisc *q,
		       struct err *err);
/* What the record had and stays ours, although nothing was done there. */
void applying_hold(struct applying *run);

#endif
