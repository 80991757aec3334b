/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_moved.h"
#include "load/apply_objects.h"
#include "load/migrate_part.h"

void apply_moved_drop(struct apply_objects *objects)
{
	for (size_t i = 0; i < objects->nr_moved; i++) {
		struct apply_moved *mi = objects->moved[i];

		migrate_part_freep(&mi->part);
		free(mi->pin);
		free(mi->differs);
		free(mi);
	}
	free(take_ptr(objects->moved));
	objects->nr_moved = 0;
}

const struct apply_moved *apply_moved_find(const struct apply_objects *objects,
					   const char *path)
{
	for (size_t i = 0; path && i < objects->nr_moved; i++)
		if (strcmp(migrate_part_place(objects->moved[i]->part), path) == 0)
			return objects->moved[i];
	return NULL;
}

const char *apply_moved_pin(const struct apply_objects *objects, const char *path)
{
	const struct apply_moved *mi = apply_moved_find(objects, path);

	return mi ? mi->pin : path;
}
