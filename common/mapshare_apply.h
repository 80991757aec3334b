/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libmapshare: what a file of mapshare.conf(5) says should be, planned, applied and removed, by
 * the engine and with the records of tc_loader and cgroup_loader.
 *
 *	r = mapshare_apply_open(ms, "acct.yaml", NULL, &a);
 *	r = mapshare_apply_run(a);
 *	for (i = 0; mapshare_apply_step(a, i, &step) == 0; i++)
 *		...
 *
 * Contexts, errors and option structs are those of mapshare.h.
 */
#ifndef MAPSHARE_APPLY_H
#define MAPSHARE_APPLY_H

#include "mapshare.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct mapshare_apply; /* what a file says should be, and the steps that lead there */

/* How a file is applied. */
struct mapshare_apply_opts {
	size_t size;
	const char *state_dir;     /* where records are; NULL: /run/mapshare */
	unsigned int lock_seconds; /* to wait for another run of its name; 0: 60 */
};

/* Reads one file of mapshare.conf(5), the machine aside; opts may be NULL. The context's. */
int mapshare_apply_open(struct mapshare *ms, const char *path,
			const struct mapshare_apply_opts *opts,
			struct mapshare_apply **ret);

/* The steps that a run would take now. Changes nothing, and loads nothing. */
int mapshare_apply_plan(struct mapshare_apply *a);
/* Takes them, all or none; what is so already is not loaded again. */
int mapshare_apply_run(struct mapshare_apply *a);
/* Detaches what runs of the file's name attached, as far as it is unchanged. */
int mapshare_apply_remove(struct mapshare_apply *a);
/* 1: the last of these found everything as the file says; 0. */
int mapshare_apply_in_sync(const struct mapshare_apply *a);

/* What a step does: to maps, qdiscs and objects, to places, to nothing. */
enum mapshare_step {
	MAPSHARE_STEP_CREATE,
	MAPSHARE_STEP_REUSE,
	MAPSHARE_STEP_QDISC,
	MAPSHARE_STEP_LOAD,
	MAPSHARE_STEP_ATTACH,
	MAPSHARE_STEP_REPLACE,
	MAPSHARE_STEP_ADOPT,
	MAPSHARE_STEP_KEEP,
	MAPSHARE_STEP_DETACH,
	MAPSHARE_STEP_FORGET,
	MAPSHARE_STEP_PENDING, /* nothing fits the name or pattern */
	MAPSHARE_STEP_REFUSE,  /* cannot be done: then nothing is */
	MAPSHARE_STEP_MIGRATE  /* a map, to a new one that has what is in it */
};

/* One step, in the order in which they are done. Strings are the apply's, until its next run. */
struct mapshare_step_info {
	size_t size;
	enum mapshare_step step;
	const char *object, *program; /* its key in the file; function */
	const char *map, *pin;        /* of maps; pin also of a cgroup's link */
	const char *netns, *dev;      /* a place of tc's; netns "": the caller's */
	enum mapshare_hook hook;      /* of dev */
	uint32_t chain, preference, handle;
	const char *cgroup, *type; /* a place at a cgroup; "cgroup_inet_egress" */
	uint32_t id, new_id; /* of the map or program there; of what takes its place */
	const char *why;     /* NULL: nothing to say */
	unsigned int line, column; /* in the file; 0: nowhere */
	int tcx;                   /* of dev: in the list of tcx, not a filter */
};

/* The steps of the last plan, run or remove that succeeded. -ENOENT past the last one. */
int mapshare_apply_step(const struct mapshare_apply *a, size_t i,
			struct mapshare_step_info *ret);
/*
 * Runs the file, then serves the interfaces, cgroups and network namespaces that appear, as
 * `apply --follow` does. There is no thread: wait until the descriptor is readable, then step,
 * which never blocks. Nothing is polled meanwhile.
 */
int mapshare_follow_open(struct mapshare_apply *a);
/* The apply's, to be waited for; -EINVAL: it is not followed. */
int mapshare_follow_fd(const struct mapshare_apply *a);
/*
 * Does what waits; mapshare_apply_step() tells what changed, and what is refused. An error is
 * tried again later; after -ENOMEM it has to be closed and opened again.
 */
int mapshare_follow_step(struct mapshare_apply *a);
/* All of it stays attached; mapshare_apply_free() does this, too. */
void mapshare_follow_close(struct mapshare_apply *a);

/* Takes NULL. */
void mapshare_apply_free(struct mapshare_apply *a);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
