/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <string.h>

#include "elf/elf_view.h"
#include "legacy/map_slots.h"
#include "opened.h"

#define DIR "tests/fixtures/"

static void nested_maps_are_wired(void **state)
{
	static const char *const files[] = {DIR "nested_elf.o", DIR "nested_elf.nog.o"};
	static const struct map_slot want[] = {
		{(char *)"outer", (char *)"in_slot_0", 0},
		{(char *)"outer_hash", (char *)"in_slot_0", 0},
		{(char *)"outer", (char *)"in_slot_3", 3},
		{(char *)"outer_hash", (char *)"in_slot_3", 3},
	};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_opened o = opened_by_tc(files[f]);
		struct bpf_map *outer = bpf_object__find_map_by_name(o.obj, "outer");

		assert_int_equal(o.def.maps[0].inner, 1);
		assert_int_equal(o.def.maps[4].inner, 1);
		assert_int_equal(o.def.maps[1].inner, -1);
		assert_non_null(bpf_map__inner_map(outer));
		assert_int_equal(bpf_map__value_size(bpf_map__inner_map(outer)), 16);
		assert_int_equal(o.def.nr_slots, array_size(want));
		for (size_t i = 0; i < array_size(want); i++) {
			assert_string_equal(o.def.slots[i].outer, want[i].outer);
			assert_string_equal(o.def.slots[i].inner, want[i].inner);
			assert_int_equal(o.def.slots[i].key, want[i].key);
		}
	}
}

static void sample_indexes_count_by_offset(void **state)
{
	static const char *const files[] = {DIR "nested_samples.o",
					    DIR "nested_samples.nog.o"};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_opened o = opened_by_tc(files[f]);

		assert_int_equal(o.def.maps[2].inner, 0);
		assert_int_equal(o.def.maps[3].inner, 4);
		assert_int_equal(o.def.maps[1].inner, -1);
		assert_int_equal(o.def.nr_slots, 0);
	}
}

static void modern_objects_pass_through(void **state)
{
	auto_opened o = opened_by_tc(DIR "modern.o");

	(void)state;
	assert_false(o.def.translated);
	assert_ptr_equal(o.def.image, o.file.bytes);
	assert_int_equal(o.def.image_size, o.file.size);
	assert_int_equal(o.def.nr_maps, 0);
	assert_int_equal(o.def.nr_slots, 1);
	assert_string_equal(o.def.slots[0].outer, "modern_outer");
	assert_string_equal(o.def.slots[0].inner, "modern_inner");
	assert_int_equal(o.def.slots[0].key, 2);
	assert_int_equal(o.def.nr_prog_slots, 1);
	assert_string_equal(o.def.prog_slots[0].map, "modern_progs");
	assert_string_equal(o.def.prog_slots[0].program, "target");
	assert_int_equal(o.def.prog_slots[0].key, 1);
}

static void both_kinds_live_in_one_object(void **state)
{
	static const char *const order[] = {"legacy_inner", "legacy_static",
					    "modern_inner", "modern_outer",
					    "modern_hash"};
	static const struct map_slot want[] = {
		{(char *)"modern_outer", (char *)"modern_inner", 0},
		{(char *)"modern_outer", (char *)"legacy_inner", 1},
		{(char *)"modern_outer", (char *)"legacy_static", 3},
	};
	auto_opened o = opened_by_tc(DIR "mixed.o");
	const struct bpf_map *map = NULL;

	(void)state;
	assert_true(o.def.translated);
	assert_int_equal(o.def.nr_maps, 2);
	/* An inner map is made before the outer one whose slot it fills. */
	for (size_t i = 0; i < array_size(order); i++) {
		map = bpf_object__next_map(o.obj, map);
		assert_string_equal(bpf_map__name(map), order[i]);
	}
	assert_null(bpf_object__next_map(o.obj, map));
	assert_int_equal(o.def.nr_slots, array_size(want));
	for (size_t i = 0; i < array_size(want); i++) {
		assert_string_equal(o.def.slots[i].outer, want[i].outer);
		assert_string_equal(o.def.slots[i].inner, want[i].inner);
		assert_int_equal(o.def.slots[i].key, want[i].key);
	}
}

/* The first relocation of .maps leads behind the section, in a symbol made that large. */
static void pointers_outside_are_refused(void **state)
{
	static const uint64_t offsets[] = {1 << 20, UINT64_MAX - 7, UINT64_MAX};
	auto_fixture file = fixture_load(DIR "modern.o");
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	uint64_t huge = UINT64_MAX;
	struct elf_view view;
	auto_err err = ERR_INIT;
	uint32_t maps;

	(void)state;
	assert_int_equal(elf_view_open(&view, file.bytes, file.size, &err), 0);
	maps = elf_view_find(&view, ".maps");
	for (uint32_t i = 1; i < view.nr_symbols; i++)
		if (view.symbols[i].section == maps)
			memcpy(file.bytes + view.sections[view.symtab].offset +
				       i * sizeof(Elf64_Sym) +
				       offsetof(Elf64_Sym, st_size),
			       &huge, sizeof(huge));
	for (size_t n = 0; n < array_size(offsets); n++) {
		struct object_def def;

		for (uint32_t i = 1; i < view.nr_sections; i++)
			if (elf_view_nr_relocs(&view, i) && view.sections[i].info == maps)
				memcpy(file.bytes + view.sections[i].offset, &offsets[n],
				       sizeof(offsets[n]));
		assert_int_equal(object_def_read(&def, file.bytes, file.size, &opts,
						 &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, "is in no map's 'values'"));
	}
	elf_view_release(&view);
}

static void wired(size_t nr, struct mapdef *defs, struct legacy_map *places,
		  const char *want)
{
	struct legacy_maps maps = {.places = places, .defs = defs, .nr = nr};
	auto_err err = ERR_INIT;
	int r;

	for (size_t i = 0; i < nr; i++)
		defs[i].inner = -1;
	r = map_slots_find_inner(&maps, &err);
	assert_int_equal(r, want ? -EINVAL : 0);
	if (want)
		assert_string_equal(err.text, want);
}

static struct mapdef def_of(const char *name, uint32_t type, uint32_t id,
			    uint32_t inner_id)
{
	struct mapdef def = MAPDEF_INIT;

	snprintf(def.name, sizeof(def.name), "%s", name);
	def.dialect = MAPDEF_ELF;
	def.type = type;
	def.id = id;
	def.inner_id = inner_id;
	return def;
}

/* Sections 4 and 5, two definitions each; the index counts in its own. */
static void indexes_stay_in_their_section(void **state)
{
	struct mapdef defs[] = {
		def_of("a", BPF_MAP_TYPE_HASH, 0, 0),
		def_of("b", BPF_MAP_TYPE_HASH_OF_MAPS, 0, 0),
		def_of("c", BPF_MAP_TYPE_ARRAY, 0, 0),
		def_of("d", BPF_MAP_TYPE_ARRAY_OF_MAPS, 0, 0),
	};
	struct legacy_map places[] = {{.section = 4, .inner_index = -1},
				      {.section = 4, .inner_index = 0},
				      {.section = 5, .inner_index = -1},
				      {.section = 5, .inner_index = 0}};

	(void)state;
	wired(4, defs, places, NULL);
	assert_int_equal(defs[1].inner, 0);
	assert_int_equal(defs[3].inner, 2);
	places[1].inner_index = 2;
	wired(4, defs, places, "map 'b': inner_map_idx 2: no such map");
	places[1].inner_index = 0;
	places[3].inner_index = 2;
	wired(4, defs, places, "map 'd': inner_map_idx 2: no such map");
	places[3].inner_index = 1;
	wired(4, defs, places,
	      "map 'd': its inner map 'd' holds maps itself, which the kernel does not allow");
	places[3].inner_index = -1;
	wired(4, defs, places, NULL);
	assert_int_equal(defs[3].inner, -1);
}

/* The first of tc's maps that has it; an id that none has may be that of another object's. */
static void ids_are_those_of_tc(void **state)
{
	struct mapdef defs[] = {
		def_of("outer", BPF_MAP_TYPE_ARRAY_OF_MAPS, 0, 7),
		def_of("other", BPF_MAP_TYPE_HASH, 7, 0),
		def_of("first", BPF_MAP_TYPE_HASH, 7, 0),
		def_of("later", BPF_MAP_TYPE_HASH, 7, 0),
	};
	struct legacy_map places[] = {{.section = 4, .inner_index = -1},
				      {.section = 4, .inner_index = -1},
				      {.section = 4, .inner_index = -1},
				      {.section = 4, .inner_index = -1}};

	(void)state;
	defs[1].dialect = MAPDEF_DEF;
	wired(4, defs, places, NULL);
	assert_int_equal(defs[0].inner, 2);
	defs[0].inner_id = 8;
	wired(4, defs, places, NULL);
	assert_int_equal(defs[0].inner, -1);
	defs[0].inner_id = 7;
	defs[2].type = BPF_MAP_TYPE_HASH_OF_MAPS;
	wired(4, defs, places,
	      "map 'outer': its inner map 'first' holds maps itself, which the kernel does not allow");
}

/* Slots in more numbers than any object has. */
static void slots_have_an_end(void **state)
{
	enum { MOST = 257 };
	struct object_def def = {.maps = xcalloc(2 * MOST, sizeof(*def.maps)),
				 .nr_maps = 2 * MOST};
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < MOST; i++) {
		def.maps[i] = def_of("outer", BPF_MAP_TYPE_HASH_OF_MAPS, 0, 7);
		def.maps[MOST + i] = def_of("inner", BPF_MAP_TYPE_HASH, 7, 0);
		def.maps[MOST + i].inner_idx = 1;
	}
	assert_int_equal(map_slots_by_index(&def, &err), -E2BIG);
	assert_string_equal(err.text, "more than 65536 slots of outer maps");
	assert_int_equal(def.nr_slots, 65536);
	for (size_t i = 0; i < def.nr_slots; i++) {
		free(def.slots[i].outer);
		free(def.slots[i].inner);
	}
	free(def.slots);
	free(def.maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_maps_are_wired),
		cmocka_unit_test(sample_indexes_count_by_offset),
		cmocka_unit_test(modern_objects_pass_through),
		cmocka_unit_test(both_kinds_live_in_one_object),
		cmocka_unit_test(indexes_stay_in_their_section),
		cmocka_unit_test(ids_are_those_of_tc),
		cmocka_unit_test(slots_have_an_end),
		cmocka_unit_test(pointers_outside_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
