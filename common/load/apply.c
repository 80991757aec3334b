/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/link_pin.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/apply_act.h"
#include "load/apply_adopt.h"
#include "load/apply_fresh.h"
#include "load/apply_private.h"
#include "load/keep_watch.h"
#include "load/new_pin.h"

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
}

/* Our lock says that no other run is between a link's pin and its end. */
static void applying_recover_pins(const struct apply_record *was)
{
	for (size_t i = 0; i < was->nr_made; i++)
		if (was->made[i].pin && !bpffs_exists(was->made[i].pin))
			link_pin_recover(was->made[i].pin);
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
	int r = apply_places_find(&run->places, conf, &run->journal.was, err);

	if (r == 0)
		r = apply_objects_open(&run->objects, conf, opts->share, err);
	return r < 0 ? r : apply_plan_make(&run->plan, err);
}

void applying_give(struct applying *run, struct apply_report *ret)
{
	*ret = run->plan.report;
	run->plan.report = (struct apply_report)APPLY_REPORT_INIT;
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

/* The first refusal is the error, with how many there are. */
static int applying_refuse(const struct applying *run, struct err *err)
{
	const struct apply_report *report = &run->plan.report;
	const struct apply_step *first = NULL;
	auto_strbuf place = STRBUF_INIT, more = STRBUF_INIT;

	for (size_t i = 0; i < report->nr && !first; i++)
		if (report->steps[i].kind == APPLY_STEP_REFUSE)
			first = &report->steps[i];
	if (!first)
		return 0;
	apply_step_place(first, &place);
	if (report->nr_refused > 1)
		sb_addf(&more, " (and %zu more; 'plan' lists them)",
			report->nr_refused - 1);
	err_say(err, -EEXIST, "%s: %s%s", sb_text(&place), first->why, sb_text(&more));
	return first->at.line ? apply_conf_context(err, run->plan.conf, first->at)
			      : err->code;
}

static int applying_check_pins(struct applying *run, const struct share_opts *share,
			       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < run->plan.nr_acts && r == 0; i++) {
		const struct apply_act *act = &run->plan.acts[i];

		if (act->kind == APPLY_STEP_ATTACH && act->made.pin && !act->there)
			r = new_pin_check(run->objects.txn, share, act->made.pin, err);
	}
	return r;
}

static bool act_is_ours(const struct apply_act *act)
{
	return act->kind == APPLY_STEP_ATTACH || act->kind == APPLY_STEP_REPLACE ||
	       act->kind == APPLY_STEP_ADOPT || act->kind == APPLY_STEP_KEEP;
}

static void applying_compose(struct applying *run)
{
	apply_objects_record(&run->objects, &run->record);
	for (size_t i = 0; i < run->plan.nr_acts; i++) {
		struct apply_act *act = &run->plan.acts[i];

		if (!act_is_ours(act))
			continue;
		act->made.is = act->want->is;
		apply_record_add_made(&run->record, &act->made);
	}
}

static void applying_add_was(const struct applying *run, struct apply_record *all)
{
	for (size_t i = 0; i < run->journal.was.nr_loads; i++)
		apply_record_add_load(all, &run->journal.was.loads[i]);
	for (size_t i = 0; i < run->journal.was.nr_made; i++)
		apply_record_add_made(all, &run->journal.was.made[i]);
}

/*
 * Ahead of the first act. The record on the disk has what was ours before; after an interrupted
 * run only the journal has all of it, so it goes on holding that.
 */
static int applying_write_ahead(struct applying *run, struct err *err)
{
	auto_apply_record all = APPLY_RECORD_INIT;

	if (!run->journal.interrupted)
		return apply_journal_write(&run->journal, &run->record, err);
	for (size_t i = 0; i < run->record.nr_loads; i++)
		apply_record_add_load(&all, &run->record.loads[i]);
	for (size_t i = 0; i < run->record.nr_made; i++)
		apply_record_add_made(&all, &run->record.made[i]);
	applying_add_was(run, &all);
	return apply_journal_write(&run->journal, &all, err);
}

static int applying_commit(struct applying *run, struct err *err)
{
	return apply_journal_commit(&run->journal,
				    run->journal.interrupted ? &run->record : NULL, err);
}

static int applying_act(struct applying *run, const struct apply_actor *actor,
			struct err *err)
{
	struct apply_plan *plan = &run->plan;
	int r = 0;

	for (size_t i = 0; i < plan->nr_qdiscs && r == 0; i++)
		r = apply_act_qdisc(actor, &plan->qdiscs[i], err);
	for (size_t i = 0; i < plan->nr_acts && r == 0; i++)
		r = apply_act_attach(actor, &plan->acts[i], err);
	if (r == 0)
		r = apply_plan_prove(plan, err);
	for (size_t i = 0; i < plan->nr_acts && r == 0; i++)
		r = apply_act_detach(actor, &plan->acts[i], err);
	return r < 0 ? r : stop_hold_check(err);
}

/* What could not be taken back stays in the journal, for the next run to find. */
static void applying_take_back(struct applying *run)
{
	auto_err why = ERR_INIT;

	if (undo_rewind(pin_txn_undo(run->objects.txn), 0, &why) == 0)
		apply_journal_drop(&run->journal);
	else
		log_warn("%s; the next run of '%s' looks at it again", why.text,
			 run->plan.conf->name.text);
}

/* Before a pin is set aside: a run that is killed before its acts has to be told, too. */
static int applying_announce(struct applying *run, struct err *err)
{
	auto_apply_record all = APPLY_RECORD_INIT;

	if (!run->objects.nr_fresh)
		return 0;
	applying_add_was(run, &all);
	apply_fresh_record(&run->objects, &all);
	return apply_journal_write(&run->journal, &all, err);
}

static int applying_load(struct applying *run, struct err *err)
{
	int r = applying_announce(run, err);

	if (r == 0)
		r = apply_objects_load(&run->objects, err);
	if (r == 0)
		r = apply_adopt_same(&run->plan, err);
	if (r < 0)
		return r;
	applying_compose(run);
	return applying_write_ahead(run, err);
}

static int applying_act_all(struct applying *run, const struct apply_actor *actor,
			    struct err *err)
{
	int r = applying_load(run, err);

	if (r == 0)
		r = applying_act(run, actor, err);
	if (r == 0)
		r = applying_commit(run, err);
	if (r < 0)
		applying_take_back(run);
	return r;
}

static void applying_tell_ids(struct applying *run)
{
	struct apply_plan *plan = &run->plan;

	for (size_t i = 0; i < plan->nr_acts; i++)
		if (act_is_ours(&plan->acts[i]))
			plan->report.steps[plan->first_step + i].new_id =
				plan->acts[i].want->is.id;
}

/* Nothing in the kernel, but what the record says is no longer so, or never was written. */
static int applying_record_only(struct applying *run, struct err *err)
{
	int r;

	applying_compose(run);
	r = applying_write_ahead(run, err);
	return r < 0 ? r : applying_commit(run, err);
}

static int applying_do(struct applying *run, const struct apply_opts *opts,
		       struct err *err)
{
	auto_keep_watch going = KEEP_WATCH_INIT;
	struct apply_actor actor = {.plan = &run->plan,
				    .undo = pin_txn_undo(run->objects.txn),
				    .going = &going};
	int r = applying_refuse(run, err);

	if (r < 0)
		return r;
	if (apply_plan_is_idle(&run->plan)) {
		r = apply_plan_prove(&run->plan, err);
		if (r < 0 || apply_plan_is_recorded(&run->plan))
			return r;
		return applying_record_only(run, err);
	}
	r = applying_check_pins(run, opts->share, err);
	if (r == 0)
		r = applying_act_all(run, &actor, err);
	if (r < 0)
		return r;
	apply_objects_keep(&run->objects);
	if (keep_is_used())
		keep_watch_drop(&going);
	return 0;
}

static int applying_once(const struct apply_conf *conf, const struct apply_opts *opts,
			 struct apply_report *ret, bool *planned, struct err *err)
{
	auto_applying run = APPLYING_INIT;
	int r = applying_open(&run, conf, opts, false, err);

	if (r == 0 && run.journal.interrupted)
		log_info("an earlier run of '%s' was interrupted, and is finished now",
			 conf->name.text);
	if (r == 0)
		apply_fresh_recover(&run.journal);
	if (r == 0)
		r = applying_plan(&run, conf, opts, err);
	*planned = r == 0 && !run.plan.report.nr_refused;
	if (r == 0)
		r = applying_do(&run, opts, err);
	if (r < 0)
		return r;
	apply_fresh_finish(&run.objects, &run.journal);
	applying_tell_ids(&run);
	applying_give(&run, ret);
	return 0;
}

/* Did the machine change between the plan and the act? */
static bool applying_lost_race(int code)
{
	return code == -ENODEV || code == -ENOENT || code == -ESTALE || code == -EEXIST;
}

int apply_run(const struct apply_conf *conf, const struct apply_opts *opts,
	      struct apply_report *ret, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	bool planned = true;
	int r = -ESTALE;

	stop_hold_begin(&hold);
	for (int i = 0; i < RUN_TRIES && planned && applying_lost_race(r); i++) {
		if (i > 0)
			log_info("%s; once more", err->text);
		err_release(err);
		r = applying_once(conf, opts, ret, &planned, err);
	}
	return r;
}
