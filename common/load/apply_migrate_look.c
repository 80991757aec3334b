/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* May a map migrate: who would go on with the old one, and what becomes of its members. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph.h"
#include "load/apply_migrate.h"
#include "load/apply_moved.h"
#include "load/migrate.h"
#include "load/migrate_part.h"
#include "netlink/nl_filter.h"

/* --- who goes on with the old map --- */

static bool migrate_is_at(const struct apply_plan *plan, const struct apply_act *act,
			  const struct graph_attachment *at)
{
	const struct apply_made *m = &act->made;
	const enum graph_hook hook =
		m->parent == NL_PARENT_EGRESS ? GRAPH_EGRESS : GRAPH_INGRESS;

	if (!m->is_tc)
		return at->kind == GRAPH_CGROUP && at->cgroup_id == m->cgroup_id &&
		       at->attach_type == m->attach_type &&
		       (m->mode == APPLY_LINK) == (at->link_id != 0);
	if (plan->places->ns[act->ns].ino != at->netns_ino ||
	    (uint32_t)m->ifindex != at->ifindex || at->block || at->hook != hook)
		return false;
	return m->tcx ? at->kind == GRAPH_TCX && !at->link_id
		      : at->kind == GRAPH_TC && at->chain == m->chain &&
				at->pref == m->pref && at->handle == m->handle;
}

/* Programs in prog arrays of an earlier load go with those that call into them. */
static bool migrate_is_callee(const struct apply_plan *plan, uint32_t program)
{
	const struct apply_record *was = &plan->journal->was;

	for (size_t l = 0; l < was->nr_loads; l++)
		for (size_t i = 0; i < was->loads[l].nr_slots; i++)
			if (was->loads[l].slots[i].prog_id == program)
				return true;
	return false;
}

const char *apply_migrate_stays(void *ctx, uint32_t program,
				const struct graph_attachment *at)
{
	const struct apply_moved *mi = ctx;
	const struct apply_plan *plan = mi->plan;

	if (!at)
		return migrate_is_callee(plan, program)
			       ? NULL
			       : "no place of the file is seen to have it";
	for (size_t i = 0; i < plan->nr_acts; i++) {
		const struct apply_act *act = &plan->acts[i];

		if (act->there != program || !migrate_is_at(plan, act, at))
			continue;
		if (act->kind == APPLY_STEP_REPLACE || act->kind == APPLY_STEP_ADOPT)
			return NULL;
		/* The link is closed once all is done, and its program runs until then. */
		if (act->kind == APPLY_STEP_DETACH)
			return act->made.pin
				       ? "its link would be closed too late; take it out of the file in a run of its own"
				       : NULL;
	}
	return "the file does not replace it there";
}

/* --- may they --- */

static void migrate_add_members(const struct migrate_report *report, struct strbuf *out)
{
	for (size_t i = 0; i < report->plan.nr_rows; i++) {
		const struct element_row *row = &report->plan.rows[i];

		if (row->action != ELEMENT_KEPT && row->action != ELEMENT_REFUSED)
			sb_addf(out, "; %s '%s' is %s", row->of_key ? "key" : "member",
				row->path, element_action_name(row->action));
	}
}

/* What both sides count meanwhile is one side's then: not to be found out afterwards. */
static void migrate_add_doubts(const struct migrate_report *report, struct strbuf *out)
{
	for (size_t i = 0; i < report->plan.nr_rows; i++) {
		const struct element_row *row = &report->plan.rows[i];

		if (row->doubted && row->policy != ELEMENT_ADD)
			sb_addf(out, "; member '%s': %s", row->path, row->why);
	}
}

static const char *migrate_words(struct apply_plan *plan, const struct apply_moved *mi)
{
	const struct migrate_report *report = migrate_part_report(mi->part);
	auto_strbuf out = STRBUF_INIT;

	sb_addf(&out, "%s differs (pin/object)", mi->differs);
	migrate_add_members(report, &out);
	migrate_add_doubts(report, &out);
	if (report->counted)
		sb_addf(&out, "; elements: %" PRIu64, report->elements);
	return apply_report_own(&plan->report, sb_take(&out));
}

static struct apply_step *migrate_step(const struct apply_plan *plan,
				       const struct apply_moved *mi)
{
	for (size_t i = 0; i < plan->report.nr; i++)
		if (plan->report.steps[i].kind == APPLY_STEP_MIGRATE &&
		    strcmp(plan->report.steps[i].pin, mi->pin) == 0)
			return &plan->report.steps[i];
	return NULL;
}

void apply_migrate_look(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->objects->nr_moved; i++) {
		struct apply_moved *mi = plan->objects->moved[i];
		struct apply_step *step = migrate_step(plan, mi);
		auto_err why = ERR_INIT;
		int r;

		mi->plan = plan;
		r = migrate_part_look(mi->part, &why);
		if (!step)
			continue;
		step->why = r < 0 ? apply_report_own(&plan->report, xstrdup(why.text))
				  : migrate_words(plan, mi);
		if (r < 0)
			step->kind = APPLY_STEP_REFUSE;
	}
	apply_plan_count(plan);
}

/* --- what it came to --- */

void apply_migrate_tell(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->objects->nr_moved; i++) {
		const struct apply_moved *mi = plan->objects->moved[i];
		const struct migrate_report *report = migrate_part_report(mi->part);
		struct apply_step *step = migrate_step(plan, mi);
		auto_strbuf out = STRBUF_INIT;

		if (!step)
			continue;
		sb_addf(&out, "migrated: %" PRIu64 " elements copied", report->copied);
		if (report->added)
			sb_addf(&out, ", %" PRIu64 " brought over", report->added);
		if (report->born)
			sb_addf(&out, ", %" PRIu64 " new ones", report->born);
		if (report->raced)
			sb_addf(&out, ", %" PRIu64 " changed on both sides",
				report->raced);
		if (report->evicted)
			sb_addf(&out, ", %" PRIu64 " evicted", report->evicted);
		migrate_add_doubts(report, &out);
		step->why = apply_report_own(&plan->report, sb_take(&out));
		step->new_id = report->new_id;
	}
}
