/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of a plan: what a load reuses, creates and gives up. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/cpus.h"
#include "kernel/prog_fd.h"
#include "load/apply_fresh.h"
#include "load/apply_moved.h"
#include "load/apply_plan.h"
#include "load/object.h"

static bool maps_have_pin(const struct apply_plan *plan, const char *pin)
{
	for (size_t i = 0; pin && i < plan->report.nr; i++)
		if (plan->report.steps[i].pin && plan->report.steps[i].map &&
		    strcmp(plan->report.steps[i].pin, pin) == 0)
			return true;
	return false;
}

/* Each pin once, whoever uses it first makes it. */
static struct apply_step *maps_add(struct apply_plan *plan, const struct apply_opened *o,
				   enum apply_step_kind kind, const char *name,
				   const char *pin, uint32_t id)
{
	struct apply_step *step;

	if (kind != APPLY_STEP_REFUSE && maps_have_pin(plan, pin))
		return NULL;
	step = apply_report_add(&plan->report, kind);
	step->object = o->conf->key.text;
	step->at = o->conf->key.at;
	step->map = apply_report_own(&plan->report, xstrdup(name));
	step->pin = pin ? apply_report_own(&plan->report, xstrdup(pin)) : NULL;
	step->id = id;
	return step;
}

/* --- who goes on with a map that is given up --- */

struct fresh_users {
	struct apply_plan *plan;
	uint32_t map_id;
	struct strbuf out;
};

/* What is replaced or detached, and what was loaded with it, goes. */
static bool users_will_go(const struct apply_plan *plan, uint32_t id)
{
	const struct apply_record *was = &plan->journal->was;

	for (size_t i = 0; i < plan->nr_acts; i++)
		if (plan->acts[i].there == id &&
		    (plan->acts[i].kind == APPLY_STEP_REPLACE ||
		     plan->acts[i].kind == APPLY_STEP_ADOPT ||
		     plan->acts[i].kind == APPLY_STEP_DETACH))
			return true;
	for (size_t l = 0; l < was->nr_loads; l++)
		for (size_t i = 0; i < was->loads[l].nr_slots; i++)
			if (was->loads[l].slots[i].prog_id == id)
				return true;
	return false;
}

static int users_add(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	struct fresh_users *u = ctx;
	auto_free uint32_t *maps = NULL;
	auto_free char *name = NULL;
	size_t nr = 0;
	int r = users_will_go(u->plan, id) ? 0 : prog_fd_maps(fd, &maps, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (maps[i] != u->map_id)
			continue;
		name = prog_fd_name(fd, info);
		sb_add_sep(&u->out, ", ", "");
		sb_addf(&u->out, "program id %u '%s'", id, name);
		break;
	}
	return r;
}

static const char *maps_give_up(struct apply_plan *plan, const struct apply_fresh *f)
{
	struct fresh_users u = {.plan = plan, .map_id = f->id, .out = STRBUF_INIT};
	int r = prog_fd_each(users_add, &u);
	char *why;

	if (r < 0)
		why = xasprintf(
			"%s; which other programs continue to use it cannot be determined: %s",
			f->why, err_words(r));
	else if (u.out.len)
		why = xasprintf("%s; other programs continue to use it: %s", f->why,
				sb_text(&u.out));
	else
		why = xstrdup(f->why);
	sb_release(&u.out);
	return apply_report_own(&plan->report, why);
}

/* --- two objects, one pin --- */

static const struct object_map *maps_at(const struct apply_opened *o, const char *pin)
{
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (maps[i].place.kind == PLACE_PIN &&
		    strcmp(maps[i].place.path, pin) == 0)
			return &maps[i];
	return NULL;
}

/* The first one to be loaded makes the map; NULL: it fits all. */
static char *maps_disagree(const struct apply_plan *plan, const struct apply_opened *o,
			   const struct object_map *m)
{
	for (const struct apply_opened *first = plan->objects->items; first < o;
	     first++) {
		const struct object_map *made =
			apply_opened_is_due(first) ? maps_at(first, m->place.path) : NULL;
		auto_strbuf diff = STRBUF_INIT;

		if (!made)
			continue;
		if (mapdef_diff(&made->def, &m->def,
				o->opts.no_layout_check ? MAPDEF_DIFF_NO_LAYOUT : 0,
				possible_cpus(), &diff) > 0)
			return xasprintf(
				"object '%s' defines it otherwise than object '%s', and both pin it at '%s': %s ('%s'/'%s')",
				o->conf->key.text, first->conf->key.text, m->place.path,
				sb_text(&diff), first->conf->key.text, o->conf->key.text);
		return NULL;
	}
	return NULL;
}

static void maps_add_planned(struct apply_plan *plan, const struct apply_opened *o,
			     const struct object_map *m)
{
	const char *pin = m->place.kind == PLACE_PIN ? m->place.path : NULL;
	const struct apply_fresh *fresh = apply_fresh_find(plan->objects, pin);
	const struct apply_moved *migrate = apply_moved_find(plan->objects, pin);
	struct apply_step *step;

	if (pin && (fresh || migrate || m->state == OBJECT_MAP_CREATE)) {
		auto_free char *why = maps_disagree(plan, o, m);

		if (why) {
			step = maps_add(plan, o, APPLY_STEP_REFUSE, m->def.name, pin,
					m->id);
			step->why = apply_report_own(&plan->report, take_ptr(why));
			return;
		}
	}
	if (migrate) {
		maps_add(plan, o, APPLY_STEP_MIGRATE, m->def.name,
			 apply_moved_pin(plan->objects, pin), migrate->id);
		return;
	}
	if (fresh && (m->differs || m->state == OBJECT_MAP_REUSE)) {
		step = maps_add(plan, o, APPLY_STEP_CREATE, m->def.name, pin, fresh->id);
		if (step)
			step->why = maps_give_up(plan, fresh);
		return;
	}
	switch (m->state) {
	case OBJECT_MAP_GIVEN:
	case OBJECT_MAP_REUSE:
		step = maps_add(plan, o, APPLY_STEP_REUSE, m->def.name, pin, m->id);
		if (step && m->unchecked)
			step->why =
				apply_report_own(&plan->report, xstrdup(m->unchecked));
		break;
	case OBJECT_MAP_CREATE:
	case OBJECT_MAP_PRIVATE:
	case OBJECT_MAP_UNKNOWN:
		maps_add(plan, o, APPLY_STEP_CREATE, m->def.name, pin, 0);
		break;
	case OBJECT_MAP_CONFLICT:
	case OBJECT_MAP_BLOCKED:
		step = maps_add(plan, o, APPLY_STEP_REFUSE, m->def.name, pin, m->id);
		step->why = m->reason
				    ? apply_report_own(&plan->report, xstrdup(m->reason))
				    : NULL;
		break;
	}
}

void apply_plan_report_maps(struct apply_plan *plan, const struct apply_opened *o)
{
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; o->good && i < o->good->nr_maps; i++)
		maps_add(plan, o, APPLY_STEP_REUSE, o->good->maps[i].name,
			 o->good->maps[i].pin, o->good->maps[i].id);
	for (size_t i = 0; !o->good && i < nr; i++)
		maps_add_planned(plan, o, &maps[i]);
}
