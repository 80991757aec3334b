/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"
#include "kernel/stop_hold.h"
#include "load/apply_fresh.h"
#include "load/apply_migrate.h"
#include "load/apply_moved.h"
#include "load/apply_private.h"

enum {
	LOCK_SECONDS = 60,
	/* Interfaces and cgroups come and go: a plan that is out of date is made again. */
	RUN_TRIES = 3,
};

void applying_release(struct applying *run)
{
	apply_record_release(&run->record);
	apply_objects_release(&run->objects);
	apply_plan_release(&run->plan);
	apply_places_release(&run->places);
	apply_state_release(&run->state);
	apply_journal_release(&run->journal);
	*run = (struct applying)APPLYING_INIT;
}

/* Our lock says that no other run is between a link's pin and its end. */
static void applying_recover_pins(const struct apply_record *was)
{
	for (size_t i = 0; i < was->nr_made; i++)
		if (was->made[i].pin && !bpffs_exists(was->made[i].pin))
			pin_dir_recover(was->made[i].pin);
}

int applying_open(struct applying *run, const struct apply_conf *conf,
		  const struct apply_opts *opts, bool look, struct err *err)
{
	int seconds = opts->lock_seconds ? (int)opts->lock_seconds : LOCK_SECONDS;
	int r;

	run->plan.conf = conf;
	run->plan.objects = &run->objects;
	run->plan.places = &run->places;
	run->plan.state = &run->state;
	run->plan.journal = &run->journal;
	run->plan.each = opts->each;
	r = apply_journal_open(&run->journal, opts->state_dir, conf->name.text,
			       look         ? APPLY_JOURNAL_LOOK
			       : opts->held ? APPLY_JOURNAL_HELD
					    : APPLY_JOURNAL_LOCK,
			       seconds, err);
	if (r == 0 && !look)
		applying_recover_pins(&run->journal.was);
	return r;
}

static int applying_plan(struct applying *run, const struct apply_conf *conf,
			 const struct apply_opts *opts, struct err *err)
{
	/* Who follows looks again at what cannot be looked at now. */
	int r = apply_places_find(&run->places, conf, &run->journal.was,
				  opts->each || opts->held, err);

	if (r == 0)
		r = apply_objects_open(&run->objects, conf, opts->share, err);
	/* A file that is followed: its objects are closed with it. */
	run->objects.stays = opts->held;
	return r < 0 ? r : apply_plan_make(&run->plan, err);
}

/* --- look --- */

/* Before a load only what is loaded can be asked. */
static int look_at_proof(struct applying *run, struct err *err)
{
	auto_err split = ERR_INIT;
	struct apply_step *step;
	int r;

	for (size_t i = 0; i < run->objects.nr; i++)
		if (apply_opened_is_due(&run->objects.items[i]))
			return 0;
	r = apply_plan_prove(&run->plan, &split);
	if (r == 0)
		return 0;
	if (r != -EXDEV)
		return err_say(err, r, "%s", split.text);
	step = apply_report_add(&run->plan.report, APPLY_STEP_REFUSE);
	step->why = apply_report_own(&run->plan.report, xstrdup(split.text));
	run->plan.report.in_sync = false;
	return 0;
}

int apply_look(const struct apply_conf *conf, const struct apply_opts *opts,
	       struct apply_report *ret, struct err *err)
{
	auto_applying run = APPLYING_INIT;
	int r = applying_open(&run, conf, opts, true, err);

	if (r == 0)
		r = applying_plan(&run, conf, opts, err);
	if (r == 0)
		r = look_at_proof(&run, err);
	if (r < 0)
		return r;
	if (run.journal.interrupted) {
		log_info(
			"an earlier run of '%s' was interrupted; 'apply' finishes it, 'remove' takes it back",
			conf->name.text);
		apply_fresh_tell(&run.journal);
		run.plan.report.in_sync = false;
	}
	applying_give(&run, ret);
	return 0;
}

/* --- run --- */

static int applying_once(struct applying *run, const struct apply_conf *conf,
			 const struct apply_opts *opts, struct apply_report *ret,
			 bool *planned, struct err *err)
{
	int r = applying_open(run, conf, opts, false, err);

	if (r == 0 && run->journal.interrupted)
		log_info("an earlier run of '%s' was interrupted, and is finished now",
			 conf->name.text);
	if (r == 0)
		r = apply_fresh_recover(&run->journal, err);
	if (r == 0)
		apply_migrate_recover(&run->journal);
	if (r == 0)
		r = applying_plan(run, conf, opts, err);
	*planned = r == 0 && !run->plan.report.nr_refused;
	if (r == 0)
		r = applying_do(run, opts, err);
	if (r < 0)
		return r;
	apply_fresh_finish(&run->objects, &run->journal);
	applying_tell(run, ret);
	apply_moved_drop(&run->objects);
	return 0;
}

/* Did the machine change between the plan and the act? */
static bool applying_lost_race(int code)
{
	return code == -ENODEV || code == -ENOENT || code == -ESTALE || code == -EEXIST;
}

int applying_run(struct applying *ret, const struct apply_conf *conf,
		 const struct apply_opts *opts, struct apply_report *report,
		 struct err *err)
{
	bool planned = true;
	int r = -ESTALE;

	for (int i = 0; i < RUN_TRIES && planned && applying_lost_race(r); i++) {
		if (i > 0)
			log_info("%s; once more", err->text);
		err_release(err);
		applying_release(ret);
		r = applying_once(ret, conf, opts, report, &planned, err);
	}
	return r;
}

int apply_run(const struct apply_conf *conf, const struct apply_opts *opts,
	      struct apply_report *ret, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_applying run = APPLYING_INIT;

	stop_hold_begin(&hold);
	return applying_run(&run, conf, opts, ret, err);
}
