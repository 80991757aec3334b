/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --sum: the values of all CPUs as one.
 */
#ifndef VERBS_MAP_SUM_H
#define VERBS_MAP_SUM_H

#include "btf/value_fields.h"
#include "kernel/map_io.h"

struct map_sum {
	struct value_fields fields;
	uint32_t map; /* its id */
	unsigned int ncpus;
	size_t stride;
	/* The last sum: in the bytes of a value, and wide_at behind them in 64 bits each. */
	char *value;
	size_t wide_at, wide_size;
	/* What the wide ones are; NULL: the map has no BTF. */
	struct btf *btf;
	uint32_t type;
	/* The first field that did not fit in its bytes, and in 64 bits; NULL: none yet. */
	const struct value_field *cut, *lost;
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

/* Warns of sums that were larger than what was printed: only typed, or bytes too. */
void map_sum_warn(const struct map_sum *sum, bool only_typed);

#endif
