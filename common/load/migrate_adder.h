/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A small program of ours that the kernel runs once for each element that the old programs
 * changed after it was copied: it adds what they added to the element of the new map, sets the
 * bits that they set, and writes into the row (load/migrate_shadow.h) what the old value is
 * now. All of it happens in one run, which no signal ends: whatever kills us, nothing is
 * added twice. What the new programs add meanwhile is kept, since numbers are added by atomic
 * instructions, or under the value's own bpf_spin_lock.
 *
 * Of per-CPU maps a run reaches the value of the CPU that it runs on.
 */
#ifndef LOAD_MIGRATE_ADDER_H
#define LOAD_MIGRATE_ADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "load/migrate_adder_code.h"

struct element_merge;
struct element_plan;
struct migrate_shadow;

struct migrate_adder {
	const struct element_plan *plan; /* borrowed, as is shadow */
	const struct migrate_shadow *shadow;
	int new_fd;    /* borrowed */
	int lock_at;   /* offset of the bpf_spin_lock in a new value; -1: none */
	int params_fd; /* what one run is to do; mapped */
	char *params;
	size_t params_bytes;
	size_t rows_map; /* index of the map of rows that the programs write to */
	int progs[MIGRATE_ADDER_ACTS]; /* -1: not loaded */
	uint32_t slots;                /* values in a row */
	bool packet;                   /* the programs are classifiers */
	bool no_deletes;               /* the kernel refused the one that deletes */
};

#define MIGRATE_ADDER_INIT                              \
	{                                               \
		.params_fd = -1, .progs = {-1, -1, -1}, \
	}

/* slots: of per-CPU maps the number of CPUs, else 1. */
int migrate_adder_init(struct migrate_adder *a, struct err *err) must_check;
void migrate_adder_release(struct migrate_adder *a);

/* Does the program exist for values of that size? -EOPNOTSUPP in words. */
int migrate_adder_check(const struct element_plan *plan, struct err *err) must_check;

/* Loads the programs: what the kernel refuses is told before it is too late to go back. */
int migrate_adder_try(struct migrate_adder *a, struct err *err) must_check;

/*
 * One run. key: of the new map; slot: which value of the row; old_now: that value now; new_now:
 * the new one, as merge was made of it.
 */
struct migrate_addition {
	const void *key;
	const struct element_merge *merge;
	const void *old_now, *new_now;
	uint64_t row;
	uint32_t slot;
};
/*
 * Returns MIGRATE_ADDER_DONE; _MISSING: the element is not in the new map; _CHANGED: the new
 * programs wrote a member that was to be set unless they did, look again.
 */
int migrate_adder_run(struct migrate_adder *a, const struct migrate_addition *add,
		      struct err *err) must_check;

/*
 * One element goes from the new map if its values are new_values (map_io's) still, and its row
 * says so from then on. What adds to it between the look and the end would be lost: so both
 * are one run. As migrate_adder_run(); -EOPNOTSUPP: this kernel has no such program.
 */
int migrate_adder_delete(struct migrate_adder *a, uint64_t row, const void *key,
			 const void *new_values, struct err *err) must_check;

#endif
