/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "def/mapdef.h"

enum { NCPUS = 2 };

static struct mapdef hash_def(void)
{
	struct mapdef def = MAPDEF_INIT;

	def.type = BPF_MAP_TYPE_HASH;
	def.key_size = 4;
	def.value_size = 8;
	def.max_entries = 16;
	return def;
}

static void assert_diff(const struct mapdef *pinned, const struct mapdef *wanted,
			unsigned int flags, int nr, const char *text)
{
	auto_strbuf out = STRBUF_INIT;
	int r = mapdef_diff(pinned, wanted, flags, NCPUS, &out);

	assert_string_equal(sb_text(&out), text);
	assert_int_equal(r, nr);
}

static void equal_definitions_do_not_differ(void **state)
{
	struct mapdef a = hash_def(), b = hash_def();

	(void)state;
	strcpy(a.name, "stats_of_traffi"); /* as the kernel cuts it */
	strcpy(b.name, "stats_of_traffic");
	a.dialect = MAPDEF_KERNEL;
	b.dialect = MAPDEF_ELF;
	b.scope = PIN_SCOPE_GLOBAL;
	b.id = 7;
	b.inner = 3;
	assert_diff(&a, &b, 0, 0, "");
}

static void every_field_is_named_with_both_values(void **state)
{
	struct mapdef a = hash_def(), b = hash_def();

	(void)state;
	b.type = BPF_MAP_TYPE_LRU_HASH;
	b.key_size = 5;
	b.value_size = 16;
	b.max_entries = 1;
	b.map_flags = BPF_F_NO_PREALLOC;
	b.map_extra = UINT64_C(0x100000000);
	assert_diff(
		&a, &b, 0, 6,
		"type hash/lru_hash, key_size 4/5, value_size 8/16, max_entries 16/1, "
		"map_flags 0x0/0x1, map_extra 0x0/0x100000000");
	assert_diff(&b, &a, MAPDEF_DIFF_SHAPE, 3,
		    "type lru_hash/hash, key_size 5/4, value_size 16/8");
	a.type = 999;
	assert_diff(&a, &a, 0, 0, "");
	b = a;
	b.type = 1000;
	assert_diff(&a, &b, 0, 1, "type 999/1000");
}

static void text_is_added_to_what_stands_there(void **state)
{
	struct mapdef a = hash_def(), b = hash_def();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	b.value_size = 9;
	sb_add(&out, "map 'x': ");
	assert_int_equal(mapdef_diff(&a, &b, 0, NCPUS, &out), 1);
	assert_string_equal(sb_text(&out), "map 'x': value_size 8/9");
}

static void devmaps_get_a_flag_from_the_kernel(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	pinned.type = wanted.type = BPF_MAP_TYPE_DEVMAP;
	pinned.map_flags = BPF_F_RDONLY_PROG;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.type = wanted.type = BPF_MAP_TYPE_DEVMAP_HASH;
	assert_diff(&pinned, &wanted, 0, 0, "");
	wanted.map_flags = BPF_F_NO_PREALLOC;
	assert_diff(&pinned, &wanted, 0, 1, "map_flags 0x80/0x1");
	/* Elsewhere the flag means what it says. */
	pinned.type = wanted.type = BPF_MAP_TYPE_HASH;
	wanted.map_flags = 0;
	assert_diff(&pinned, &wanted, 0, 1, "map_flags 0x80/0x0");
}

static void flags_of_the_creators_fd_are_not_stored(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	wanted.map_flags = BPF_F_RDONLY;
	assert_diff(&pinned, &wanted, 0, 0, "");
	wanted.map_flags = BPF_F_WRONLY | BPF_F_NO_PREALLOC;
	assert_diff(&pinned, &wanted, 0, 1, "map_flags 0x0/0x11");
}

static void ring_buffers_are_rounded_up_to_pages(void **state)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	struct mapdef pinned = hash_def(), wanted = hash_def();
	auto_free char *text = xasprintf("max_entries %u/%u", page, 4 * page + 1);

	(void)state;
	pinned.type = wanted.type = BPF_MAP_TYPE_RINGBUF;
	pinned.max_entries = page;
	wanted.max_entries = 1;
	assert_diff(&pinned, &wanted, 0, 0, "");
	wanted.max_entries = page;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.max_entries = 8 * page;
	wanted.max_entries = 4 * page + 1;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.type = wanted.type = BPF_MAP_TYPE_USER_RINGBUF;
	assert_diff(&pinned, &wanted, 0, 0, "");
	/* What is no number of pages is for the kernel to refuse. */
	wanted.max_entries = (1U << 31) + 1;
	assert_int_equal(mapdef_create_entries(&wanted, NCPUS), (1U << 31) + 1);
	wanted.max_entries = (1U << 31) - 1;
	assert_int_equal(mapdef_create_entries(&wanted, NCPUS), 1U << 31);
	wanted.max_entries = 0;
	assert_int_equal(mapdef_create_entries(&wanted, NCPUS), 0);
	wanted.max_entries = 4 * page + 1;
	/* A difference shows what the source says, not what it is rounded to. */
	pinned.max_entries = page;
	assert_diff(&pinned, &wanted, 0, 1, text);
}

static void per_cpu_lru_lists_round_up_to_cpus(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	pinned.type = wanted.type = BPF_MAP_TYPE_LRU_HASH;
	pinned.map_flags = wanted.map_flags = BPF_F_NO_COMMON_LRU;
	pinned.max_entries = 6;
	wanted.max_entries = 5;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.type = wanted.type = BPF_MAP_TYPE_LRU_PERCPU_HASH;
	assert_diff(&pinned, &wanted, 0, 0, "");
	wanted.max_entries = 4;
	assert_diff(&pinned, &wanted, 0, 1, "max_entries 6/4");
	/* Where rounding up would overflow the kernel rounds down. */
	wanted.max_entries = UINT32_MAX;
	pinned.max_entries = UINT32_MAX - 1;
	assert_diff(&pinned, &wanted, 0, 0, "");
	/* Where their number is not known it is not rounded. */
	pinned.max_entries = 6;
	wanted.max_entries = 5;
	assert_int_equal(mapdef_diff(&pinned, &wanted, 0, 0, &out), 1);
	assert_string_equal(sb_text(&out), "max_entries 6/5");
	/* Not with the common list, and not in other maps. */
	pinned.max_entries = 6;
	wanted.max_entries = 5;
	pinned.map_flags = wanted.map_flags = 0;
	assert_diff(&pinned, &wanted, 0, 1, "max_entries 6/5");
	pinned.type = wanted.type = BPF_MAP_TYPE_HASH;
	pinned.map_flags = wanted.map_flags = BPF_F_NO_COMMON_LRU;
	assert_diff(&pinned, &wanted, 0, 1, "max_entries 6/5");
}

static void outer_maps_hold_four_bytes(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	pinned.type = wanted.type = BPF_MAP_TYPE_HASH_OF_MAPS;
	pinned.value_size = 4;
	wanted.value_size = 16;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.type = wanted.type = BPF_MAP_TYPE_ARRAY_OF_MAPS;
	assert_diff(&pinned, &wanted, MAPDEF_DIFF_SHAPE, 0, "");
	pinned.type = wanted.type = BPF_MAP_TYPE_PROG_ARRAY;
	assert_diff(&pinned, &wanted, 0, 1, "value_size 4/16");
}

static void perf_arrays_without_a_size_have_one_per_cpu(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	pinned.type = wanted.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	pinned.max_entries = NCPUS;
	wanted.max_entries = 0;
	assert_diff(&pinned, &wanted, 0, 0, "");
	assert_int_equal(mapdef_create_entries(&wanted, 5), 5);
	pinned.max_entries = 128;
	assert_diff(&pinned, &wanted, 0, 1, "max_entries 128/0");
	wanted.type = BPF_MAP_TYPE_HASH;
	assert_int_equal(mapdef_create_entries(&wanted, 5), 0);
}

static void numa_nodes_are_compared_where_both_sides_know(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	pinned.dialect = MAPDEF_KERNEL;
	pinned.map_flags = wanted.map_flags = BPF_F_NUMA_NODE;
	wanted.numa_node = 1;
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.dialect = MAPDEF_DEF;
	assert_diff(&pinned, &wanted, 0, 1, "numa_node 0/1");
	pinned.map_flags = wanted.map_flags = 0;
	assert_diff(&pinned, &wanted, 0, 0, "");
}

static struct layout *layout_of(const char *path, uint32_t size, uint32_t bits)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	l->name = xstrdup("struct s");
	l->size = size;
	l->members = xcalloc(8, sizeof(*l->members));
	l->nr_members = 1;
	l->members[0] = (struct layout_member){
		.path = xstrdup(path),
		.bit_size = bits,
		.elements = 1,
	};
	return l;
}

static void layouts_count_when_both_sides_have_one(void **state)
{
	struct mapdef pinned = hash_def(), wanted = hash_def();

	(void)state;
	wanted.value_layout = layout_of("rx", 8, 64);
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.value_layout = layout_of("other", 8, 64);
	assert_diff(&pinned, &wanted, 0, 0, "");
	pinned.value_layout->members[0].bit_size = 32;
	assert_diff(&pinned, &wanted, 0, 1, "value layout: member 'rx' (bit 0) u32/u64");
	assert_diff(&pinned, &wanted, MAPDEF_DIFF_NO_LAYOUT, 0, "");
	assert_diff(&pinned, &wanted, MAPDEF_DIFF_SHAPE, 0, "");
	pinned.key_layout = layout_of("a", 4, 32);
	wanted.key_layout = layout_of("a", 4, 16);
	assert_diff(&pinned, &wanted, 0, 2,
		    "key layout: member 'a' (bit 0) u32/u16, "
		    "value layout: member 'rx' (bit 0) u32/u64");
	/* A size that differs is said once. */
	wanted.value_size = 16;
	wanted.value_layout->size = 16;
	assert_diff(&pinned, &wanted, 0, 2,
		    "value_size 8/16, key layout: member 'a' (bit 0) u32/u16");
	mapdef_release(&pinned);
	mapdef_release(&wanted);
}

static void copies_are_deep_and_release_takes_anything(void **state)
{
	struct mapdef a = hash_def(), b;

	(void)state;
	strcpy(a.name, "m");
	a.value_layout = layout_of("rx", 8, 64);
	assert_int_equal(mapdef_copy(&b, &a), 0);
	mapdef_release(&a);
	assert_string_equal(b.name, "m");
	assert_string_equal(b.value_layout->members[0].path, "rx");
	mapdef_release(&b);
	mapdef_release(&b);
	mapdef_release(NULL);
	assert_int_equal(b.inner, -1);
}

/* Each number of a definition is a property, and a difference in it is told by its name. */
static void every_property_is_compared(void **state)
{
	const struct mapdef_property *p;
	struct mapdef a = MAPDEF_INIT;
	uint64_t value;
	bool present;

	(void)state;
	a.type = BPF_MAP_TYPE_HASH;
	a.map_flags = BPF_F_NUMA_NODE;
	for (unsigned int i = 0; (p = mapdef_property(i, &a, &value, &present)); i++) {
		static const char *const names[] = {"type",       "key_size",
						    "value_size", "max_entries",
						    "map_flags",  "map_extra",
						    "numa_node"};
		struct mapdef b = a;
		uint32_t *numbers[] = {&b.type,        &b.key_size,  &b.value_size,
				       &b.max_entries, &b.map_flags, NULL,
				       &b.numa_node};
		auto_strbuf text = STRBUF_INIT;

		assert_in_range(i, 0, array_size(names) - 1);
		assert_string_equal(p->name, names[i]);
		if (numbers[i])
			*numbers[i] |= 0x40;
		else
			b.map_extra = 0x40;
		assert_int_equal(mapdef_diff(&a, &b, 0, 4, &text), 1);
		assert_memory_equal(sb_text(&text), names[i], strlen(names[i]));
		assert_non_null(mapdef_property(i, &b, &value, &present));
		assert_true(present);
		assert_true(value & 0x40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_is_compared),
		cmocka_unit_test(equal_definitions_do_not_differ),
		cmocka_unit_test(every_field_is_named_with_both_values),
		cmocka_unit_test(text_is_added_to_what_stands_there),
		cmocka_unit_test(devmaps_get_a_flag_from_the_kernel),
		cmocka_unit_test(flags_of_the_creators_fd_are_not_stored),
		cmocka_unit_test(ring_buffers_are_rounded_up_to_pages),
		cmocka_unit_test(per_cpu_lru_lists_round_up_to_cpus),
		cmocka_unit_test(outer_maps_hold_four_bytes),
		cmocka_unit_test(perf_arrays_without_a_size_have_one_per_cpu),
		cmocka_unit_test(numa_nodes_are_compared_where_both_sides_know),
		cmocka_unit_test(layouts_count_when_both_sides_have_one),
		cmocka_unit_test(copies_are_deep_and_release_takes_anything),
	};

	return cmocka_run_group_tests_name("mapdef", tests, NULL, NULL);
}
