/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What map_row_layout.c compiles and map_rows.c runs.
 */
#ifndef VIEW_MAP_ROWS_PRIVATE_H
#define VIEW_MAP_ROWS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "view/map_rows.h"

enum {
	MAP_LINE_BYTES = 16, /* of hex on one line of text */
	MAP_ROW_PARTS = 16,
};

enum part_code {
	PART_KEY_BYTES,
	PART_VALUE_BYTES,
	PART_KEY_TYPED,
	PART_VALUE_TYPED,
	PART_CPUS, /* the parts up to PART_CPUS_END once for each CPU, or once */
	PART_CPU,  /* its number */
	PART_CPUS_END,
	PART_END,
};

/* A row is a list of these: fixed text, then something of the element. */
struct part {
	enum part_code code;
	uint32_t at, len; /* of the fixed text in front */
};

struct map_rows {
	struct map_shape shape;
	enum btf_form form;
	unsigned int depth;
	struct btf_plan *key, *value; /* NULL: not typed */
	size_t typed_at;
	struct strbuf text; /* fixed texts, padded for outbuf_padded() */
	size_t done;        /* text up to here belongs to a part */
	struct part parts[MAP_ROW_PARTS];
	unsigned int nr_parts;
	uint64_t count;
	bool comma; /* the next row needs one */
};

/* How plain text parts key and value, by their sizes: one line, two, or four and more. */
struct map_row_gaps {
	char behind_name;       /* of both */
	const char *behind_key; /* its bytes */
};
struct map_row_gaps map_row_gaps(size_t key_size, size_t value_size);

/* Fills parts and text from the other members. */
void map_row_layout(struct map_rows *rows);

#endif
