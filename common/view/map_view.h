/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps and their elements as bpftool shows them, in text and as json-c trees. Values in,
 * text or trees out. Text rows end with a newline; trees are the caller's to put.
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
	uint64_t memlock; /* bytes, 0: unknown, left out */
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
/* {"id","type","name","flags","elements"}: the dump of one of several; takes elements. */
struct json_object *map_view_dump_json(const struct map_row *row,
				       struct json_object *elements);

/* How keys and values are to be read. */
struct map_shape {
	uint32_t type;
	uint32_t key_size, value_size;
	unsigned int
		ncpus; /* values per element, stride bytes apart; 0: one, not per CPU */
	size_t stride;
};

/*
 * One element in plain hex: "key: 09 00 00 00  value: 01 02". value NULL: error, a
 * negative errno, stands in its place.
 */
void map_view_element(const struct map_shape *shape, const void *key, const void *value,
		      int error, struct strbuf *out);
/* {"key":["0x09",...],"value":[...]}, or "values":[{"cpu":0,"value":[...]},...]. */
struct json_object *map_view_element_json(const struct map_shape *shape, const void *key,
					  const void *value, int error);
/*
 * The same as compact JSON text, without a newline: a tree of a large map would take a
 * hundred times the map's memory, and hex digits need no escaping.
 */
void map_view_element_compact(const struct map_shape *shape, const void *key,
			      const void *value, int error, struct strbuf *out);
/* What a lookup of an absent key answers in text. */
void map_view_not_found(const struct map_shape *shape, const void *key,
			struct strbuf *out);
/* "Found 2 elements". */
void map_view_count(uint64_t nr, struct strbuf *out);

#endif
