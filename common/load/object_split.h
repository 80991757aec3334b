/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What object_split*.c share: one map that is about to become two. For these files only. */
#ifndef LOAD_OBJECT_SPLIT_H
#define LOAD_OBJECT_SPLIT_H

#include <stdbool.h>

struct object;
struct object_map;

/* What the user asked for in so many words is no slip; data sections are each load's own. */
bool split_is_asked(const struct object *obj, const struct object_map *m);
/* Takes the text, and drops the one that was there. */
void split_set(struct object_map *m, char *text);
/* The first of what could not be looked at is what is said. */
void split_cannot_see(struct object *obj, const char *what, const char *why);

/* Maps of the name that attached or pinned programs use; maps without a split only. */
void split_look_at_maps(struct object *obj);
/*
 * After the load: an outer map that is reused keeps what is in its slots. Where the object puts
 * a map there that its programs use by name, too, and another one is in the slot, that one is
 * the other map.
 */
void split_look_at_slots(struct object *obj);

#endif
