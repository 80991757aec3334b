/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "load/object_private.h"
#include "load/object_split.h"

void split_cannot_see(struct object *obj, const char *what, const char *why)
{
	if (!obj->unseen)
		obj->unseen = xasprintf("%s: %s", what, why);
}

bool split_is_asked(const struct object *obj, const struct object_map *m)
{
	const char *root = obj->opts->pin_root;

	if (strchr(m->def.name, '.') || (m->place.given && m->place.given->aside))
		return false;
	if (m->state == OBJECT_MAP_PRIVATE)
		return !m->place.given && !(root && strcmp(root, "none") == 0);
	return m->state == OBJECT_MAP_CREATE;
}

void split_set(struct object_map *m, char *text)
{
	free(m->split);
	m->split = text;
}
