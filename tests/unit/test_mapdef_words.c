/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of types, kinds of maps, names of maps, descriptions. The diff is in
 * test_mapdef.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "def/mapdef.h"

static struct mapdef hash_def(void)
{
	struct mapdef def = MAPDEF_INIT;

	def.type = BPF_MAP_TYPE_HASH;
	def.key_size = 4;
	def.value_size = 8;
	def.max_entries = 16;
	return def;
}

static void type_names_are_bpftools(void **state)
{
	static const struct {
		uint32_t type;
		const char *name;
	} rows[] = {
		{0, "unspec"},
		{BPF_MAP_TYPE_HASH, "hash"},
		{BPF_MAP_TYPE_PERF_EVENT_ARRAY, "perf_event_array"},
		{BPF_MAP_TYPE_LRU_PERCPU_HASH, "lru_percpu_hash"},
		{BPF_MAP_TYPE_LPM_TRIE, "lpm_trie"},
		{BPF_MAP_TYPE_HASH_OF_MAPS, "hash_of_maps"},
		{BPF_MAP_TYPE_DEVMAP, "devmap"},
		{BPF_MAP_TYPE_CGROUP_STORAGE, "cgroup_storage"},
		{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "reuseport_sockarray"},
		{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, "percpu_cgroup_storage"},
		{BPF_MAP_TYPE_DEVMAP_HASH, "devmap_hash"},
		{BPF_MAP_TYPE_RINGBUF, "ringbuf"},
		{BPF_MAP_TYPE_BLOOM_FILTER, "bloom_filter"},
		{BPF_MAP_TYPE_USER_RINGBUF, "user_ringbuf"},
		{32, "cgrp_storage"},
		{33, "arena"},
		{35, "rhash"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_string_equal(mapdef_type_name(rows[i].type), rows[i].name);
		assert_int_equal(mapdef_type_by_name(rows[i].name), rows[i].type);
	}
	assert_null(mapdef_type_name(36));
	assert_null(mapdef_type_name(UINT32_MAX));
	assert_int_equal(mapdef_type_by_name("has"), -ENOENT);
	assert_int_equal(mapdef_type_by_name(""), -ENOENT);
}

static void kinds_of_maps(void **state)
{
	static const struct {
		uint32_t type;
		bool outer, percpu, data;
	} rows[] = {
		{BPF_MAP_TYPE_HASH, false, false, true},
		{BPF_MAP_TYPE_ARRAY, false, false, true},
		{BPF_MAP_TYPE_PERCPU_HASH, false, true, true},
		{BPF_MAP_TYPE_PERCPU_ARRAY, false, true, true},
		{BPF_MAP_TYPE_LRU_HASH, false, false, true},
		{BPF_MAP_TYPE_LRU_PERCPU_HASH, false, true, true},
		{BPF_MAP_TYPE_LPM_TRIE, false, false, true},
		{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, false, true, false},
		{BPF_MAP_TYPE_ARRAY_OF_MAPS, true, false, false},
		{BPF_MAP_TYPE_HASH_OF_MAPS, true, false, false},
		{BPF_MAP_TYPE_PROG_ARRAY, false, false, false},
		{BPF_MAP_TYPE_PERF_EVENT_ARRAY, false, false, false},
		{BPF_MAP_TYPE_RINGBUF, false, false, false},
		{BPF_MAP_TYPE_QUEUE, false, false, false},
		{BPF_MAP_TYPE_DEVMAP, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		struct mapdef def = {.type = rows[i].type};

		assert_int_equal(mapdef_is_outer(&def), rows[i].outer);
		assert_int_equal(mapdef_is_percpu(&def), rows[i].percpu);
		assert_int_equal(mapdef_is_data(&def), rows[i].data);
	}
}

/* All of them; a new type is refused until somebody has tried it. */
static void types_that_migrate(void **state)
{
	const uint64_t can =
		1ULL << BPF_MAP_TYPE_HASH | 1ULL << BPF_MAP_TYPE_ARRAY |
		1ULL << BPF_MAP_TYPE_PERCPU_HASH | 1ULL << BPF_MAP_TYPE_PERCPU_ARRAY |
		1ULL << BPF_MAP_TYPE_LRU_HASH | 1ULL << BPF_MAP_TYPE_LRU_PERCPU_HASH |
		1ULL << BPF_MAP_TYPE_LPM_TRIE | 1ULL << BPF_MAP_TYPE_ARRAY_OF_MAPS |
		1ULL << BPF_MAP_TYPE_HASH_OF_MAPS;

	(void)state;
	for (uint32_t type = 0; type < 64; type++) {
		struct mapdef def = {.type = type};

		assert_int_equal(mapdef_can_migrate(&def), can >> type & 1);
	}
}

static void names_must_do_as_file_names(void **state)
{
	static const struct {
		const char *name, *text;
	} bad[] = {
		{"", "a map has an empty name"},
		{".", "map name '.' would be a directory"},
		{"..", "map name '..' would be a directory"},
		{"a/b", "map name 'a/b' has a '/'"},
		{"../x", "map name '../x' has a '/'"},
		{"a\nb", "map name 'a\\x0ab' has control bytes"},
		{"a\x7f", "map name 'a\\x7f' has control bytes"},
	};
	char longest[MAPDEF_NAME_MAX + 2];
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		assert_int_equal(mapdef_check_name(bad[i].name, &err), -EINVAL);
		assert_string_equal(err.text, bad[i].text);
	}
	assert_int_equal(mapdef_check_name("counter_16bytes_and_more", &err), 0);
	assert_int_equal(mapdef_check_name("...", &err), 0);
	memset(longest, 'a', sizeof(longest));
	longest[MAPDEF_NAME_MAX] = '\0';
	assert_int_equal(mapdef_check_name(longest, &err), 0);
	longest[MAPDEF_NAME_MAX] = 'a';
	longest[MAPDEF_NAME_MAX + 1] = '\0';
	assert_int_equal(mapdef_check_name(longest, &err), -EINVAL);
}

static void descriptions_say_what_counts(void **state)
{
	struct mapdef def = hash_def();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	def.map_flags = BPF_F_NO_PREALLOC;
	mapdef_describe(&def, &out);
	assert_string_equal(sb_text(&out),
			    "hash, key 4 B, value 8 B, 16 entries, flags 0x1");
	sb_clear(&out);
	def = (struct mapdef){.type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096};
	mapdef_describe(&def, &out);
	assert_string_equal(sb_text(&out), "ringbuf, 4096 B");
	sb_clear(&out);
	def = (struct mapdef){
		.type = 77, .value_size = 4, .max_entries = 1, .map_extra = 3};
	mapdef_describe(&def, &out);
	assert_string_equal(sb_text(&out), "type 77, value 4 B, 1 entry, map_extra 0x3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_names_are_bpftools),
		cmocka_unit_test(kinds_of_maps),
		cmocka_unit_test(types_that_migrate),
		cmocka_unit_test(names_must_do_as_file_names),
		cmocka_unit_test(descriptions_say_what_counts),
	};

	return cmocka_run_group_tests_name("mapdef_words", tests, NULL, NULL);
}
