/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "load/apply_adopt.h"
#include "load/object.h"
#include "load/same_program.h"

/* The one program that stands at all places of a want; 0: none, or several. */
static uint32_t adopt_only(const struct apply_plan *plan, const struct apply_want *want)
{
	uint32_t only = 0;

	for (size_t i = 0; i < plan->nr_acts; i++) {
		const struct apply_act *act = &plan->acts[i];

		if (act->want != want)
			continue;
		if (act->kind != APPLY_STEP_ADOPT && act->kind != APPLY_STEP_ATTACH)
			return 0;
		if (act->kind == APPLY_STEP_ATTACH)
			continue;
		if (only && act->there != only)
			return 0;
		only = act->there;
	}
	return only;
}

static void adopt_count_slot(const struct object_map *map, uint32_t key,
			     const struct object_program *prog, void *ctx)
{
	(void)map;
	(void)key;
	(void)prog;
	++*(size_t *)ctx;
}

static bool adopt_is_same(const struct apply_plan *plan, struct apply_opened *o)
{
	size_t nr_slots = 0;

	object_each_slot(o->obj, adopt_count_slot, &nr_slots);
	if (nr_slots)
		return false;
	for (size_t w = 0; w < o->nr_wants; w++) {
		uint32_t there = adopt_only(plan, &o->wants[w]);
		auto_strbuf why = STRBUF_INIT;

		if (!o->wants[w].placed)
			continue;
		if (!there ||
		    same_program_id(o->obj, o->wants[w].fd, there, &why) != SAME_YES)
			return false;
	}
	return true;
}

int apply_adopt_same(struct apply_plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->objects->nr; i++) {
		struct apply_opened *o = &plan->objects->items[i];

		if (!apply_opened_is_due(o) || !adopt_is_same(plan, o))
			continue;
		o->kept = true;
		for (size_t w = 0; w < o->nr_wants; w++) {
			uint32_t there = adopt_only(plan, &o->wants[w]);
			const struct apply_program *program;
			int r = 0;

			if (!o->wants[w].placed)
				continue;
			r = apply_state_program(plan->state, there, &program, err);
			if (r < 0)
				return r;
			o->wants[w].is = program->is;
			o->wants[w].fd = program->fd;
		}
	}
	return 0;
}
