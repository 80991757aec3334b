/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The plan of a migration from hostile types: built at random, some bytes changed afterwards, or
 * any bytes as BTF. Nothing is read or written past a key or value, and it ends. Then any
 * instructions as a program whose writes are looked for.
 */
/* Reads: common/btf/element_[bcfmprs] common/load/value_ */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan.h"
#include "load/value_writes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger values are planned, but not converted. */
enum { CONVERTED_MAX = 1 << 16 };

struct input {
	const uint8_t *at;
	size_t left;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static uint8_t take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static void add_members(struct btf *btf, struct input *in, int nr)
{
	char name[8];
	uint32_t bit = 0;

	for (int i = 0; i < nr; i++) {
		uint8_t what = take(in);
		int type = take(in) % (int)btf__type_cnt(btf);

		name[0] = (char)('a' + what % 16);
		name[1] = '\0';
		bit += what & 0x10 ? take(in) : 0;
		btf__add_field(btf, what & 0x20 ? NULL : name, type, bit,
			       what & 0x40 ? 1 + take(in) % 64 : 0);
		bit += what & 0x80 ? 8U * take(in) : 32;
	}
}

/* Types may be of any other, also of themselves and of later ones. */
static void add_type(struct btf *btf, struct input *in)
{
	uint8_t kind = take(in), arg = take(in), more = take(in);
	const char *const objects[] = {"value", "bpf_spin_lock", "bpf_timer", "flow"};
	int id;

	switch (kind % 10) {
	case 0:
		btf__add_int(btf, arg & 8 ? "char" : "n", 1U << arg % 5, more % 5);
		break;
	case 1:
		btf__add_array(btf, 1, arg, more);
		break;
	case 2:
	case 3:
		btf__add_struct(btf, objects[arg % 4], more);
		add_members(btf, in, arg >> 2 & 7);
		break;
	case 4:
		btf__add_union(btf, arg & 1 ? "u" : NULL, more);
		add_members(btf, in, arg >> 1 & 3);
		break;
	case 5:
		id = btf__add_enum(btf, "e", 1U << arg % 4);
		for (int i = 0; id > 0 && i < (more & 3); i++)
			btf__add_enum_value(btf, i ? "B" : "A", take(in));
		break;
	case 6:
		btf__add_typedef(btf, "t", arg);
		break;
	case 7:
		btf__add_ptr(btf, arg);
		break;
	case 8:
		btf__add_float(btf, "f", 1U << arg % 5);
		break;
	default:
		btf__add_type_tag(btf, "kptr", arg);
		break;
	}
}

/* Some bytes of it changed, as libbpf lets it through. */
static struct btf *damaged(struct btf *btf, struct input *in)
{
	struct btf *again;
	uint32_t size;
	const void *raw = btf__raw_data(btf, &size);
	auto_free unsigned char *copy = raw ? xmemdup(raw, size) : NULL;

	if (!copy)
		return btf;
	for (int i = take(in) % 8; i > 0; i--) {
		uint32_t at = (uint32_t)(take(in) << 8 | take(in));

		copy[24 + at % (size - 24)] = take(in);
	}
	again = btf__new(copy, size);
	if (!again)
		return btf;
	btf__free(btf);
	return again;
}

static struct btf *types_of(struct input *in)
{
	struct btf *btf = btf__new_empty();

	for (int i = 2 + take(in) % 24; i > 0; i--)
		add_type(btf, in);
	return take(in) % 4 == 0 ? damaged(btf, in) : btf;
}

static bool adds_some(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return (offset + size) % 3 != 0;
}

static void convert(const struct element_plan *plan, struct input *in)
{
	auto_free unsigned char *old_value = xcalloc(1, plan->old_value_size);
	auto_free unsigned char *old_now = xcalloc(1, plan->old_value_size);
	auto_free unsigned char *new_value = xcalloc(1, plan->new_value_size);
	auto_free unsigned char *old_key = xcalloc(1, plan->old_key_size);
	auto_free unsigned char *new_key = xcalloc(1, plan->new_key_size);
	auto_element_merge merge = {.adds = false};

	for (uint32_t i = 0; i < plan->old_value_size; i++)
		old_now[i] = take(in);
	element_plan_key(plan, old_key, new_key);
	element_plan_value(plan, old_value, new_value);
	element_merge_init(&merge, plan);
	element_plan_merge(plan, old_value, old_now, new_value, &merge);
	for (size_t i = 0; i < plan->nr_deltas; i++) {
		const struct element_delta *d = &plan->deltas[i];

		check(d->row < plan->nr_rows && d->offset % d->size == 0 &&
		      d->offset + d->size <= plan->new_value_size &&
		      d->old_offset + d->old_size <= plan->old_value_size &&
		      d->old_size <= d->size);
	}
	/* What is copied again becomes what it would have become at once. */
	element_plan_merge(plan, old_now, old_now, new_value, &merge);
	check(!merge.adds && !merge.sets);
	element_plan_merge(plan, NULL, old_now, new_value, &merge);
}

static struct element_side side_of(const struct btf *btf, struct input *in)
{
	struct element_side side = {.btf = btf, .adds = adds_some};
	int64_t size;

	side.value_type = 1 + take(in) % (btf__type_cnt(btf) - 1);
	side.key_type = 1 + take(in) % (btf__type_cnt(btf) - 1);
	size = btf__resolve_size(btf, side.value_type);
	side.value_size = size > 0 && size < INT32_MAX ? (uint32_t)size : 8;
	size = btf__resolve_size(btf, side.key_type);
	side.key_size = size > 0 && size < INT32_MAX ? (uint32_t)size : 4;
	return side;
}

static void plan_types(struct input in)
{
	uint8_t flags = take(&in);
	struct btf *from = types_of(&in), *to = flags & 1 ? types_of(&in) : from;
	struct element_side old_side, new_side;
	const char *const merge[] = {"a=overwrite", "b.a=add"};
	const struct element_options options = {
		.prefix_key = flags & 2,
		.index_key = flags & 4,
		.copy_prefix = flags & 8,
		.merge = merge,
		.nr_merge = flags >> 4 & 1,
	};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	if (btf__type_cnt(from) > 1 && btf__type_cnt(to) > 1) {
		old_side = side_of(from, &in);
		new_side = side_of(to, &in);
		if (flags & 32)
			old_side.btf = NULL;
		if (element_plan_init(&plan, &old_side, &new_side, &options, &err) < 0)
			check(err.text[0]);
		else if (element_plan_check(&plan, &err) < 0)
			check(plan.nr_refused && err.text[0]);
		else if (plan.old_value_size <= CONVERTED_MAX &&
			 plan.new_value_size <= CONVERTED_MAX &&
			 plan.old_key_size <= CONVERTED_MAX &&
			 plan.new_key_size <= CONVERTED_MAX)
			convert(&plan, &in);
	}
	if (to != from)
		btf__free(to);
	btf__free(from);
}

static void scan_instructions(const struct input *in)
{
	size_t nr = in->left / sizeof(struct bpf_insn);
	auto_free struct bpf_insn *insns = xcalloc(nr + 1, sizeof(*insns));
	auto_value_writes writes = {.nr = 0};
	bool doubtful;

	memcpy(insns, in->at, nr * sizeof(*insns));
	value_writes_scan(&writes, "fuzz", insns, nr, &(struct value_writes_map){7, 16});
	doubtful = writes.doubt;
	for (uint32_t offset = 0; offset < 64; offset += 4)
		check(!value_writes_adds(&writes, offset, 8) || !doubtful);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	libbpf_set_print(NULL); /* it says of each that is malformed */
	if (take(&in) & 1)
		plan_types(in);
	else
		scan_instructions(&in);
	return 0;
}
