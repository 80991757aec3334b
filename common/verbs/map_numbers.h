/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A map read as numbers, for export and watch: its elements' keys as text and the fields
 * of their values, per-CPU values added up where that means something.
 */
#ifndef VERBS_MAP_NUMBERS_H
#define VERBS_MAP_NUMBERS_H

#include "btf/value_fields.h"
#include "kernel/map_io.h"
#include "view/key_text.h"

struct map_numbers {
	int fd; /* borrowed */
	struct bpf_map_info info;
	char *name;
	struct value_fields fields; /* none: the values are no numbers */
	struct value_fields terms;  /* of a sum: what fields are the sums of */
	struct key_text *keys;
	bool keyless;      /* a data section: there is one key, and it says nothing */
	unsigned int cpus; /* values per element; 1: one, or the sum of all */
	uint64_t *sum;     /* NULL: values are as they are read */
};

/*
 * A map whose values are no numbers is no error; err then says why, code is 0 and fields
 * is empty. -errno: the map cannot be asked.
 */
int map_numbers_init(struct map_numbers *ret, int fd, bool readable,
		     struct err *err) must_check;
void map_numbers_release(struct map_numbers *numbers);

/*
 * fn for every element; value has cpus values, map_io_stride() apart, or the sum, of
 * fields.size bytes. Returns what map_io_dump() does.
 */
typedef int (*map_numbers_fn)(const struct map_numbers *numbers, const void *key,
			      const void *value, void *ctx);
int map_numbers_each(const struct map_numbers *numbers, map_numbers_fn fn,
		     void *ctx) must_check;

/* How many elements there are; arrays are always full. -errno. */
int64_t map_numbers_count(const struct map_numbers *numbers) must_check;

#endif
