/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `on-change: migrate`: a map that exists with another definition gives its pin to a new one,
 * which has all that was in it (load/migrate_part.h). The objects are loaded with the new map,
 * which gets the elements before any program is replaced; once all are, what the old ones
 * wrote meanwhile is brought over, and the pin is exchanged.
 *
 * Every program on the old map has to be one that the run replaces or detaches. Until the first
 * is replaced all of it is taken back. If one of them cannot be, those before it are put back,
 * and what the new ones wrote in that moment is lost. After the last one nothing is taken back:
 * what fails then is finished by the next run of that name, as after a kill.
 */
#ifndef LOAD_APPLY_MIGRATE_H
#define LOAD_APPLY_MIGRATE_H

#include "load/apply_plan.h"

struct graph_attachment;
struct text_list;

/* After the objects were planned: which maps migrate. Changes nothing. */
int apply_migrate_plan(struct apply_objects *objects, const struct apply_journal *journal,
		       struct err *err) must_check;
/* Once the acts are known: whether they may, and why not. */
void apply_migrate_look(struct apply_plan *plan);
/* Of a migration, what graph/graph.h says of the program: migrate_part_opts.stays. */
const char *apply_migrate_stays(void *moved, uint32_t program,
				const struct graph_attachment *at);
/* For the journal, before anything is made. */
void apply_migrate_record(const struct apply_objects *objects, struct apply_record *to);

void apply_migrate_dirs(const struct apply_objects *objects, struct text_list *dirs);
/* The directories are locked; the objects are loaded between the two. */
int apply_migrate_begin(struct apply_objects *objects, struct err *err) must_check;
int apply_migrate_copy(struct apply_objects *objects, struct err *err) must_check;
/* No program is on the old maps any more. If it fails, what was done has to stay. */
int apply_migrate_finish(struct apply_objects *objects, struct err *err) must_check;
/* What it came to, for the report of the run. */
void apply_migrate_tell(struct apply_plan *plan);

/* What an interrupted run left beside the pins, and nothing needs. */
void apply_migrate_recover(const struct apply_journal *journal);

#endif
