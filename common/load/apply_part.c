/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Some places of a file whose objects are loaded: about what one attachment costs. */
#include <stdlib.h>

#include "base/alloc.h"
#include "load/apply_private.h"

static void part_renew_state(struct applying *run)
{
	const struct apply_record *was = &run->journal.was;
	auto_free uint32_t *ids = NULL;
	size_t nr = 0;

	for (size_t l = 0; l < was->nr_loads; l++)
		for (size_t i = 0; i < was->loads[l].nr_programs; i++) {
			array_grow(ids, nr);
			ids[nr++] = was->loads[l].programs[i].is.id;
		}
	apply_state_renew(&run->state, ids, nr);
}

/* The record's loads stay, as long as they are not loaded anew. */
static void part_take_record(struct apply_record *was, struct apply_record *made)
{
	for (size_t i = 0; i < was->nr_made; i++)
		apply_made_release(&was->made[i]);
	free(was->made);
	was->nr_made = made->nr_made;
	was->made = take_ptr(made->made);
	made->nr_made = 0;
}

static void part_renew(struct applying *run, struct apply_places *places,
		       struct apply_record *was)
{
	struct apply_plan *plan = &run->plan;
	const struct apply_conf *conf = plan->conf;

	apply_plan_release(plan);
	*plan = (struct apply_plan){.conf = conf,
				    .objects = &run->objects,
				    .places = &run->places,
				    .state = &run->state,
				    .journal = &run->journal,
				    .each = true};
	apply_record_release(&run->record);
	apply_journal_forget_others(&run->journal);
	part_take_record(&run->journal.was, was);
	apply_places_release(&run->places);
	run->places = *places;
	*places = (struct apply_places)APPLY_PLACES_INIT;
	apply_objects_renew(&run->objects);
	part_renew_state(run);
}

void applying_settle(struct applying *run, struct apply_record *made)
{
	struct apply_record *was = &run->journal.was;

	applying_compose(run);
	for (size_t i = 0; i < was->nr_loads; i++)
		apply_load_release(&was->loads[i]);
	free(was->loads);
	was->nr_loads = run->record.nr_loads;
	was->loads = take_ptr(run->record.loads);
	run->record.nr_loads = 0;
	made->nr_made = run->record.nr_made;
	made->made = take_ptr(run->record.made);
	run->record.nr_made = 0;
}

static void part_pass_object(struct applying *run, struct apply_opened *o)
{
	struct apply_plan *plan = &run->plan;

	for (size_t i = 0; i < plan->nr_acts; i++) {
		auto_err err = ERR_INIT;

		if (plan->acts[i].o != o || plan->acts[i].kind == APPLY_STEP_REFUSE)
			continue;
		err_say(&err, -EAGAIN, "its object '%s' could not be loaded yet",
			o->conf->file.text);
		applying_pass(run, &plan->acts[i], &err);
	}
	o->placed = false;
}

static bool part_needs_qdisc(const struct apply_plan *plan,
			     const struct apply_new_qdisc *q)
{
	for (size_t i = 0; i < plan->nr_acts; i++) {
		const struct apply_act *act = &plan->acts[i];

		if (act->kind == APPLY_STEP_ATTACH && act->made.is_tc &&
		    act->ns == q->ns && act->made.ifindex == q->ifindex)
			return true;
	}
	return false;
}

/* False: nothing of the kind, or it may not. */
static bool part_pass_due(struct applying *run)
{
	struct apply_plan *plan = &run->plan;
	bool any = false;
	size_t kept = 0;

	for (size_t i = 0; i < run->objects.nr; i++) {
		if (!apply_opened_is_due(&run->objects.items[i]))
			continue;
		if (!run->pass_due)
			return false;
		part_pass_object(run, &run->objects.items[i]);
		any = true;
	}
	for (size_t i = 0; any && i < plan->nr_qdiscs; i++)
		if (part_needs_qdisc(plan, &plan->qdiscs[i]))
			plan->qdiscs[kept++] = plan->qdiscs[i];
	if (any)
		plan->nr_qdiscs = kept;
	return true;
}

int applying_part(struct applying *run, const struct apply_opts *opts,
		  struct apply_places *places, struct apply_record *was,
		  struct apply_report *report, struct err *err)
{
	int r;

	part_renew(run, places, was);
	run->part = true;
	r = apply_plan_make(&run->plan, err);
	if (r == 0 && !part_pass_due(run))
		return 1;
	if (r == 0)
		r = applying_do(run, opts, err);
	if (r == 0)
		applying_tell(run, report);
	return r;
}
