/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of a run that migrate, below the files that plan them (load/apply_migrate.h). */
#ifndef LOAD_APPLY_MOVED_H
#define LOAD_APPLY_MOVED_H

#include <stdint.h>

struct apply_objects;
struct apply_opened;
struct apply_plan;
struct migrate_part;

struct apply_moved {
	struct apply_objects *objects;
	const char *map;              /* the object's */
	char *pin;                    /* owned, as these are */
	char *differs;                /* "value_size 8/16" */
	char *refused;                /* why it cannot be; NULL: it can */
	uint32_t id;                  /* of the old map */
	const struct apply_opened *o; /* the first that wants it */
	struct migrate_part *part;
	const struct apply_plan *plan; /* once its acts are known */
};

/* Once all is done, or taken back: the old maps go with it. */
void apply_moved_drop(struct apply_objects *objects);
/* The one whose new map is placed at path; NULL: none. */
const struct apply_moved *apply_moved_find(const struct apply_objects *objects,
					   const char *path);
/* Where it will be pinned; path itself where nothing migrates. */
const char *apply_moved_pin(const struct apply_objects *objects, const char *path);

#endif
