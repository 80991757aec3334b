/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "btf/map_btf.h"

#define auto_btf auto_release(btf_vars_close) struct btf

static struct mapdef def_of(const char *name, uint32_t type, uint32_t entries)
{
	struct mapdef def = MAPDEF_INIT;

	strcpy(def.name, name);
	def.type = type;
	def.key_size = 4;
	def.value_size = 8;
	def.max_entries = entries;
	return def;
}

/* The bytes as they would stand in a file, read back. */
static struct btf *written(const struct btf *btf)
{
	auto_err err = ERR_INIT;
	const void *bytes;
	struct btf *again;
	size_t size;

	assert_int_equal(map_btf_bytes(btf, &bytes, &size, &err), 0);
	again = btf_vars_open(bytes, size);
	assert_non_null(again);
	return again;
}

/* The number that member `name` of a map's struct stands for; -1: no such member. */
static int64_t number(const struct btf *btf, uint32_t type, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	assert_true(btf_is_struct(t));
	assert_int_equal(t->size, MAP_BTF_SLOT);
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const struct btf_type *p = btf__type_by_id(btf, m->type);

		assert_int_equal(m->offset, 0);
		if (strcmp(btf__name_by_offset(btf, m->name_off), name))
			continue;
		p = btf__type_by_id(btf, p->type);
		return btf_is_array(p) ? (int64_t)btf_array(p)->nelems : -2;
	}
	return -1;
}

static void each_map_is_a_variable(void **state)
{
	struct mapdef defs[] = {
		def_of("first", BPF_MAP_TYPE_HASH, 16),
		/* Numbers that an array of ints could not say. */
		def_of("second", BPF_MAP_TYPE_ARRAY, UINT32_MAX),
	};
	auto_free struct btf_variable *vars = NULL;
	auto_btf *btf = map_btf_new(), *again = NULL;
	auto_err err = ERR_INIT;

	(void)state;
	defs[0].map_flags = BPF_F_NUMA_NODE;
	defs[0].numa_node = 1;
	defs[0].scope = PIN_SCOPE_GLOBAL;
	assert_int_equal(map_btf_add(btf, defs, 2, 16, ".none", false, &err), 0);
	again = written(btf);
	assert_int_equal(btf_vars_in(again, ".maps", &vars), 2);
	assert_string_equal(vars[0].name, "first");
	assert_string_equal(vars[1].name, "second");
	assert_int_equal(vars[1].offset, MAP_BTF_SLOT);
	assert_false(vars[1].is_static);
	assert_int_equal(number(again, vars[0].type, "type"), BPF_MAP_TYPE_HASH);
	assert_int_equal(number(again, vars[0].type, "key_size"), 4);
	assert_int_equal(number(again, vars[0].type, "value_size"), 8);
	assert_int_equal(number(again, vars[0].type, "map_flags"), BPF_F_NUMA_NODE);
	assert_int_equal(number(again, vars[0].type, "numa_node"), 1);
	assert_int_equal(number(again, vars[0].type, "pinning"), -1);
	assert_int_equal(number(again, vars[1].type, "max_entries"), UINT32_MAX);
	assert_int_equal(number(again, vars[1].type, "map_flags"), -1);
}

static void pinning_is_kept_on_demand(void **state)
{
	static const enum pin_scope scopes[] = {PIN_SCOPE_NONE, PIN_SCOPE_OBJECT,
						PIN_SCOPE_GLOBAL, PIN_SCOPE_CUSTOM,
						PIN_SCOPE_NAME};
	static const int64_t wants[] = {-1, -1, 1, -1, 1};

	(void)state;
	for (size_t i = 0; i < array_size(scopes); i++) {
		struct mapdef def = def_of("m", BPF_MAP_TYPE_HASH, 1);
		auto_free struct btf_variable *vars = NULL;
		auto_btf *btf = map_btf_new();
		auto_err err = ERR_INIT;

		def.scope = scopes[i];
		assert_int_equal(map_btf_add(btf, &def, 1, 8, ".none", true, &err), 0);
		assert_int_equal(btf_vars_in(btf, ".maps", &vars), 1);
		assert_int_equal(number(btf, vars[0].type, "pinning"), wants[i]);
	}
}

static void outer_maps_carry_their_template(void **state)
{
	struct mapdef defs[] = {
		def_of("outer", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4),
		def_of("inner", BPF_MAP_TYPE_HASH, 7),
	};
	auto_free struct btf_variable *vars = NULL;
	auto_btf *btf = map_btf_new();
	auto_err err = ERR_INIT;
	const struct btf_member *last;
	const struct btf_type *t;

	(void)state;
	defs[0].value_size = 16;
	defs[0].inner = 1;
	defs[1].scope = PIN_SCOPE_GLOBAL;
	assert_int_equal(map_btf_add(btf, defs, 2, 16, ".none", true, &err), 0);
	assert_int_equal(btf_vars_in(btf, ".maps", &vars), 2);
	assert_int_equal(number(btf, vars[0].type, "value_size"), 4);
	assert_int_equal(number(btf, vars[1].type, "pinning"), 1);
	t = btf__type_by_id(btf, vars[0].type);
	last = &btf_members(t)[btf_vlen(t) - 1];
	assert_string_equal(btf__name_by_offset(btf, last->name_off), "values");
	t = btf__type_by_id(btf, last->type);
	assert_true(btf_is_array(t));
	assert_int_equal(btf_array(t)->nelems, 0);
	t = btf__type_by_id(btf, btf_array(t)->type);
	assert_true(btf_is_ptr(t));
	assert_int_equal(number(btf, t->type, "max_entries"), 7);
	/* libbpf refuses a template that wants to be pinned. */
	assert_int_equal(number(btf, t->type, "pinning"), -1);
}

static void annotated_types_are_used_if_they_fit(void **state)
{
	struct mapdef defs[] = {
		def_of("fits", BPF_MAP_TYPE_HASH, 1),
		def_of("lies", BPF_MAP_TYPE_HASH, 1),
	};
	static const char *const names[] = {"____btf_map_fits", "____btf_map_lies"};
	auto_free struct btf_variable *vars = NULL;
	auto_btf *btf = map_btf_new();
	auto_err err = ERR_INIT;
	int u32, u64;

	(void)state;
	u32 = btf__add_int(btf, "u32", 4, 0);
	u64 = btf__add_int(btf, "u64", 8, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_true(btf__add_struct(btf, names[i], 16) > 0);
		assert_int_equal(btf__add_field(btf, "key", u32, 0, 0), 0);
		assert_int_equal(btf__add_field(btf, "value", i ? u32 : u64, 64, 0), 0);
	}
	assert_int_equal(map_btf_add(btf, defs, 2, 16, ".none", false, &err), 0);
	assert_int_equal(btf_vars_in(btf, ".maps", &vars), 2);
	assert_int_equal(number(btf, vars[0].type, "key"), -2);
	assert_int_equal(number(btf, vars[0].type, "value"), -2);
	assert_int_equal(number(btf, vars[0].type, "key_size"), -1);
	assert_int_equal(number(btf, vars[1].type, "key"), -1);
	assert_int_equal(number(btf, vars[1].type, "value_size"), 8);
}

/* Two variables of a struct in one DATASEC, in the order and with the holes clang leaves.
 */
static int old_section(struct btf *btf, const char *section)
{
	int type = btf__add_int(btf, "int", 4, 0), a, b;

	a = btf__add_var(btf, "behind", BTF_VAR_GLOBAL_ALLOCATED, type);
	b = btf__add_var(btf, "front", BTF_VAR_GLOBAL_ALLOCATED, type);
	assert_true(btf__add_datasec(btf, section, 0) > 0);
	assert_int_equal(btf__add_datasec_var_info(btf, a, 0, 20), 0);
	assert_int_equal(btf__add_datasec_var_info(btf, b, 0, 20), 0);
	return b + 1;
}

static void freezing_leaves_nothing_to_look_up(void **state)
{
	static const struct map_btf_place places[] = {{"front", 0}, {"behind", 20}};
	struct map_btf_freeze how = {
		.section = "maps",
		.renamed = ".old",
		.size = 40,
		.places = places,
		.nr = 2,
		.hide = true,
	};
	auto_free struct btf_variable *vars = NULL, *none = NULL;
	auto_btf *btf = map_btf_new();
	auto_err err = ERR_INIT;
	int section;

	(void)state;
	section = old_section(btf, "maps");
	assert_int_equal(map_btf_freeze(btf, &how, &err), 0);
	assert_int_equal(btf_vars_in(btf, "maps", &none), 0);
	assert_int_equal(btf_vars_in(btf, ".old", &vars), 2);
	assert_int_equal(btf__type_by_id(btf, (uint32_t)section)->size, 40);
	assert_string_equal(vars[0].name, "front");
	assert_int_equal(vars[0].offset, 0);
	assert_string_equal(vars[1].name, "behind");
	assert_int_equal(vars[1].offset, 20);
	assert_true(vars[0].is_static && vars[1].is_static);
}

static void old_maps_follow_the_slots(void **state)
{
	static const struct map_btf_place places[] = {{"front", 0}, {"behind", 32}};
	struct map_btf_freeze how = {
		.section = ".maps",
		.renamed = ".kept",
		.size = 64,
		.shift = 8,
		.places = places,
		.nr = 2,
	};
	struct mapdef def = def_of("legacy", BPF_MAP_TYPE_HASH, 1);
	auto_free struct btf_variable *vars = NULL, *old = NULL;
	auto_btf *btf = map_btf_new(), *again = NULL;
	auto_err err = ERR_INIT;
	uint32_t before;

	(void)state;
	old_section(btf, ".maps");
	before = btf__type_cnt(btf);
	assert_int_equal(map_btf_freeze(btf, &how, &err), 0);
	assert_int_equal(map_btf_add(btf, &def, 1, 72, ".kept", false, &err), 0);
	again = written(btf);
	assert_int_equal(btf_vars_in(again, ".maps", &vars), 3);
	assert_string_equal(vars[0].name, "legacy");
	assert_string_equal(vars[1].name, "front");
	assert_int_equal(vars[1].offset, 8);
	assert_string_equal(vars[2].name, "behind");
	assert_int_equal(vars[2].offset, 40);
	assert_false(vars[1].is_static || vars[2].is_static);
	for (size_t i = 0; i < 3; i++)
		assert_true(vars[i].id >= before);
	assert_int_equal(btf_vars_in(again, ".kept", &old), 2);
	assert_true(old[0].is_static && old[1].is_static);
}

/* Of a section that has as many variables as are followed, and of one that has one more. */
static void sections_have_an_end(void **state)
{
	struct map_btf_freeze how = {.section = "maps", .renamed = ".old", .hide = true};

	(void)state;
	for (uint32_t more = 0; more < 2; more++) {
		auto_btf *btf = map_btf_new();
		auto_err err = ERR_INIT;
		int type = btf__add_int(btf, "int", 4, 0), r;
		int var = btf__add_var(btf, "n", BTF_VAR_GLOBAL_ALLOCATED, type);

		btf__add_datasec(btf, "maps", 0);
		for (uint32_t i = 0; i < BTF_VARS_MAX + more; i++)
			btf__add_datasec_var_info(btf, var, 0, 4);
		r = map_btf_freeze(btf, &how, &err);
		assert_int_equal(r, more ? -E2BIG : 0);
		if (more)
			assert_string_equal(
				err.text,
				"BTF: section 'maps' has 16385 variables, more than 16384");
	}
}

/* Types and variables whose names are behind the end of all names are none to be moved. */
static void names_that_are_lost(void **state)
{
	static const struct map_btf_place places[] = {{"front", 0}, {"behind", 20}};
	struct map_btf_freeze how = {.section = "maps",
				     .renamed = ".old",
				     .size = 40,
				     .places = places,
				     .nr = 2};
	auto_free struct btf_variable *vars = NULL;
	auto_btf *btf = map_btf_new();
	auto_err err = ERR_INIT;
	int section, lost;

	(void)state;
	lost = btf__add_datasec(btf, "lost", 0);
	section = old_section(btf, "maps");
	((struct btf_type *)btf__type_by_id(btf, (uint32_t)lost))->name_off = INT32_MAX;
	((struct btf_type *)btf__type_by_id(btf, (uint32_t)section - 1))->name_off =
		INT32_MAX;
	assert_int_equal(map_btf_freeze(btf, &how, &err), 0);
	assert_int_equal(btf_vars_in(btf, ".old", &vars), 2);
	assert_string_equal(vars[0].name, "");
	assert_int_equal(vars[0].offset, 0);
	assert_string_equal(vars[1].name, "behind");
	assert_int_equal(vars[1].offset, 20);
}

/* libbpf takes no variable without a name. */
static void maps_have_names(void **state)
{
	struct mapdef defs[] = {def_of("", BPF_MAP_TYPE_HASH, 1),
				def_of("second", BPF_MAP_TYPE_HASH, 1)};
	auto_btf *btf = map_btf_new();
	auto_err err = ERR_INIT;

	(void)state;
	old_section(btf, ".kept");
	assert_int_equal(map_btf_add(btf, defs, 2, 16, ".kept", false, &err), -EINVAL);
	assert_non_null(strstr(err.text, "BTF: describe the maps"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_map_is_a_variable),
		cmocka_unit_test(pinning_is_kept_on_demand),
		cmocka_unit_test(outer_maps_carry_their_template),
		cmocka_unit_test(annotated_types_are_used_if_they_fit),
		cmocka_unit_test(freezing_leaves_nothing_to_look_up),
		cmocka_unit_test(old_maps_follow_the_slots),
		cmocka_unit_test(sections_have_an_end),
		cmocka_unit_test(names_that_are_lost),
		cmocka_unit_test(maps_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
