/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the elements of the old map were as they were copied, one row for each in the order in
 * which the map lists them. The rows are in the kernel, in array maps that are pinned aside, so
 * that they outlive a kill: what is still to be added to the new map is now minus the row. They
 * are written and read through mmap(2), a few of the maps at a time, whatever their number.
 *
 *	row:	u64 state | key, padded to 8 bytes | value of each CPU, padded to 8 bytes
 */
#ifndef LOAD_MIGRATE_SHADOW_H
#define LOAD_MIGRATE_SHADOW_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pin_txn;

enum migrate_row_state {
	MIGRATE_ROW_FREE,
	MIGRATE_ROW_COPIED,  /* the value is what the new map got */
	MIGRATE_ROW_BORN,    /* the element came later: 0, until its value was added */
	MIGRATE_ROW_GONE,    /* it was deleted, and nothing of it is in the new map */
	MIGRATE_ROW_EVICTED, /* copied, and evicted for another one that was */
};

/* A window is how many of the maps are mapped at once. */
enum { MIGRATE_SHADOW_WINDOW = 3 };

struct migrate_shadow {
	char *dir;           /* where they are pinned; owned */
	struct pin_txn *txn; /* borrowed; NULL: they are there already */
	uint32_t key_size, value_offset, row_size;
	size_t value_bytes;
	uint32_t map_rows; /* rows of each map */
	int *fds;          /* owned */
	size_t nr_fds;
	uint64_t nr; /* rows that are not free */
	struct {
		size_t map; /* index in fds */
		char *at;   /* NULL: not mapped */
		uint64_t used;
	} window[MIGRATE_SHADOW_WINDOW];
	uint64_t clock;
	/* The window that was used last: its first row, and where it is; NULL: none. */
	uint64_t last_first;
	char *last;
};

#define MIGRATE_SHADOW_INIT \
	{                   \
		.dir = NULL \
	}

/* Of a map like that. dir is the directory of the pins; txn makes them. */
void migrate_shadow_init(struct migrate_shadow *ret, const struct bpf_map_info *info,
			 const char *dir, struct pin_txn *txn);
/* What an earlier run left in dir. */
int migrate_shadow_open(struct migrate_shadow *s, struct err *err) must_check;
void migrate_shadow_release(struct migrate_shadow *s);

/* One more row, all of it zero. Pinned before it is used. */
int migrate_shadow_add(struct migrate_shadow *s, uint64_t *ret,
		       struct err *err) must_check;

/*
 * Row i, valid until MIGRATE_SHADOW_WINDOW - 1 others were asked for; the first 8 bytes are its
 * state. NULL with err filled.
 */
char *migrate_shadow_row(struct migrate_shadow *s, uint64_t i, struct err *err);

static inline uint64_t *migrate_row_state(char *row)
{
	return (uint64_t *)(void *)row;
}

static inline char *migrate_row_key(char *row)
{
	return row + sizeof(uint64_t);
}

static inline char *migrate_row_value(const struct migrate_shadow *s, char *row)
{
	return row + s->value_offset;
}

/* Bytes in the kernel of the rows of so many elements: for the plan. */
uint64_t migrate_shadow_bytes(const struct migrate_shadow *s, uint64_t elements);

#endif
