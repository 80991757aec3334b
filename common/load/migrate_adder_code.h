/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The instructions of load/migrate_adder.h, written here since nothing may need a compiler at
 * run time. Pure: what they refer to is given by descriptors.
 */
#ifndef LOAD_MIGRATE_ADDER_CODE_H
#define LOAD_MIGRATE_ADDER_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_insn;
struct element_plan;

/* Offsets of a value in an instruction have 16 bits. */
enum { MIGRATE_ADDER_VALUE_MAX = 32760 };

/* What a program is for. */
enum migrate_adder_act {
	MIGRATE_ADDER_ADDS,    /* numbers that are added, and nothing else */
	MIGRATE_ADDER_SETS,    /* those, and bits that are set */
	MIGRATE_ADDER_DELETES, /* the element, if it is what it was */
};
enum { MIGRATE_ADDER_ACTS = 3 };

/* What the program returns. CHANGED: the value is not what it was, and nothing was done. */
enum { MIGRATE_ADDER_MISSING = 1, MIGRATE_ADDER_DONE, MIGRATE_ADDER_CHANGED };

/* Offsets in the one value of the map of parameters. */
struct migrate_adder_layout {
	uint32_t row, slot; /* u32 */
	uint32_t key;
	uint32_t add;       /* u64 for each delta of the plan */
	uint32_t set, mask; /* like a new value */
	uint32_t keep;      /* like them: the bits of mask that have to be as in same */
	uint32_t now;       /* an old value, padded to 8 bytes */
	uint32_t same;      /* what new values were: of each slot, padded to 8 bytes */
	uint32_t bytes;     /* all of it */
};
struct migrate_adder_layout migrate_adder_layout(const struct element_plan *plan,
						 uint32_t slots);

struct migrate_adder_code {
	const struct element_plan *plan;
	struct migrate_adder_layout at;
	int params_fd, new_fd, rows_fd;
	uint32_t value_offset; /* in a row */
	uint32_t slots;        /* values in a row */
	int lock_at;           /* -1: none */
	enum migrate_adder_act act;
};

/* *ret is the caller's to free; how many there are. */
size_t migrate_adder_code(const struct migrate_adder_code *code, struct bpf_insn **ret);

#endif
