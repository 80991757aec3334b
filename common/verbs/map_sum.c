/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "base/log.h"
#include "btf/value_sum.h"
#include "kernel/map_fd.h"
#include "verbs/map_sum.h"

int map_sum_init(struct map_sum *ret, const struct bpf_map_info *info, struct err *err)
{
	auto_release(map_fd_btf_put) struct btf *btf = map_fd_btf(info);
	auto_value_fields fields = {.nr = 0};
	int r;

	if (!map_io_is_percpu(info))
		return err_say(
			err, -EOPNOTSUPP,
			"'--sum' is for per-CPU maps, and map %u has one value for all CPUs",
			info->id);
	r = value_fields_init(&fields, btf, info->btf_value_type_id, info->value_size,
			      err);
	if (r == 0)
		r = value_sum_possible(&fields, err);
	if (r < 0)
		return err_context(err, "'--sum': map %u", info->id);
	*ret = (struct map_sum){
		.fields = fields,
		.map = info->id,
		.ncpus = possible_cpus(),
		.stride = map_io_stride(info),
		.wide_at = map_io_stride(info),
		.wide_size = fields.nr * sizeof(uint64_t),
	};
	fields = (struct value_fields){.nr = 0};
	ret->value = xcalloc(1, ret->wide_at + ret->wide_size);
	if (btf && info->btf_value_type_id)
		ret->btf = value_sum_type(btf, info->btf_value_type_id, &ret->type);
	return 0;
}

void map_sum_release(struct map_sum *sum)
{
	value_fields_release(&sum->fields);
	cleanup_free(&sum->value);
	sum->value = NULL;
	map_fd_btf_put(&sum->btf);
	sum->btf = NULL;
}

const void *map_sum_of(struct map_sum *sum, const void *values)
{
	uint64_t *wide = (uint64_t *)(void *)(sum->value + sum->wide_at);
	const struct value_field *lost, *cut;

	lost = value_sum_of(&sum->fields, values, sum->stride, sum->ncpus, wide);
	cut = value_sum_narrow(&sum->fields, wide, sum->value);
	sum->lost = sum->lost ? sum->lost : lost;
	sum->cut = sum->cut ? sum->cut : cut;
	return sum->value;
}

void map_sum_warn(const struct map_sum *sum, bool only_typed)
{
	if (sum->lost)
		log_warn(
			"map %u: the sum of '%s' does not fit in 64 bits: shown is the number nearest to it",
			sum->map, sum->lost->name);
	else if (sum->cut && !only_typed)
		log_warn(
			"map %u: the sum of '%s' does not fit in its %u bits: its bytes show the number nearest to it",
			sum->map, sum->cut->name, sum->cut->bit_size);
}
