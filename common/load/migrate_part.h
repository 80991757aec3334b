/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The migration of one map as a part of somebody's transaction, who loads and attaches by
 * himself:
 *
 *	r = migrate_part_open(&part, &opts, err);	what is pinned, what was left
 *	migrate_part_add(part, &object);		each that defines the map
 *	r = migrate_part_look(part, err);		may it be
 *	...						migrate_part_dirs() locked
 *	r = migrate_part_begin(part, err);
 *	...						the objects loaded
 *	r = migrate_part_copy(part, err);		all is in the new map
 *	...						no program on the old one
 *	r = migrate_part_finish(part, err);		what came meanwhile; the pin
 *
 * The map of each object that is added is placed at migrate_part_place() by who opened it.
 * Up to migrate_part_copy() all of it is taken back with the transaction. Once a program was
 * replaced, what the new ones write is in the new map alone; so what fails in
 * migrate_part_finish() stays as a kill would leave it: the caller keeps what he did, and the
 * next run finishes.
 */
#ifndef LOAD_MIGRATE_PART_H
#define LOAD_MIGRATE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct apply_constant;
struct graph_attachment;
struct migrate_part;
struct migrate_report;
struct object;
struct pin_txn;
struct share_opts;
struct text_list;

/* All borrowed until migrate_part_freep(). */
struct migrate_part_opts {
	const struct share_opts *share; /* overrides and constants are not looked at */
	struct pin_txn *txn;            /* the objects' too */
	const char *pin, *map;
	/*
	 * Why a program goes on with the old map: at a place, or, without one, loaded and
	 * not seen to be attached. NULL: it does not.
	 */
	const char *(*stays)(void *ctx, uint32_t program,
			     const struct graph_attachment *at);
	void *ctx;
};

/* A program that will be attached. */
struct migrate_part_program {
	const char *name;
	uint32_t type, attach_type;
};

/* One object, all borrowed but programs. */
struct migrate_part_object {
	struct object *obj;
	struct migrate_part_program *programs; /* taken */
	size_t nr;
	/* The constants of obj, that it is looked at with. */
	int (*set)(void *ctx, struct object *obj, struct err *err);
	void *ctx;
};

int migrate_part_open(struct migrate_part **ret, const struct migrate_part_opts *opts,
		      struct err *err) must_check;
void migrate_part_freep(struct migrate_part **part);

/* Where the new map is pinned until it takes the pin; the part's. */
const char *migrate_part_place(const struct migrate_part *part);
void migrate_part_add(struct migrate_part *part,
		      const struct migrate_part_object *object);
void migrate_part_dirs(const struct migrate_part *part, struct text_list *dirs);

/* As migrate_run() with plan_only, but for refusals, which are errors: see there. */
int migrate_part_look(struct migrate_part *part, struct err *err) must_check;
int migrate_part_begin(struct migrate_part *part, struct err *err) must_check;
int migrate_part_copy(struct migrate_part *part, struct err *err) must_check;
int migrate_part_finish(struct migrate_part *part, struct err *err) must_check;

const struct migrate_report *migrate_part_report(const struct migrate_part *part);

/* Was one interrupted that has to be finished? 1, 0, or -errno: it cannot be told. */
int migrate_part_is_half(const char *pin, struct err *err) must_check;
/*
 * What a run that was killed left beside the pin, and nothing needs: removed. *half: programs
 * may have been replaced already, so it is kept, and has to be finished. -ENOENT: no such pin.
 */
int migrate_part_recover(const char *pin, bool *half, struct err *err) must_check;

#endif
