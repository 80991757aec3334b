/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of load/placement.h: what decides where a map lives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "load/placement.h"

static const char hash[] = "a6706bd3c79a4b0e3a90e482d8179e5a66eaf275";
static const char database[] = "3 tracing\n";

struct world {
	struct share_opts opts;
	struct pin_names names;
	struct placement p;
	struct mapdef def;
	struct place place;
	struct err err;
	char words[16][64]; /* overrides borrow from them */
	size_t nr_words;
};

static void world_init(struct world *w, enum maps_reader reader)
{
	memset(w, 0, sizeof(*w));
	w->place = (struct place)PLACE_INIT;
	w->opts.reader = reader;
	pin_names_parse(&w->names, database, sizeof(database) - 1, "bpf_pinning");
	w->p = (struct placement){
		.opts = &w->opts, .mnt = "/mnt", .object_hash = hash, .names = &w->names};
	w->def = (struct mapdef)MAPDEF_INIT;
	strcpy(w->def.name, "stats");
	w->def.type = BPF_MAP_TYPE_HASH;
}

static void world_release(struct world *w)
{
	map_overrides_release(&w->opts.overrides);
	place_release(&w->place);
	pin_names_release(&w->names);
	err_release(&w->err);
}
#define auto_world auto_release(world_release) struct world

static int override(struct world *w, const char *words)
{
	char *text = w->words[w->nr_words++ % array_size(w->words)];
	char *argv[16];
	struct args a = {.argv = argv};

	snprintf(text, sizeof(w->words[0]), "%s", words);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[a.argc++] = word;
	return map_overrides_parse(&w->opts.overrides, &a, &w->err);
}

static void expect_pin(struct world *w, const char *path)
{
	assert_int_equal(place_map(&w->place, &w->def, 0, &w->p, &w->err), 0);
	assert_int_equal(w->place.kind, PLACE_PIN);
	assert_string_equal(w->place.path, path);
}

static void expect_private(struct world *w)
{
	assert_int_equal(place_map(&w->place, &w->def, 0, &w->p, &w->err), 0);
	assert_int_equal(w->place.kind, PLACE_PRIVATE);
}

static void elf_scopes_have_their_directories(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	w.def.dialect = MAPDEF_ELF;
	expect_private(&w);
	w.def.scope = PIN_SCOPE_OBJECT;
	expect_pin(&w, "/mnt/tc/a6706bd3c79a4b0e3a90e482d8179e5a66eaf275/stats");
	w.def.scope = PIN_SCOPE_GLOBAL;
	expect_pin(&w, "/mnt/tc/globals/stats");
	w.def.scope = PIN_SCOPE_CUSTOM;
	w.def.pin_id = 3;
	expect_pin(&w, "/mnt/tracing/stats");
	w.def.pin_id = 4;
	assert_int_equal(place_map(&w.place, &w.def, 0, &w.p, &w.err), -ENOENT);
	assert_non_null(strstr(w.err.text, "map 'stats': "));
	assert_non_null(strstr(w.err.text, "4"));
}

static void elf_scopes_ignore_pin_root_and_pinmaps(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_CGROUP);
	w.opts.pin_root = "/elsewhere";
	w.opts.pinmaps = "/pins";
	w.def.dialect = MAPDEF_ELF;
	w.def.scope = PIN_SCOPE_GLOBAL;
	expect_pin(&w, "/mnt/tc/globals/stats");
}

static void shared_is_one_place_for_every_dialect(void **state)
{
	static const enum mapdef_dialect dialects[] = {MAPDEF_ELF, MAPDEF_DEF,
						       MAPDEF_BTF};
	static const enum maps_reader readers[] = {MAPS_READER_TC, MAPS_READER_CGROUP};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		auto_world w;

		world_init(&w, readers[i % 2]);
		w.def.dialect = dialects[i / 2];
		assert_int_equal(override(&w, "name stats shared"), 0);
		expect_pin(&w, "/mnt/tc/globals/stats");
		assert_true(w.place.announce);
		w.opts.pinmaps = "/pins";
		w.opts.pin_root = "/elsewhere";
		w.def.scope = PIN_SCOPE_OBJECT;
		expect_pin(&w, "/elsewhere/stats");
		w.opts.pin_root = "none";
		assert_int_equal(place_map(&w.place, &w.def, 0, &w.p, &w.err), -EINVAL);
	}
}

static void by_name_follows_pin_root(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	w.def.dialect = MAPDEF_BTF;
	w.def.scope = PIN_SCOPE_NAME;
	expect_pin(&w, "/mnt/tc/globals/stats");
	w.opts.pin_root = "/sys/fs/bpf";
	expect_pin(&w, "/sys/fs/bpf/stats");
	w.opts.pin_root = "none";
	expect_private(&w);
}

static void bpf_map_def_is_shared_by_the_cgroup_tool_only(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_CGROUP);
	w.def.dialect = MAPDEF_DEF;
	expect_pin(&w, "/mnt/tc/globals/stats");
	assert_true(w.place.announce);
	w.opts.reader = MAPS_READER_TC;
	expect_private(&w);
	w.opts.reader = MAPS_READER_CGROUP;
	w.opts.pin_root = "none";
	expect_private(&w);
}

static void only_data_maps_of_bpf_map_def_are_shared(void **state)
{
	static const uint32_t private_types[] = {
		BPF_MAP_TYPE_PROG_ARRAY, BPF_MAP_TYPE_PERF_EVENT_ARRAY,
		BPF_MAP_TYPE_RINGBUF,    BPF_MAP_TYPE_QUEUE,
		BPF_MAP_TYPE_STACK,
	};
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_CGROUP);
	w.def.dialect = MAPDEF_DEF;
	for (size_t i = 0; i < array_size(private_types); i++) {
		w.def.type = private_types[i];
		expect_private(&w);
	}
}

static void pinmaps_takes_the_rest(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_CGROUP);
	w.opts.pinmaps = "/mnt/pins";
	w.def.dialect = MAPDEF_DEF;
	expect_pin(&w, "/mnt/pins/stats");
	assert_true(w.place.must_be_new);
	assert_false(w.place.announce);
	w.def.dialect = MAPDEF_DATA;
	strcpy(w.def.name, "obj.rodata");
	expect_pin(&w, "/mnt/pins/obj_rodata");
	w.def.dialect = MAPDEF_BTF;
	w.def.scope = PIN_SCOPE_NAME;
	strcpy(w.def.name, "stats");
	expect_pin(&w, "/mnt/tc/globals/stats");
}

static void the_command_line_wins(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	w.def.dialect = MAPDEF_BTF;
	w.def.scope = PIN_SCOPE_NAME;
	assert_int_equal(override(&w, "name stats id 7"), 0);
	assert_int_equal(place_map(&w.place, &w.def, 0, &w.p, &w.err), 0);
	assert_int_equal(w.place.kind, PLACE_GIVEN);
	assert_int_equal(w.place.given->target, OVERRIDE_ID);
	assert_int_equal(w.place.given->id, 7);
	map_overrides_release(&w.opts.overrides);
	assert_int_equal(override(&w, "idx 0 private"), 0);
	expect_private(&w);
}

static void overrides_read_bpftools_words(void **state)
{
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	assert_int_equal(override(&w, "n stats p /sys/fs/bpf/x"), 0);
	assert_int_equal(w.opts.overrides.items[0].target, OVERRIDE_PINNED);
	assert_string_equal(w.opts.overrides.items[0].what, "/sys/fs/bpf/x");
	assert_int_equal(override(&w, "idx 0x3 name other"), 0);
	assert_int_equal(w.opts.overrides.items[1].idx, 3);
	assert_int_equal(override(&w, "name stats private"), -EINVAL);
	assert_string_equal(w.err.text, "map 'stats' is given twice");
	assert_int_equal(override(&w, "name"), -EINVAL);
	assert_int_equal(override(&w, "name a"), -EINVAL);
	assert_int_equal(override(&w, "name a id"), -EINVAL);
	assert_int_equal(override(&w, "name a id x"), -EINVAL);
	assert_int_equal(override(&w, "foo a id 1"), -EINVAL);
	assert_int_equal(override(&w, ""), -EINVAL);
	assert_int_equal(w.opts.overrides.nr, 2);
}

static void overrides_must_name_maps_of_the_object(void **state)
{
	static const char *const names[] = {"stats", "jmp"};
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	assert_int_equal(override(&w, "name jmp private"), 0);
	assert_int_equal(override(&w, "idx 0 private"), 0);
	assert_int_equal(map_overrides_check(&w.opts.overrides, names, 2, &w.err), 0);
	assert_int_equal(override(&w, "name nope id 1"), 0);
	assert_int_equal(map_overrides_check(&w.opts.overrides, names, 2, &w.err),
			 -ENOENT);
	assert_string_equal(w.err.text,
			    "map 'nope' is not in the object, which has: stats, jmp");
}

static void an_override_of_no_map_is_refused_by_what_it_says(void **state)
{
	static const char *const names[] = {"stats", "jmp"};
	auto_world by_idx, by_name;

	(void)state;
	world_init(&by_idx, MAPS_READER_TC);
	assert_int_equal(override(&by_idx, "idx 0 private"), 0);
	assert_int_equal(map_overrides_check(&by_idx.opts.overrides, NULL, 0,
					     &by_idx.err),
			 -ENOENT);
	assert_string_equal(by_idx.err.text,
			    "map idx 0 is not in the object, which has 0 maps: none");
	assert_int_equal(override(&by_idx, "idx 2 private"), 0);
	assert_int_equal(map_overrides_check(&by_idx.opts.overrides, names, 2,
					     &by_idx.err),
			 -ENOENT);
	assert_string_equal(
		by_idx.err.text,
		"map idx 2 is not in the object, which has 2 maps: stats, jmp");

	world_init(&by_name, MAPS_READER_TC);
	assert_int_equal(override(&by_name, "name nope private"), 0);
	assert_int_equal(map_overrides_check(&by_name.opts.overrides, NULL, 0,
					     &by_name.err),
			 -ENOENT);
	assert_string_equal(by_name.err.text,
			    "map 'nope' is not in the object, which has: no maps");
}

static void one_map_is_overridden_once(void **state)
{
	static const char *const names[] = {"stats", "jmp"};
	auto_world w;

	(void)state;
	world_init(&w, MAPS_READER_TC);
	assert_int_equal(override(&w, "idx 1 private"), 0);
	assert_int_equal(override(&w, "name jmp id 7"), 0);
	assert_int_equal(map_overrides_check(&w.opts.overrides, names, 2, &w.err),
			 -EINVAL);
	assert_string_equal(w.err.text, "map 'jmp' is given twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_scopes_have_their_directories),
		cmocka_unit_test(elf_scopes_ignore_pin_root_and_pinmaps),
		cmocka_unit_test(shared_is_one_place_for_every_dialect),
		cmocka_unit_test(by_name_follows_pin_root),
		cmocka_unit_test(bpf_map_def_is_shared_by_the_cgroup_tool_only),
		cmocka_unit_test(only_data_maps_of_bpf_map_def_are_shared),
		cmocka_unit_test(pinmaps_takes_the_rest),
		cmocka_unit_test(the_command_line_wins),
		cmocka_unit_test(overrides_read_bpftools_words),
		cmocka_unit_test(overrides_must_name_maps_of_the_object),
		cmocka_unit_test(an_override_of_no_map_is_refused_by_what_it_says),
		cmocka_unit_test(one_map_is_overridden_once),
	};

	return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
