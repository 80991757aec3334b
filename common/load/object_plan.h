/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Steps that object_plan() and object_load() share; for the object*.c files only. */
#ifndef LOAD_OBJECT_PLAN_H
#define LOAD_OBJECT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "load/resolver.h"

struct object;

/* Does any map go below the bpffs mount point (and not only below --pin-root or pinmaps)?
 */
bool object_needs_mnt(const struct object *obj);
/* Every map {idx|name} on the command line must exist in the object. */
int object_check_overrides(struct object *obj, struct err *err) must_check;
/* Fills place of every map; the first failure is returned, each map keeps its own reason.
 */
int object_place(struct object *obj, const char *mnt, struct err *err) must_check;
/* Compares what is there: fills state and id; opens given maps. Returns the first
 * conflict. */
int object_check_maps(struct object *obj, struct err *err) must_check;
/*
 * After the states: fills split of every map that comes out private or new while another of
 * its name is pinned or in use, and of those reused with a twin in the other tool's place.
 * Pin names are read first; maps in use are walked for maps that would be created, with
 * --require-shared for private ones too, and hooks only if one has the name. What could not
 * be looked at ends in obj->unseen.
 */
void object_look_for_splits(struct object *obj);
/* Once the pins are made: whoever pinned the name elsewhere meanwhile was not seen then. */
void object_look_again(struct object *obj);
/* --require-shared: the first split, or that not everything could be seen. */
int object_refuse_splits(const struct object *obj, struct err *err) must_check;
/* The remarks of a load, once every id is known. */
void object_say_splits(const struct object *obj);
void object_say_unseen(const struct object *obj);
/* What the resolver is asked for map i; borrows from obj. */
void object_resolver_want(const struct object *obj, size_t i, struct resolver_want *ret);

#endif
