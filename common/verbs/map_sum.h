/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --sum: the values of all CPUs as one.
 */
#ifndef VERBS_MAP_SUM_H
#define VERBS_MAP_SUM_H

#include "format/value_fields.h"
#include "kernel/map_io.h"

struct map_sum {
	struct value_fields fields;
	unsigned int ncpus;
	size_t stride, size;
	char *value; /* the last sum */
};

/*
 * -EOPNOTSUPP and the reason: not a per-CPU map, or values that are no integers, by BTF
 * or, without it, as words.
 */
int map_sum_init(struct map_sum *ret, const struct bpf_map_info *info,
		 struct err *err) must_check;
void map_sum_release(struct map_sum *sum);

/* The sum, valid until the next call. values: map_io_value_bytes(). */
const void *map_sum_of(struct map_sum *sum, const void *values);

#endif
