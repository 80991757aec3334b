/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <string.h>

#include "elf/elf_view.h"
#include "opened.h"

#define DIR "tests/fixtures/"

struct want {
	const char *name;
	uint32_t type, key, value, entries, flags;
};

static void maps_are(const struct opened *o, const struct want *want, size_t nr)
{
	assert_int_equal(o->def.nr_maps, nr);
	for (size_t i = 0; i < nr; i++) {
		const struct mapdef *def = &o->def.maps[i];
		const struct bpf_map *map =
			bpf_object__find_map_by_name(o->obj, want[i].name);

		assert_string_equal(def->name, want[i].name);
		assert_int_equal(def->type, want[i].type);
		assert_int_equal(def->key_size, want[i].key);
		assert_int_equal(def->value_size, want[i].value);
		assert_int_equal(def->max_entries, want[i].entries);
		assert_int_equal(def->map_flags, want[i].flags);
		assert_non_null(map);
		assert_int_equal(bpf_map__type(map), want[i].type);
		assert_int_equal(bpf_map__key_size(map), want[i].key);
		/* The kernel's size of a slot, whatever the object says. */
		assert_int_equal(bpf_map__value_size(map),
				 mapdef_is_outer(def) ? 4 : want[i].value);
		assert_int_equal(bpf_map__max_entries(map), want[i].entries);
		assert_int_equal(bpf_map__map_flags(map), want[i].flags);
	}
}

#define MAPS_ARE(name, ...)                                                    \
	do {                                                                   \
		static const struct want want[] = {__VA_ARGS__};               \
		auto_opened with_btf = opened_by_tc(DIR name ".o");            \
		auto_opened without = opened_by_tc(DIR name ".nog.o");         \
                                                                               \
		assert_true(with_btf.def.translated &&without.def.translated); \
		maps_are(&with_btf, want, array_size(want));                   \
		maps_are(&without, want, array_size(want));                    \
	} while (0)

#define A BPF_MAP_TYPE_ARRAY
#define H BPF_MAP_TYPE_HASH

static void both_readers_list_the_same_maps(void **state)
{
	(void)state;
	MAPS_ARE("elf36", {"elf_private", H, 4, 16, 16, BPF_F_NO_PREALLOC},
		 {"elf_object", A, 4, 16, 4, 0},
		 {"elf_global", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 1, 0},
		 {"elf_custom", BPF_MAP_TYPE_LRU_HASH, 4, 16, 64, 0});
	MAPS_ARE("elf28", {"old_private", H, 4, 16, 16, 0},
		 {"old_global", A, 4, 16, 1, 0});
	MAPS_ARE("def20", {"zz_first", A, 4, 16, 1, 0},
		 {"aa_second", H, 4, 16, 1024, BPF_F_NO_PREALLOC});
	MAPS_ARE("def28", {"private_def", A, 4, 16, 1, 0},
		 {"pinned_def", H, 4, 16, 8, 0});
	MAPS_ARE("statics", {"static_a", A, 4, 16, 1, 0}, {"hidden_b", A, 4, 16, 2, 0},
		 {"static_c", H, 4, 16, 3, 0}, {"weak_d", A, 4, 16, 4, 0});
	MAPS_ARE("longnames", {"a_name_longer_than_fifteen_bytes_one", A, 4, 16, 1, 0},
		 {"a_name_longer_than_fifteen_bytes_two", A, 4, 16, 2, 0});
	MAPS_ARE("own_sections", {"symbol_name", A, 4, 16, 1, 0},
		 {"other_than_suffix", H, 4, 16, 2, 0}, {"local", H, 4, 16, 3, 0});
	MAPS_ARE("sizes", {"twenty", A, 4, 16, 20, 0}, {"sixteen", A, 4, 16, 16, 0},
		 {"thirtysix", A, 4, 16, 36, 0}, {"forty", A, 4, 16, 40, 0});
	MAPS_ARE("nested_elf", {"outer", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 16, 4, 0},
		 {"template_only", A, 4, 16, 1, 0}, {"in_slot_0", A, 4, 16, 1, 0},
		 {"in_slot_3", A, 4, 16, 1, 0},
		 {"outer_hash", BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, 0},
		 {"unrelated", A, 4, 16, 1, 0});
	MAPS_ARE("nested_samples", {"sample_inner", H, 4, 16, 8, 0},
		 {"on_node", H, 4, 16, 9, BPF_F_NUMA_NODE},
		 {"outer_first", BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, 0},
		 {"outer_fourth", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0},
		 {"array_inner", A, 4, 16, 5, 0});
}

static void a_hundred_maps_are_no_trouble(void **state)
{
	static const char *const files[] = {DIR "many.o", DIR "many.nog.o"};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_opened o = opened_by_tc(files[f]);

		assert_int_equal(o.def.nr_maps, 100);
		for (unsigned int i = 0; i < 100; i++) {
			auto_free char *name = xasprintf("map_number_%02u", i);
			const struct bpf_map *map =
				bpf_object__find_map_by_name(o.obj, name);

			assert_string_equal(o.def.maps[i].name, name);
			assert_non_null(map);
			assert_int_equal(bpf_map__max_entries(map), 100 + i);
		}
	}
}

static void pin_scopes_are_read(void **state)
{
	static const enum pin_scope scopes[] = {PIN_SCOPE_NONE, PIN_SCOPE_OBJECT,
						PIN_SCOPE_GLOBAL, PIN_SCOPE_CUSTOM};
	static const char *const files[] = {DIR "elf36.o", DIR "elf36.nog.o"};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_opened o = opened_by_tc(files[f]);

		for (size_t i = 0; i < array_size(scopes); i++) {
			const struct mapdef *def = &o.def.maps[i];
			const struct bpf_map *map =
				bpf_object__find_map_by_name(o.obj, def->name);

			assert_int_equal(def->dialect, MAPDEF_ELF);
			assert_int_equal(def->scope, scopes[i]);
			assert_int_equal(def->inner_idx, i == 3 ? -1 : 0);
			/* The resolver pins, not libbpf. */
			assert_null(bpf_map__pin_path(map));
		}
		assert_int_equal(o.def.maps[2].id, 7);
		assert_int_equal(o.def.maps[3].pin_id, 42);
	}
}

static void converting_keeps_global_pins(void **state)
{
	struct object_def_opts opts = {.keep_pinning = true};
	auto_opened o = opened_with(DIR "elf36.o", &opts);

	(void)state;
	for (size_t i = 0; i < o.def.nr_maps; i++) {
		const char *name = o.def.maps[i].name;
		const char *path =
			bpf_map__pin_path(bpf_object__find_map_by_name(o.obj, name));

		if (o.def.maps[i].scope == PIN_SCOPE_GLOBAL)
			assert_string_equal(path, "/sys/fs/bpf/elf_global");
		else
			assert_null(path);
	}
}

static void who_asks_settles_what_bytes_cannot(void **state)
{
	static const struct {
		const char *file;
		enum maps_reader reader;
		enum maps_layout layout;
		enum mapdef_dialect dialect;
	} cases[] = {
		{DIR "def20.nog.o", MAPS_READER_TC, MAPS_LAYOUT_AUTO, MAPDEF_ELF},
		{DIR "def20.nog.o", MAPS_READER_CGROUP, MAPS_LAYOUT_AUTO, MAPDEF_DEF},
		{DIR "def20.nog.o", MAPS_READER_CGROUP, MAPS_LAYOUT_ELF, MAPDEF_ELF},
		{DIR "def24.nog.o", MAPS_READER_CGROUP, MAPS_LAYOUT_DEF, MAPDEF_DEF},
		{DIR "def24.nog.o", MAPS_READER_CGROUP, MAPS_LAYOUT_ELF, MAPDEF_ELF},
		/* BTF knows better than who asks, an option better than BTF. */
		{DIR "def20.o", MAPS_READER_TC, MAPS_LAYOUT_AUTO, MAPDEF_DEF},
		{DIR "def20.o", MAPS_READER_TC, MAPS_LAYOUT_ELF, MAPDEF_ELF},
		{DIR "elf28.nog.o", MAPS_READER_CGROUP, MAPS_LAYOUT_ELF, MAPDEF_ELF},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct object_def_opts opts = {.layout = cases[i].layout,
					       .reader = cases[i].reader};
		auto_opened o = opened_with(cases[i].file, &opts);

		assert_int_equal(o.def.maps[0].dialect, cases[i].dialect);
	}
}

/* What the program's instructions refer to, in their order. */
static void references_are(const struct opened *o, const char *section,
			   const char *const *names, size_t nr)
{
	struct elf_view view;
	auto_err err = ERR_INIT;
	size_t seen = 0;

	assert_int_equal(elf_view_open(&view, o->def.image, o->def.image_size, &err), 0);
	for (uint32_t i = 1; i < view.nr_sections; i++) {
		const struct elf_section *code;

		if (!elf_view_nr_relocs(&view, i))
			continue;
		code = &view.sections[view.sections[i].info];
		if (strcmp(code->name, section))
			continue;
		for (uint64_t n = 0; n < elf_view_nr_relocs(&view, i); n++) {
			struct elf_reloc rel = elf_view_reloc(&view, i, n);
			struct bpf_insn insn;

			memcpy(&insn, code->data + rel.offset, sizeof(insn));
			assert_true(seen < nr);
			assert_string_equal(view.symbols[rel.symbol].name, names[seen++]);
			assert_int_equal(insn.imm, 0);
		}
	}
	assert_int_equal(seen, nr);
	elf_view_release(&view);
}

static void each_instruction_means_its_own_map(void **state)
{
	static const char *const names[] = {"static_c", "static_a", "weak_d", "hidden_b"};
	static const char *const made_up[] = {"map_40", "map_0", "weak_d", "hidden_b"};
	static const struct {
		const char *file;
		const char *const *names;
	} cases[] = {
		{DIR "statics.o", names},
		{DIR "statics.nog.o", names},
		/* Local symbols stripped: BTF still knows the names. */
		{DIR "statics.bare.o", names},
		{DIR "statics.nog.bare.o", made_up},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		auto_opened o = opened_by_tc(cases[i].file);

		references_are(&o, "classifier", cases[i].names, 4);
		assert_int_equal(o.def.nr_maps, 4);
	}
}

static size_t count_maps(const struct bpf_object *obj)
{
	const struct bpf_map *map = NULL;
	size_t n = 0;

	while ((map = bpf_object__next_map(obj, map)))
		n++;
	return n;
}

static void programs_and_data_survive(void **state)
{
	auto_opened data = opened_by_tc(DIR "subprogs.o");
	auto_opened printk = opened_by_tc(DIR "printk.o");
	auto_opened printk_nog = opened_by_tc(DIR "printk.nog.o");

	(void)state;
	assert_non_null(bpf_object__find_program_by_name(data.obj, "cls"));
	/* .rodata, .data and .bss beside the two. */
	assert_int_equal(count_maps(data.obj), 5);
	assert_int_equal(data.def.nr_maps, 2);
	/* The strings nobody refers to are no map. */
	assert_int_equal(count_maps(printk.obj), 1);
	assert_int_equal(count_maps(printk_nog.obj), 1);
}

static void types_come_from_annotations(void **state)
{
	auto_opened o = opened_by_tc(DIR "kv.o");
	const struct bpf_map *locked = bpf_object__find_map_by_name(o.obj, "locked_map");
	const struct bpf_map *other = bpf_object__find_map_by_name(o.obj, "disagreeing");

	(void)state;
	assert_int_not_equal(bpf_map__btf_key_type_id(locked), 0);
	assert_int_not_equal(bpf_map__btf_value_type_id(locked), 0);
	assert_int_equal(bpf_map__btf_value_type_id(other), 0);
	assert_non_null(o.def.maps[0].key_layout);
	assert_string_equal(o.def.maps[0].value_layout->name, "struct locked");
	assert_null(o.def.maps[1].value_layout);
}

static void translating_twice_changes_nothing(void **state)
{
	auto_opened o = opened_by_tc(DIR "elf36.o");
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	struct object_def again;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		object_def_read(&again, o.def.image, o.def.image_size, &opts, &err), 0);
	assert_false(again.translated);
	assert_int_equal(again.nr_maps, 0);
	object_def_release(&again);
}

static void license_is_that_of_the_section(void **state)
{
	auto_opened one = opened_by_tc(DIR "no_maps.o"),
		    other = opened_by_tc(DIR "dev_link.o");

	(void)state;
	assert_string_equal(one.def.license, "Dual BSD/GPL");
	assert_string_equal(other.def.license, "GPL");
}

static void layouts_have_names(void **state)
{
	enum maps_layout layout = MAPS_LAYOUT_AUTO;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(maps_layout_by_name("elf", &layout, &err), 0);
	assert_int_equal(layout, MAPS_LAYOUT_ELF);
	assert_int_equal(maps_layout_by_name("def", &layout, &err), 0);
	assert_int_equal(layout, MAPS_LAYOUT_DEF);
	assert_int_equal(maps_layout_by_name("samples", &layout, &err), 0);
	assert_int_equal(layout, MAPS_LAYOUT_SAMPLES);
	assert_int_equal(maps_layout_by_name("auto", &layout, &err), -EINVAL);
	assert_int_equal(layout, MAPS_LAYOUT_SAMPLES);
	assert_string_equal(
		err.text,
		"unknown layout of maps 'auto'; known are elf, def and samples");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_readers_list_the_same_maps),
		cmocka_unit_test(a_hundred_maps_are_no_trouble),
		cmocka_unit_test(pin_scopes_are_read),
		cmocka_unit_test(converting_keeps_global_pins),
		cmocka_unit_test(who_asks_settles_what_bytes_cannot),
		cmocka_unit_test(each_instruction_means_its_own_map),
		cmocka_unit_test(programs_and_data_survive),
		cmocka_unit_test(types_come_from_annotations),
		cmocka_unit_test(translating_twice_changes_nothing),
		cmocka_unit_test(license_is_that_of_the_section),
		cmocka_unit_test(layouts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
