/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps as bpftool lists them, in text and as json-c trees; map_rows.h has their elements.
 * Values in, text or trees out. Text ends with a newline; trees are the caller's to put.
 */
#ifndef VIEW_MAP_VIEW_H
#define VIEW_MAP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

struct json_object;

/* One map as `map show` lists it. */
struct map_row {
	uint32_t id, type, flags;
	uint32_t key_size, value_size, max_entries;
	const char *name; /* borrowed; "" is left out */
	int64_t memlock;  /* bytes; -1: unknown, left out */
	uint32_t btf_id;  /* 0: none */
	bool frozen;
	int owner_prog_type; /* -1: none */
	bool owner_jited;
	bool with_pins;          /* show them, even if there are none (JSON) */
	const char *const *pins; /* borrowed */
	size_t nr_pins;
};

/* "27: hash  name stats  flags 0x0": the first line, alone above the dump of one of
 * several. */
void map_view_title(const struct map_row *row, struct strbuf *out);
void map_view_row(const struct map_row *row, struct strbuf *out);
struct json_object *map_view_row_json(const struct map_row *row);

#endif
