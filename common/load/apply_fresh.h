/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `on-change: fresh`: a map that exists with another definition gives its pin to a new, empty
 * one. The old pin is renamed into a directory beside it, mapshare_fresh_NAME@NETNS_PID, before
 * the objects are loaded, which find the name free then; it is removed once the run is
 * committed, and renamed back as a step of the journal where anything fails. A run that was killed
 * leaves it there, and the next one of that name puts it back if the name still is free, or
 * removes it once all places have the new map.
 */
#ifndef LOAD_APPLY_FRESH_H
#define LOAD_APPLY_FRESH_H

#include "load/apply_journal.h"
#include "load/apply_objects.h"

/*
 * After the objects were planned: which pins begin afresh. What uses one of them, and would
 * have been kept, has to be loaded again. Changes nothing.
 */
int apply_fresh_plan(struct apply_objects *objects, const struct apply_journal *journal,
		     struct err *err) must_check;
/* NULL: that pin stays as it is. */
const struct apply_fresh *apply_fresh_find(const struct apply_objects *objects,
					   const char *pin);

/* Which pins a kill may leave aside, for the journal; before apply_fresh_set(). */
void apply_fresh_record(const struct apply_objects *objects, struct apply_record *to);
/* Their directories are locked. -ESTALE: something else is pinned there by now. */
int apply_fresh_set(struct apply_objects *objects, struct err *err) must_check;

/* What the names of such directories begin with; the caller's. */
char *apply_fresh_prefix(const struct apply_journal *journal);
/* Says which pins an interrupted run left aside; changes nothing. */
void apply_fresh_tell(const struct apply_journal *journal);
/*
 * An earlier run was interrupted: what it set aside returns where its name is free. -errno: it may
 * be aside still, and a load would put a new map in its place.
 */
int apply_fresh_recover(const struct apply_journal *journal, struct err *err) must_check;
/*
 * The run is committed, and all places have the new map: what it set aside goes, and what an
 * earlier one left that was killed here. What cannot be removed, or the file does not give up,
 * is said.
 */
void apply_fresh_finish(const struct apply_objects *objects,
			const struct apply_journal *journal);

#endif
