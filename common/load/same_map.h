/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps behind two programs that same_program.h compares, for same_program.c and
 * same_map.c only.
 */
#ifndef LOAD_SAME_MAP_H
#define LOAD_SAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/pin_index.h"
#include "load/same_program.h"

/* Two programs or two maps that are being compared, or were. */
enum same_pair_kind { SAME_PAIR_PROGRAM, SAME_PAIR_MAP };

struct same_pair {
	enum same_pair_kind kind;
	uint32_t ours, theirs;
};

/* One comparison. Programs jump to each other in circles: what is begun is not begun twice. */
struct same_run {
	struct object *obj;
	struct strbuf *why;
	/* Compares two programs in one slot of two prog arrays: same_program.c's. */
	enum same_answer (*programs)(struct same_run *run, uint32_t ours,
				     uint32_t theirs);
	struct same_pair *seen; /* owned */
	size_t nr_seen;
	unsigned int depth;
	bool pins_read;
	struct pin_index pins; /* of maps */
};

void same_run_release(struct same_run *run);
/* Is that pair being compared, or found equal? If not, it counts as such from now on. */
bool same_run_seen(struct same_run *run, enum same_pair_kind kind, uint32_t ours,
		   uint32_t theirs);

/* Two maps that the instructions name at one place. */
enum same_answer same_map(struct same_run *run, uint32_t ours, uint32_t theirs);

#endif
