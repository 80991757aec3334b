/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "verbs/map_sum.h"

int map_sum_init(struct map_sum *ret, const struct bpf_map_info *info, struct err *err)
{
	auto_release(map_fd_btf_put) struct btf *btf = map_fd_btf(info);
	auto_value_fields fields = {.nr = 0};
	int r;

	if (!map_io_is_percpu(info))
		return err_say(err, -EOPNOTSUPP,
			       "'--sum' is for per-CPU maps, and map %u has one value "
			       "for all CPUs",
			       info->id);
	r = value_fields_init(&fields, btf, info->btf_value_type_id, info->value_size,
			      err);
	if (r == 0)
		r = value_fields_addable(&fields, err);
	if (r < 0)
		return err_context(err, "'--sum': map %u", info->id);
	*ret = (struct map_sum){
		.fields = fields,
		.ncpus = possible_cpus(),
		.stride = map_io_stride(info),
		.size = info->value_size,
		.value = xcalloc(1, info->value_size),
	};
	fields = (struct value_fields){.nr = 0};
	return 0;
}

void map_sum_release(struct map_sum *sum)
{
	value_fields_release(&sum->fields);
	cleanup_free(&sum->value);
	sum->value = NULL;
}

const void *map_sum_of(struct map_sum *sum, const void *values)
{
	const char *at = values;

	memset(sum->value, 0, sum->size);
	for (unsigned int cpu = 0; cpu < sum->ncpus; cpu++, at += sum->stride)
		value_fields_add(&sum->fields, sum->value, at);
	return sum->value;
}
