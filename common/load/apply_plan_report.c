/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A plan as the steps that are shown. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "load/apply_plan.h"

static const char *report_copy(struct apply_report *report, const char *text)
{
	return text ? apply_report_own(report, xstrdup(text)) : NULL;
}

/* --- loads --- */

static void report_loads(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->objects->nr; i++) {
		const struct apply_opened *o = &plan->objects->items[i];
		struct apply_step *step;

		if (!o->placed)
			continue;
		apply_plan_report_maps(plan, o);
		if (o->good)
			continue;
		step = apply_report_add(&plan->report, APPLY_STEP_LOAD);
		step->object = o->conf->key.text;
		step->at = o->conf->key.at;
		step->why = report_copy(&plan->report, o->stale);
	}
}

/* --- places --- */

static void report_qdiscs(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->nr_qdiscs; i++) {
		const struct apply_new_qdisc *q = &plan->qdiscs[i];
		struct apply_step *step =
			apply_report_add(&plan->report, APPLY_STEP_QDISC);

		step->netns = report_copy(&plan->report, plan->places->ns[q->ns].name);
		step->dev = report_copy(&plan->report, q->dev);
	}
}

void apply_report_place(struct apply_report *report, struct apply_step *step,
			const struct apply_made *made)
{
	step->netns = report_copy(report, made->netns);
	step->dev = report_copy(report, made->dev);
	step->parent = made->parent;
	step->chain = made->chain;
	step->handle = made->handle;
	step->preference = made->pref;
	step->protocol = made->protocol;
	step->tcx = made->tcx;
	step->cgroup = report_copy(report, made->cgroup);
	step->type = made->is_tc ? NULL : attach_type_by_value(made->attach_type);
	step->mode = made->mode;
	step->pin = report_copy(report, made->pin);
}

static void report_act(struct apply_plan *plan, const struct apply_act *act)
{
	struct apply_step *step = apply_report_add(&plan->report, act->kind);
	const struct apply_place *place = act->place;

	apply_report_place(&plan->report, step, &act->made);
	step->object = report_copy(&plan->report, act->made.object);
	step->program = report_copy(&plan->report, act->made.function);
	step->id = act->there;
	step->why = act->why;
	if (act->want && act->kind != APPLY_STEP_KEEP && act->kind != APPLY_STEP_REFUSE)
		step->new_id = act->want->is.id;
	if (place)
		step->at = place->is_tc ? plan->conf->tc[place->entry].at
					: plan->conf->cgroups[place->entry].at;
}

static void report_pending(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->places->nr_pending; i++) {
		const struct apply_pending *p = &plan->places->pending[i];
		struct apply_step *step = apply_report_add(
			&plan->report, p->why ? APPLY_STEP_REFUSE : APPLY_STEP_PENDING);
		char *why =
			p->why ? xstrdup(p->why)
			       : xasprintf("no %s is named '%s'", p->what, p->word->text);

		step->why = apply_report_own(&plan->report, why);
		step->at = p->word->at;
		if (!p->is_tc) {
			step->cgroup = p->word->text;
			step->type = plan->conf->cgroups[p->entry].type;
			continue;
		}
		if (strcmp(p->what, "network namespace") == 0) {
			step->netns = p->word->text;
			continue;
		}
		step->netns = report_copy(&plan->report, p->netns);
		step->dev = p->word->text;
		step->parent = plan->conf->tc[p->entry].parent;
		step->tcx = plan->conf->tc[p->entry].tcx;
	}
}

void apply_plan_count(struct apply_plan *plan)
{
	struct apply_report *report = &plan->report;

	report->in_sync = true;
	report->nr_attached = report->nr_kept = report->nr_detached = 0;
	report->nr_refused = 0;
	for (size_t i = 0; i < report->nr; i++) {
		switch (report->steps[i].kind) {
		case APPLY_STEP_KEEP:
			report->nr_kept++;
			break;
		case APPLY_STEP_ATTACH:
		case APPLY_STEP_REPLACE:
		case APPLY_STEP_ADOPT:
			report->nr_attached++;
			report->in_sync = false;
			break;
		case APPLY_STEP_DETACH:
			report->nr_detached++;
			report->in_sync = false;
			break;
		case APPLY_STEP_REFUSE:
			report->nr_refused++;
			report->in_sync = false;
			break;
		case APPLY_STEP_CREATE:
		case APPLY_STEP_MIGRATE:
		case APPLY_STEP_QDISC:
		case APPLY_STEP_LOAD:
			report->in_sync = false;
			break;
		case APPLY_STEP_REUSE:
		case APPLY_STEP_FORGET:
		case APPLY_STEP_PENDING:
			break;
		}
	}
}

void apply_plan_report(struct apply_plan *plan)
{
	report_loads(plan);
	report_qdiscs(plan);
	plan->first_step = plan->report.nr;
	for (size_t i = 0; i < plan->nr_acts; i++)
		report_act(plan, &plan->acts[i]);
	report_pending(plan);
	apply_plan_count(plan);
}
