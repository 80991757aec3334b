/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_fresh.h"
#include "load/apply_migrate.h"
#include "load/apply_plan.h"
#include "load/object.h"

void apply_plan_release(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->nr_acts; i++)
		apply_made_release(&plan->acts[i].made);
	free(plan->acts);
	free(plan->qdiscs);
	apply_report_release(&plan->report);
}

static void plan_mark_placed(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->places->nr; i++) {
		struct apply_want *want;

		apply_objects_of(plan->objects, &plan->places->items[i], &want)->placed =
			true;
		want->placed = true;
	}
}

static int plan_objects(struct apply_plan *plan, struct err *err)
{
	int r;

	plan_mark_placed(plan);
	r = apply_objects_compare(plan->objects, plan->state, &plan->journal->was, err);

	for (size_t i = 0; i < plan->objects->nr && r == 0; i++) {
		struct apply_opened *o = &plan->objects->items[i];

		if (apply_opened_is_due(o))
			r = object_plan(o->obj, err);
	}
	if (r == 0)
		r = apply_migrate_plan(plan->objects, plan->journal, err);
	return r < 0 ? r : apply_fresh_plan(plan->objects, plan->journal, err);
}

/* What is ours there is not known not to be wanted: none of it is a leftover. */
static void plan_pass_place(struct apply_plan *plan, const struct apply_place *place,
			    struct err *err)
{
	const struct apply_ns *ns = place->is_tc ? &plan->places->ns[place->ns] : NULL;
	struct apply_record *was = &plan->journal->was;

	for (size_t i = 0; i < was->nr_made; i++) {
		struct apply_made *m = &was->made[i];

		if (m->is_tc != place->is_tc ||
		    (ns ? m->netns_ino != ns->ino ||
				     m->ifindex != ns->devs[place->dev].ifindex
			: m->cgroup_id != place->cgroup_id))
			continue;
		m->held |= !m->claimed;
		m->claimed = true;
	}
	apply_plan_pass(plan, &plan->acts[plan->nr_acts - 1], err);
}

int apply_plan_make(struct apply_plan *plan, struct err *err)
{
	int r = plan_objects(plan, err);

	for (size_t i = 0; i < plan->places->nr && r == 0; i++) {
		const struct apply_place *place = &plan->places->items[i];

		if (!place->is_tc)
			r = apply_plan_cgroup(plan, place, err);
		else if (plan->conf->tc[place->entry].tcx)
			r = apply_plan_tcx(plan, place, err);
		else
			r = apply_plan_tc(plan, place, err);
		if (r < 0 && plan->each) {
			plan_pass_place(plan, place, err);
			r = 0;
		}
	}
	if (r == 0)
		r = apply_plan_leftovers(plan, err);
	if (r < 0)
		return r;
	apply_plan_report(plan);
	apply_migrate_look(plan);
	return 0;
}

int apply_plan_removal(struct apply_plan *plan, struct err *err)
{
	int r = apply_plan_leftovers(plan, err);

	if (r == 0)
		apply_plan_report(plan);
	return r;
}

bool apply_plan_is_idle(const struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->nr_acts; i++)
		if (plan->acts[i].kind != APPLY_STEP_KEEP &&
		    plan->acts[i].kind != APPLY_STEP_FORGET)
			return false;
	for (size_t i = 0; i < plan->objects->nr; i++)
		if (apply_opened_is_due(&plan->objects->items[i]))
			return false;
	return !plan->nr_qdiscs;
}

bool apply_plan_is_recorded(const struct apply_plan *plan)
{
	if (!plan->journal->has_record || apply_journal_is_twice(plan->journal))
		return false;
	for (size_t i = 0; i < plan->nr_acts; i++)
		if (plan->acts[i].kind != APPLY_STEP_KEEP)
			return false;
	return true;
}

/* --- the proof --- */

/* The map of that name that a want's program uses; 0: it uses none. */
static int prove_map_of(struct apply_plan *plan, const struct apply_opened *o,
			const struct apply_want *want, const char *name, uint32_t *ret,
			struct err *err)
{
	const struct apply_program *program;
	uint32_t id = 0;
	int r;

	*ret = 0;
	if (o->good) {
		for (size_t i = 0; i < o->good->nr_maps; i++)
			if (strcmp(o->good->maps[i].name, name) == 0)
				id = o->good->maps[i].id;
	} else {
		size_t nr;
		const struct object_map *maps = object_maps(o->obj, &nr);

		for (size_t i = 0; i < nr; i++)
			if (strcmp(maps[i].def.name, name) == 0)
				id = maps[i].id;
	}
	r = id ? apply_state_program(plan->state, want->is.id, &program, err) : 0;
	if (r < 0 || !id)
		return r;
	for (size_t i = 0; i < program->nr_maps; i++)
		if (program->maps[i] == id)
			*ret = id;
	return 0;
}

static int prove_map(struct apply_plan *plan, const char *name, struct err *err)
{
	const struct apply_want *first = NULL;
	uint32_t shared = 0;

	for (size_t i = 0; i < plan->objects->nr; i++) {
		struct apply_opened *o = &plan->objects->items[i];

		for (size_t w = 0; w < o->nr_wants; w++) {
			uint32_t id;
			int r;

			if (!o->wants[w].placed)
				continue;
			r = prove_map_of(plan, o, &o->wants[w], name, &id, err);
			if (r < 0)
				return r;
			if (id && shared && id != shared)
				return err_say(
					err, -EXDEV,
					"map '%s' is not shared: program id %u '%s' uses id %u, program id %u '%s' uses id %u",
					name, first->is.id, first->prog->name, shared,
					o->wants[w].is.id, o->wants[w].prog->name, id);
			if (id && !shared) {
				first = &o->wants[w];
				shared = id;
			}
		}
	}
	return 0;
}

int apply_plan_prove(struct apply_plan *plan, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->conf->nr_maps && r == 0; i++)
		if (plan->conf->maps[i].shared)
			r = prove_map(plan, plan->conf->maps[i].name.text, err);
	return r;
}
