/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The elements of one map as bpftool prints them, row by row and fast: what a row looks
 * like is compiled once, then each costs a pass over a few fixed texts and its bytes.
 *
 *	BTF_TEXT    key: 09 00 00 00  value: 01 02       without BTF
 *	            { "key": 9, "value": { … } }         with it
 *	BTF_JSON    {"key":["0x09",…],"value":[…]}       and "formatted" where there is BTF
 *	BTF_PRETTY  the same in the layout of -p
 */
#ifndef VIEW_MAP_ROWS_H
#define VIEW_MAP_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outbuf.h"
#include "view/btf_plan.h"

struct map_rows;
struct readable_names;

/* How keys and values are to be read. */
struct map_shape {
	uint32_t type;
	uint32_t key_size, value_size;
	unsigned int ncpus; /* values per element, stride apart; 0: one, not per CPU */
	size_t stride;      /* bytes */
};

struct map_rows_opts {
	struct map_shape shape;
	enum btf_form form;
	unsigned int depth; /* brackets open around a row; 1 in a list */
	/* Addresses, ports and cgroups as people write them; NULL: as bpftool does. */
	const struct readable_names *readable;
	const struct btf *btf; /* NULL: none; not needed after map_rows_new() */
	uint32_t key_type;   /* 0: the key has no type (data sections), it is left out */
	uint32_t value_type; /* 0: as if there were no BTF */
	/*
	 * Values that have their typed form in other bytes, of another type, at bytes
	 * behind their start; btf NULL: they have not.
	 */
	struct {
		const struct btf *btf;
		uint32_t type;
		size_t at, size;
	} typed;
};

/* A type that cannot be printed is as good as none. The caller's to free. */
struct map_rows *map_rows_new(const struct map_rows_opts *opts);
void map_rows_free(struct map_rows *rows);
void map_rows_freep(struct map_rows **rows); /* for auto_release() */

/* Are rows like JSON: with commas between, in brackets? Only plain text rows are not. */
bool map_rows_listed(const struct map_rows *rows);

/*
 * One element, a comma in front if there was one before. value NULL: error, a negative
 * errno, stands in its place. Plain text rows end with a newline, others do not.
 */
void map_rows_add(struct map_rows *rows, const void *key, const void *value, int error,
		  struct outbuf *out);

/* "[" in front of all rows, "]" behind them or "Found 2 elements", as form wants. */
void map_rows_begin(struct map_rows *rows, struct outbuf *out);
void map_rows_end(struct map_rows *rows, struct outbuf *out);

/* In place of a row: what a lookup of an absent key answers; in JSON null. */
void map_rows_not_found(struct map_rows *rows, const void *key, struct outbuf *out);

#endif
