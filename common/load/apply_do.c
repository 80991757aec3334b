/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a plan says, done: recorded ahead, proven, and taken back where anything fails. */
#include <errno.h>

#include "base/log.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/apply_act.h"
#include "load/apply_adopt.h"
#include "load/apply_fresh.h"
#include "load/apply_migrate.h"
#include "load/apply_private.h"
#include "load/keep_watch.h"
#include "load/new_pin.h"

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

/* A signal ends all of it; what fails by itself is passed over, if that was asked for. */
static int applying_may_pass(struct applying *run, struct apply_act *act, int r,
			     struct err *err)
{
	/* Where one stays on the old map, none may be on the new one. */
	if (r >= 0 || r == -EINTR || !run->plan.each || run->objects.nr_moved)
		return r;
	applying_pass(run, act, err);
	return 0;
}

static int applying_check_pins(struct applying *run, const struct share_opts *share,
			       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < run->plan.nr_acts && r == 0; i++) {
		struct apply_act *act = &run->plan.acts[i];

		if (act->kind == APPLY_STEP_ATTACH && act->made.pin && !act->there)
			r = new_pin_check(run->objects.txn, share, act->made.pin, err);
		r = applying_may_pass(run, act, r, err);
	}
	return r;
}

static bool act_is_ours(const struct apply_act *act)
{
	return act->kind == APPLY_STEP_ATTACH || act->kind == APPLY_STEP_REPLACE ||
	       act->kind == APPLY_STEP_ADOPT || act->kind == APPLY_STEP_KEEP;
}

void applying_compose(struct applying *run)
{
	apply_record_release(&run->record);
	apply_objects_record(&run->objects, &run->record);
	for (size_t i = 0; i < run->plan.nr_acts; i++) {
		struct apply_act *act = &run->plan.acts[i];

		if (!act_is_ours(act) && !act->unknown)
			continue;
		act->made.is = act->want->is;
		apply_record_add_made(&run->record, &act->made);
	}
	applying_hold(run);
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

	if (run->part)
		return applying_write_more(run, err);
	if (!run->journal.interrupted)
		return apply_journal_write(&run->journal, &run->record, err);
	for (size_t i = 0; i < run->record.nr_loads; i++)
		apply_record_add_load(&all, &run->record.loads[i]);
	for (size_t i = 0; i < run->record.nr_made; i++)
		apply_record_add_made(&all, &run->record.made[i]);
	applying_add_was(run, &all);
	return apply_journal_write(&run->journal, &all, err);
}

/* What was passed over since it was written ahead is not ours. */
static int applying_commit(struct applying *run, struct err *err)
{
	const bool again = run->journal.interrupted || run->plan.each;

	if (run->plan.each)
		applying_compose(run);
	if (run->part)
		return 0;
	return apply_journal_commit(&run->journal, again ? &run->record : NULL, err);
}

/* *begun: a program was replaced. */
static int applying_act(struct applying *run, const struct apply_actor *actor,
			bool *begun, struct err *err)
{
	struct apply_plan *plan = &run->plan;
	int r = 0;

	for (size_t i = 0; i < plan->nr_qdiscs && r == 0; i++) {
		r = apply_act_qdisc(actor, &plan->qdiscs[i], err);
		if (r < 0 && r != -EINTR && plan->each && !run->objects.nr_moved) {
			applying_pass_dev(run, &plan->qdiscs[i], err);
			r = 0;
		}
	}
	for (size_t i = 0; i < plan->nr_acts && r == 0; i++) {
		r = apply_act_attach(actor, &plan->acts[i], err);
		r = applying_may_pass(run, &plan->acts[i], r, err);
		*begun |= r == 0 && plan->acts[i].there;
	}
	if (r == 0)
		r = apply_plan_prove(plan, err);
	for (size_t i = 0; i < plan->nr_acts && r == 0; i++) {
		r = apply_act_detach(actor, &plan->acts[i], err);
		r = applying_may_pass(run, &plan->acts[i], r, err);
	}
	return r < 0 ? r : apply_act_check(actor, err);
}

/* What could not be taken back stays in the journal, for the next run to find. */
static void applying_take_back(struct applying *run)
{
	auto_err why = ERR_INIT;

	if (undo_rewind(pin_txn_undo(run->objects.txn), 0, &why) == 0) {
		if (!run->part)
			apply_journal_drop(&run->journal);
	} else
		log_warn("%s; the next run of '%s' looks at it again", why.text,
			 run->plan.conf->name.text);
}

/* Before a pin is set aside: a run that is killed before its acts has to be told, too. */
static int applying_announce(struct applying *run, struct err *err)
{
	auto_apply_record all = APPLY_RECORD_INIT;

	if (!run->objects.nr_fresh && !run->objects.nr_moved)
		return 0;
	applying_add_was(run, &all);
	apply_fresh_record(&run->objects, &all);
	apply_migrate_record(&run->objects, &all);
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

/*
 * All programs are new, and what they count is in the new map alone: to put the old ones back
 * would lose it. So what fails here stays as a kill would leave it.
 */
static int applying_migrate(struct applying *run, struct err *err)
{
	int r = apply_migrate_finish(&run->objects, err);

	if (r == 0)
		r = applying_commit(run, err);
	if (r == 0) {
		apply_migrate_tell(&run->plan);
		return 0;
	}
	apply_objects_keep(&run->objects);
	return err_context(
		err,
		"the programs are replaced, and the migration is not finished yet; run it again to finish, nothing is lost");
}

static int applying_act_all(struct applying *run, const struct apply_actor *actor,
			    struct err *err)
{
	bool begun = false;
	int r = applying_load(run, err);

	/* Between two acts both maps are written to: no moment to stop in. */
	if (r == 0 && run->objects.nr_moved)
		r = stop_hold_check(err);
	if (r == 0)
		r = applying_act(run, actor, &begun, err);
	if (r == 0 && run->objects.nr_moved)
		return applying_migrate(run, err);
	if (r == 0)
		r = applying_commit(run, err);
	if (r < 0)
		applying_take_back(run);
	if (r < 0 && begun && run->objects.nr_moved)
		err_context(
			err,
			"the programs that were replaced are put back, and what the new ones wrote in that moment is lost");
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

int applying_do(struct applying *run, const struct apply_opts *opts, struct err *err)
{
	auto_keep_watch going = KEEP_WATCH_INIT;
	struct apply_actor actor = {.plan = &run->plan,
				    .undo = pin_txn_undo(run->objects.txn),
				    .going = &going,
				    .hurried = run->part || run->objects.nr_moved};
	int r = run->plan.each ? 0 : applying_refuse(run, err);

	if (r < 0)
		return r;
	if (apply_plan_is_idle(&run->plan)) {
		r = apply_plan_prove(&run->plan, err);
		if (r == 0 && run->part)
			applying_compose(run);
		if (r < 0 || run->part || apply_plan_is_recorded(&run->plan))
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

void applying_give(struct applying *run, struct apply_report *ret)
{
	*ret = run->plan.report;
	run->plan.report = (struct apply_report)APPLY_REPORT_INIT;
}

/* What was passed over is a refusal by now. */
void applying_tell(struct applying *run, struct apply_report *ret)
{
	if (run->plan.each)
		apply_plan_count(&run->plan);
	applying_tell_ids(run);
	applying_give(run, ret);
}
