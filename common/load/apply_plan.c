/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

/* --- acts --- */

struct apply_act *apply_plan_add(struct apply_plan *plan, const struct apply_place *place)
{
	struct apply_act *act;

	array_grow(plan->acts, plan->nr_acts);
	act = &plan->acts[plan->nr_acts++];
	*act = (struct apply_act){.kind = APPLY_STEP_ATTACH, .place = place};
	if (!place)
		return act;
	act->o = apply_objects_of(plan->objects, place, &act->want);
	act->ns = place->ns;
	act->made.is_tc = place->is_tc;
	act->made.object = xstrdup(act->o->conf->key.text);
	act->made.function = xstrdup(act->want->prog->name);
	return act;
}

static const char *plan_text(struct apply_plan *plan, const char *fmt, va_list ap)
{
	auto_free char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_give_up();
	return apply_report_own(&plan->report, take_ptr(text));
}

void apply_plan_say(struct apply_plan *plan, struct apply_act *act, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	act->why = plan_text(plan, fmt, ap);
	va_end(ap);
}

void apply_plan_refuse(struct apply_plan *plan, struct apply_act *act, const char *fmt,
		       ...)
{
	va_list ap;

	va_start(ap, fmt);
	act->why = plan_text(plan, fmt, ap);
	va_end(ap);
	act->kind = APPLY_STEP_REFUSE;
}

void apply_plan_need_qdisc(struct apply_plan *plan, size_t ns, struct apply_dev *dev)
{
	if (dev->qdisc != APPLY_QDISC_NONE || dev->qdisc_planned)
		return;
	array_grow(plan->qdiscs, plan->nr_qdiscs);
	plan->qdiscs[plan->nr_qdiscs++] = (struct apply_new_qdisc){
		.ns = ns, .ifindex = dev->ifindex, .dev = dev->name};
	dev->qdisc_planned = true;
}

/* --- whose is it --- */

/* *ret NULL: there is none, or no longer. */
static int plan_program(struct apply_plan *plan, uint32_t id,
			const struct apply_program **ret, struct err *err)
{
	int r = id ? apply_state_program(plan->state, id, ret, err) : -ENOENT;

	if (r != -ENOENT)
		return r;
	err_release(err);
	*ret = NULL;
	return 0;
}

int apply_plan_is(struct apply_plan *plan, uint32_t id,
		  const struct apply_identity *identity, bool *ret, struct err *err)
{
	const struct apply_program *program;
	int r = plan_program(plan, id == identity->id ? id : 0, &program, err);

	if (r == 0)
		*ret = program && apply_identity_same(&program->is, identity);
	return r;
}

int apply_plan_is_build(struct apply_plan *plan, uint32_t id,
			const struct apply_want *want, bool *ret, struct err *err)
{
	const struct apply_program *program;
	int r = plan_program(plan, id, &program, err);

	if (r == 0)
		*ret = program && program->type == want->type &&
		       strcmp(program->name, want->prog->name) == 0;
	return r;
}

bool apply_made_same_place(const struct apply_made *a, const struct apply_made *b)
{
	if (a->is_tc != b->is_tc)
		return false;
	if (a->is_tc)
		return a->netns_ino == b->netns_ino && a->ifindex == b->ifindex &&
		       a->parent == b->parent && a->chain == b->chain &&
		       a->pref == b->pref && a->handle == b->handle;
	if (a->cgroup_id != b->cgroup_id || a->attach_type != b->attach_type)
		return false;
	/* A list of several has one place for each function, a link has its pin. */
	if ((a->mode == APPLY_LINK) != (b->mode == APPLY_LINK))
		return false;
	if (a->mode == APPLY_LINK)
		return strcmp(a->pin, b->pin) == 0;
	return a->mode != APPLY_MULTI || b->mode != APPLY_MULTI ||
	       strcmp(a->function, b->function) == 0;
}

struct plan_owner {
	const struct apply_made *place;
	uint32_t prog_id;
	char *name;
};

static int plan_ask_owner(const struct apply_record *record, void *ctx)
{
	struct plan_owner *o = ctx;

	for (size_t i = 0; i < record->nr_made; i++) {
		const struct apply_made *made = &record->made[i];

		if (made->is.id != o->prog_id || !apply_made_same_place(made, o->place))
			continue;
		o->name = xstrdup(record->name);
		return 1;
	}
	return 0;
}

const char *apply_plan_owner(struct apply_plan *plan, const struct apply_made *place,
			     uint32_t prog_id)
{
	struct plan_owner o = {.place = place, .prog_id = prog_id};

	apply_journal_each_other(plan->journal, plan_ask_owner, &o);
	return o.name ? apply_report_own(&plan->report, o.name) : NULL;
}

static void plan_refuse_foreign(struct apply_plan *plan, struct apply_act *act,
				bool is_build, uint32_t there, struct err *err)
{
	const struct apply_program *program;
	const char *name = "";

	if (apply_state_program(plan->state, there, &program, err) == 0)
		name = program->name;
	err_release(err);
	if (is_build)
		apply_plan_refuse(
			plan, act,
			"program id %u '%s' is attached there, and no record says that it is ours; 'adopt: yes' takes it over",
			there, name);
	else
		apply_plan_refuse(
			plan, act,
			"program id %u '%s' of somebody else is in the way; choose another place, or detach it",
			there, name);
}

int apply_plan_adopt(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		     bool adopt, struct err *err)
{
	const char *owner = apply_plan_owner(plan, &act->made, there);
	bool is_build;
	int r = apply_plan_is_build(plan, there, act->want, &is_build, err);

	act->there = there;
	if (r < 0)
		return r;
	if (owner) {
		apply_plan_refuse(
			plan, act,
			"program id %u belongs to the name '%s'; choose another place",
			there, owner);
	} else if (!is_build || !adopt) {
		plan_refuse_foreign(plan, act, is_build, there, err);
	} else if (plan->journal->unread) {
		apply_plan_refuse(
			plan, act,
			"program id %u may belong to another name: record '%s' cannot be read; repair or remove it",
			there, plan->journal->unread);
	} else {
		act->kind = APPLY_STEP_ADOPT;
		apply_plan_say(plan, act, "program id %u, of no record", there);
	}
	return 0;
}

void apply_plan_own(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		    const char *differs)
{
	act->there = there;
	if (act->o->good && there == act->want->is.id && !differs) {
		act->kind = APPLY_STEP_KEEP;
		return;
	}
	act->kind = APPLY_STEP_REPLACE;
	if (!act->o->good)
		apply_plan_say(plan, act, "%s",
			       act->o->stale ? act->o->stale
					     : "the record lacks its object");
	else
		apply_plan_say(plan, act, "%s",
			       differs ? differs : "it is of an earlier load");
}

/* --- the whole --- */

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
	return r;
}

int apply_plan_make(struct apply_plan *plan, struct err *err)
{
	int r = plan_objects(plan, err);

	for (size_t i = 0; i < plan->places->nr && r == 0; i++) {
		const struct apply_place *place = &plan->places->items[i];

		r = place->is_tc ? apply_plan_tc(plan, place, err)
				 : apply_plan_cgroup(plan, place, err);
	}
	if (r == 0)
		r = apply_plan_leftovers(plan, err);
	if (r < 0)
		return r;
	apply_plan_report(plan);
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
	if (!plan->journal->has_record || plan->journal->interrupted)
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
