/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any text as what map load reads, for a plain and for a per-CPU map, and as a value in
 * terms of BTF. Nothing is written past a key or a value, and every refusal has words.
 */
/* Reads: common/btf/btf_value common/btf/element_reader common/btf/element_hex
 * common/btf/element_json */
#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_value.h"
#include "btf/element_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void read_elements(const uint8_t *data, size_t size,
			  const struct element_shape *shape)
{
	size_t values = shape->ncpus ? shape->ncpus * shape->stride : shape->value_size;
	/* Of exactly their size, for the sanitizer to see one byte more. */
	auto_free char *key = xcalloc(1, shape->key_size);
	auto_free char *value = xcalloc(1, values);
	auto_file FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
	struct element_reader reader;
	auto_err err = ERR_INIT;
	int r;

	element_reader_init(&reader, file, shape);
	do {
		r = element_reader_next(&reader, key, value, &err);
	} while (r == 1);
	check(r == 0 || err.text[0]);
	check(reader.element <= size);
}

/* struct { u64 packets; u8 mac[6]; char name[8]; enum state; s32 low:3, high:5;
 *	    struct { u16 x; } at[2]; union { u32 a; float f; }; } */
static int make_types(struct btf *btf)
{
	int u8 = btf__add_int(btf, "u8", 1, 0), ch = btf__add_int(btf, "char", 1, 0);
	int u16 = btf__add_int(btf, "u16", 2, 0), u32 = btf__add_int(btf, "u32", 4, 0);
	int u64 = btf__add_int(btf, "u64", 8, 0), f32 = btf__add_float(btf, "float", 4);
	int s32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int mac = btf__add_array(btf, u32, u8, 6), name = btf__add_array(btf, u32, ch, 8);
	int state = btf__add_enum(btf, "state", 4), point, points, either, all;

	btf__add_enum_value(btf, "BUSY", 7);
	point = btf__add_struct(btf, NULL, 2);
	btf__add_field(btf, "x", u16, 0, 0);
	points = btf__add_array(btf, u32, point, 2);
	either = btf__add_union(btf, NULL, 4);
	btf__add_field(btf, "a", u32, 0, 0);
	btf__add_field(btf, "f", f32, 0, 0);
	all = btf__add_struct(btf, "all", 40);
	btf__add_field(btf, "packets", u64, 0, 0);
	btf__add_field(btf, "mac", mac, 64, 0);
	btf__add_field(btf, "name", name, 112, 0);
	btf__add_field(btf, "state", state, 192, 0);
	btf__add_field(btf, "low", s32, 224, 3);
	btf__add_field(btf, "high", s32, 227, 5);
	btf__add_field(btf, "at", points, 256, 0);
	btf__add_field(btf, NULL, either, 288, 0);
	return all;
}

static void read_value(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	struct btf *btf = btf__new_empty();
	uint32_t type = (uint32_t)make_types(btf);

	for (size_t room = 39; room <= 40; room++) {
		auto_free char *value = xcalloc(1, room);
		auto_err err = ERR_INIT;
		int r = btf_value_parse(btf, type, text, value, room, &err);

		check(r == 0 || (r == -EINVAL && err.text[0]));
		check(r != 0 || btf_value_is_whole(text));
	}
	btf__free(btf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct element_shape plain = {.key_size = 2, .value_size = 3};
	static const struct element_shape percpu = {
		.key_size = 2,
		.value_size = 3,
		.ncpus = 2,
		.stride = 8,
	};

	if (size == 0)
		return 0;
	read_elements(data, size, &plain);
	read_elements(data, size, &percpu);
	read_value(data, size);
	return 0;
}
