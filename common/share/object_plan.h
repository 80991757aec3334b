/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Steps that object_plan() and object_load() share; for the object*.c files only. */
#ifndef SHARE_OBJECT_PLAN_H
#define SHARE_OBJECT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "share/resolver.h"

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
/* What the resolver is asked for map i; borrows from obj. */
void object_resolver_want(const struct object *obj, size_t i, struct resolver_want *ret);

#endif
