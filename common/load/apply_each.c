/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every place for itself: what is refused or fails is a step that says so, and what is ours
 * there stays in the record.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_private.h"

void apply_plan_pass(struct apply_plan *plan, struct apply_act *act, struct err *err)
{
	act->failed = err->code;
	apply_plan_refuse(plan, act, "%s", err->text);
	err_release(err);
}

void applying_pass(struct applying *run, struct apply_act *act, struct err *err)
{
	struct apply_plan *plan = &run->plan;
	struct apply_step *step =
		&plan->report.steps[plan->first_step + (size_t)(act - plan->acts)];

	apply_plan_pass(plan, act, err);
	step->kind = APPLY_STEP_REFUSE;
	step->why = act->why;
	step->new_id = 0;
}

void applying_pass_dev(struct applying *run, const struct apply_new_qdisc *q,
		       struct err *err)
{
	struct apply_plan *plan = &run->plan;
	const int code = err->code;
	auto_free char *text = xstrdup(err->text);

	for (size_t i = 0; i < plan->nr_acts; i++) {
		struct apply_act *act = &plan->acts[i];

		if (act->kind != APPLY_STEP_ATTACH || !act->made.is_tc ||
		    act->ns != q->ns || act->made.ifindex != q->ifindex)
			continue;
		err_release(err);
		err_say(err, code, "%s", text);
		applying_pass(run, act, err);
	}
	err_release(err);
}

void applying_hold(struct applying *run)
{
	const struct apply_record *was = &run->journal.was;

	for (size_t i = 0; i < run->plan.nr_acts; i++)
		if (run->plan.acts[i].kind == APPLY_STEP_REFUSE && run->plan.acts[i].from)
			run->plan.acts[i].from->held = true;
	for (size_t i = 0; i < was->nr_made; i++)
		if (was->made[i].held)
			apply_record_add_made(&run->record, &was->made[i]);
}

/* Only what is about to be made: what is kept is on the disk already. */
int applying_write_more(struct applying *run, struct err *err)
{
	auto_apply_record more = APPLY_RECORD_INIT;

	for (size_t i = 0; i < run->plan.nr_acts; i++) {
		const struct apply_act *act = &run->plan.acts[i];
		struct apply_made *made;

		if (act->kind != APPLY_STEP_ATTACH && act->kind != APPLY_STEP_REPLACE &&
		    act->kind != APPLY_STEP_ADOPT)
			continue;
		made = apply_record_add_made(&more, &act->made);
		made->is = act->want->is;
	}
	run->nr_more += more.nr_made;
	return more.nr_made ? apply_journal_append(&run->journal, &more, err) : 0;
}
