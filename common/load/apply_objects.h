/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The objects of a file: opened, the programs of its entries selected, the maps placed as it
 * says, and whether what the record has of them still is what a load would give.
 *
 * An object is loaded once for all of its places, so its private maps are one for them too: a
 * change of its file, its settings or the maps it uses replaces all of its programs.
 */
#ifndef LOAD_APPLY_OBJECTS_H
#define LOAD_APPLY_OBJECTS_H

#include "kernel/pin_at.h"
#include "load/apply_state.h"
#include "load/placement.h"

struct apply_moved;
struct object;
struct object_program;
struct pin_txn;

/* A program that an entry, or several, attach. */
struct apply_want {
	struct object_program *prog; /* the object's */
	uint32_t type, attach_type;  /* as what it is loaded */
	bool loose;  /* of the ingress and egress kind: any of its attach types will do */
	bool placed; /* the machine has a place for it now */
	struct apply_identity is; /* once known: of the record, or loaded */
	int fd;                   /* borrowed: the state's or the object's; -1 */
};

struct apply_opened {
	const struct apply_object *conf;
	struct share_opts opts;
	struct object *obj; /* owned; NULL: no entry uses it */
	struct apply_want *wants;
	size_t nr_wants;
	bool placed; /* one of the wants is; without, nothing of it is loaded or looked at */
	char *settings; /* owned, as these are */
	const struct apply_load
		*good; /* the record's, and still so; NULL: it has to be loaded */
	char *stale;   /* why it has to be: "the file changed" */
	bool kept;     /* what stands is the same as what was loaded, and stays */
};

/* One pin whose map is given up (load/apply_fresh.h). */
struct apply_fresh {
	const struct apply_opened *o; /* the first that wants it */
	const char *map;              /* the object's */
	char *path;                   /* owned, as these are */
	char *why;                    /* what differs, what is lost */
	uint32_t id;                  /* of the map that is given up */
	struct pin_aside at;
};

struct apply_objects {
	const struct apply_conf *conf;
	struct pin_txn *txn;        /* owned: one journal for all of them */
	struct apply_opened *items; /* owned; as conf->objects */
	size_t nr;
	bool stays; /* who runs it goes on: what is loaded is, with or without a place */
	size_t *of_tc, *of_cgroup; /* owned: the entry's want, in its object's */
	struct apply_fresh *fresh; /* owned: pins that begin afresh */
	size_t nr_fresh;
	char *aside; /* owned: apply_fresh_prefix() */
	/* Maps that migrate (load/apply_migrate.h); owned, and each of them. */
	struct apply_moved **moved;
	size_t nr_moved;
};

#define APPLY_OBJECTS_INIT   \
	{                    \
		.conf = NULL \
	}
#define auto_apply_objects auto_release(apply_objects_release) struct apply_objects
/* What was not committed is taken back first. */
void apply_objects_release(struct apply_objects *objects);

/* As opened: nothing is placed, compared or chosen to begin afresh. */
void apply_objects_renew(struct apply_objects *objects);

/* What is loaded uses that map, whatever the file says of its place; map is borrowed. */
void apply_opened_give(struct apply_opened *o, const char *map, uint32_t id);

/* Does a run have to load it? */
bool apply_opened_is_due(const struct apply_opened *o);

/* Opens and selects; nothing is touched in the kernel. */
int apply_objects_open(struct apply_objects *ret, const struct apply_conf *conf,
		       const struct share_opts *opts, struct err *err) must_check;

/*
 * apply_compare.c: fills good or stale, and of what is good the programs. Good is what has the
 * file's bytes, its settings, every program that has a place still in the kernel (the others
 * went with their last one), every pin still the map that they use, every slot still the
 * program that the load put there.
 */
int apply_objects_compare(struct apply_objects *objects, struct apply_state *state,
			  const struct apply_record *was, struct err *err) must_check;

/* The opened object of an entry, and what it wants of it. */
struct apply_opened *apply_objects_of(const struct apply_objects *objects,
				      const struct apply_place *place,
				      struct apply_want **want);

/* --- apply_load.c: into the kernel --- */

/* Everything that has to be, or nothing; directories of pins stay locked until the end. */
int apply_objects_load(struct apply_objects *objects, struct err *err) must_check;

/* What was loaded, or is as it was, as the record has it. */
void apply_objects_record(const struct apply_objects *objects, struct apply_record *to);

/* All of it stays. */
void apply_objects_keep(struct apply_objects *objects);

#endif
