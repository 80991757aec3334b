/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What object_split.c found, as a refusal or as remarks. */
#include <errno.h>

#include "base/log.h"
#include "load/object_plan.h"
#include "load/object_private.h"

static const char *outcome_of(const struct object_map *m)
{
	return m->state == OBJECT_MAP_PRIVATE ? "private" : "new";
}

int object_refuse_splits(const struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (m->split && m->state == OBJECT_MAP_REUSE)
			err_say(err, -EEXIST,
				"map '%s': --require-shared: reused from '%s', %s",
				m->def.name, m->place.path, m->split);
		else if (m->split)
			err_say(err, -EEXIST,
				"map '%s': --require-shared: would be %s, %s",
				m->def.name, outcome_of(m), m->split);
		if (m->split)
			return err_is(err, ERR_SPLIT);
	}
	if (obj->unseen)
		return err_say(
			err, -EPERM,
			"--require-shared: whether maps of the same names are in use cannot be seen: %s",
			obj->unseen);
	return 0;
}

void object_say_unseen(const struct object *obj)
{
	if (obj->unseen)
		log_info(
			"whether other maps of the same names are in use cannot be seen: %s",
			obj->unseen);
}

void object_say_splits(const struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (!m->split)
			continue;
		if (m->state == OBJECT_MAP_PRIVATE)
			log_warn("map '%s': private (id %u), %s", m->def.name, m->id,
				 m->split);
		else
			log_warn("map '%s': %s '%s' (id %u), %s", m->def.name,
				 m->state == OBJECT_MAP_CREATE ? "created at" : "at",
				 m->place.path, m->id, m->split);
	}
	object_say_unseen(obj);
}
