/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The machine made to be what a file says, as one transaction over tc's hooks and cgroups:
 *
 *	auto_apply_report report = APPLY_REPORT_INIT;
 *
 *	r = apply_look(&conf, &opts, &report, err);	plan, check: changes nothing
 *	r = apply_run(&conf, &opts, &report, err);	does it, or nothing
 *	r = apply_remove(&conf, &opts, &report, err);	takes away what the record has
 *
 * What was made is in a record of that name (load/apply_record.h), with the identity of each
 * program, so that the next run knows what is ours, and is unchanged, without loading anything.
 * Nothing of anybody else's is replaced or removed; what stands in the way is refused by name.
 *
 * All objects are loaded before anything is attached, programs are replaced in place, the proof
 * of sharing is asked of the kernel before the first program is detached, and any refusal takes
 * everything back; of a map that migrates load/apply_migrate.h says how far. A run that was
 * killed is finished by the next one of that name, or taken back by apply_remove().
 */
#ifndef LOAD_APPLY_H
#define LOAD_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "load/apply_conf.h"

struct share_opts;

struct apply_opts {
	const struct share_opts *share; /* of all objects; overrides are not looked at */
	const char *state_dir;          /* NULL: /run/mapshare */
	unsigned int
		lock_seconds; /* how long another run of that name is waited for; 0: 60 */
	bool held;            /* the caller holds the lock, from apply_journal_hold() */
	/*
	 * Every place for itself: what is refused there, or fails, is a REFUSE among the steps,
	 * and the others are done.
	 */
	bool each;
};

enum apply_step_kind {
	APPLY_STEP_CREATE,  /* a map, with its pin if it has one */
	APPLY_STEP_REUSE,   /* the map that is there */
	APPLY_STEP_QDISC,   /* a clsact on an interface that has none */
	APPLY_STEP_LOAD,    /* an object's programs */
	APPLY_STEP_ATTACH,  /* where nothing of ours stands */
	APPLY_STEP_REPLACE, /* in place, what we made */
	APPLY_STEP_ADOPT,   /* in place, or kept: what no record has, with `adopt: yes` */
	APPLY_STEP_KEEP,    /* in sync */
	APPLY_STEP_DETACH,  /* what we made and the file no longer names */
	APPLY_STEP_FORGET, /* of the record, but gone or not what we made: it stays as it is */
	APPLY_STEP_PENDING, /* a name or pattern that nothing fits */
	APPLY_STEP_REFUSE,  /* cannot be done: nothing is, then */
	APPLY_STEP_MIGRATE, /* a map to a new one that has what is in it */
};

/*
 * One line of a plan, in the order in which it is done. Strings are the report's or the
 * conf's; NULL and 0 where a kind has none.
 */
struct apply_step {
	enum apply_step_kind kind;
	const char *object;  /* its key in the file */
	const char *program; /* function */

	const char *map, *pin; /* CREATE, REUSE, MIGRATE */

	/* A place of tc's: netns "" is the caller's. */
	const char *netns, *dev;
	uint32_t parent, chain, handle;
	uint16_t preference, protocol;
	bool tcx; /* its list in place of filters */

	/* A place at a cgroup, absolute; the link's pin is in pin. */
	const char *cgroup;
	const struct attach_type *type;
	enum apply_mode mode;

	uint32_t id; /* of the map or program that stands there now */
	uint32_t
		new_id; /* REPLACE, ATTACH, ADOPT of what is loaded already, and after a run */
	const char *why;    /* what differs, what is missing, what is in the way */
	struct apply_at at; /* of the entry that wants it */
};

struct apply_report {
	struct apply_step *steps; /* owned */
	size_t nr;
	bool in_sync; /* all that was looked at is as the file says; nothing is left over */
	size_t nr_refused, nr_pending;
	/* Of a run: what was attached (replaced and adopted with it), kept, detached. */
	size_t nr_attached, nr_kept, nr_detached;
	char **strings; /* owned, what the steps borrow */
	size_t nr_strings;
};

#define APPLY_REPORT_INIT     \
	{                     \
		.steps = NULL \
	}
#define auto_apply_report auto_release(apply_report_release) struct apply_report
void apply_report_release(struct apply_report *report);

/*
 * The steps that a run would take now. Loads nothing into the kernel, but for a look at the
 * programs of a migration, which go again at once; waits for nobody. What
 * a run would refuse is a step, with its reason; an error is what could not be looked at.
 * Pending is in sync: it is what the file says as far as the machine has it.
 */
int apply_look(const struct apply_conf *conf, const struct apply_opts *opts,
	       struct apply_report *ret, struct err *err) must_check;

/*
 * Does them, all or none; where the machine changed between the look and the act, all of it is
 * taken back and begun again, a few times. ret is written on success only. Signals wait meanwhile
 * (kernel/stop_hold.h): -EINTR once all is taken back. -ETIMEDOUT: another run of that name.
 */
int apply_run(const struct apply_conf *conf, const struct apply_opts *opts,
	      struct apply_report *ret, struct err *err) must_check;

/*
 * Detaches what the record of conf's name has and is still what we made; the rest of the file
 * does not count. What stays is a step with its reason: clsact and pinned maps are shared
 * property, and nobody is asked for them. No record is a success that does nothing.
 */
int apply_remove(const struct apply_conf *conf, const struct apply_opts *opts,
		 struct apply_report *ret, struct err *err) must_check;

/* "create", "reuse", ...: the word of plans and JSON. */
const char *apply_step_word(enum apply_step_kind kind);
/*
 * The place in words: "map 'usage'", "dev v0 ingress pref 10 handle 0x1", "cgroup PATH
 * egress".
 */
void apply_step_place(const struct apply_step *step, struct strbuf *out);

#endif
