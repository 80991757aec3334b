/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "def/mapdef.h"
#include "def/pin_path.h"

static const char hash[] = "a9993e364706816aba3e25717850c26c9cd0d89d";
static struct pin_name rows[] = {
	{.id = 3, .subpath = (char[]){"tracing"}},
	{.id = 4, .subpath = (char[]){"//foo/./bar//"}},
	{.id = 5, .subpath = (char[]){"a/../.."}},
	{.id = 6, .subpath = (char[]){"..x/y.."}},
};
static const struct pin_names database = {
	.names = rows, .nr = 4, .source = (char[]){"/etc/db"}};
static const struct pin_path_opts opts = {
	.mnt = "/sys/fs/bpf", .object_hash = hash, .names = &database};

static struct mapdef stats(enum pin_scope scope, uint32_t id)
{
	struct mapdef def = MAPDEF_INIT;

	strcpy(def.name, "stats");
	def.scope = scope;
	def.pin_id = id;
	return def;
}

static void every_scope_has_its_directory(void **state)
{
	static const struct {
		enum pin_scope scope;
		uint32_t id;
		const char *path;
	} cases[] = {
		{PIN_SCOPE_OBJECT, 0,
		 "/sys/fs/bpf/tc/a9993e364706816aba3e25717850c26c9cd0d89d/stats"},
		{PIN_SCOPE_GLOBAL, 0, "/sys/fs/bpf/tc/globals/stats"},
		{PIN_SCOPE_CUSTOM, 3, "/sys/fs/bpf/tracing/stats"},
		{PIN_SCOPE_CUSTOM, 4, "/sys/fs/bpf/foo/bar/stats"},
		{PIN_SCOPE_CUSTOM, 6, "/sys/fs/bpf/..x/y../stats"},
		{PIN_SCOPE_NAME, 0, "/sys/fs/bpf/tc/globals/stats"},
	};
	auto_err err = ERR_INIT;
	char path[256];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct mapdef def = stats(cases[i].scope, cases[i].id);

		assert_int_equal(pin_path(path, sizeof(path), &def, &opts, &err), 0);
		assert_string_equal(path, cases[i].path);
	}
}

static void the_pin_root_moves_by_name_pins_only(void **state)
{
	struct pin_path_opts rooted = opts;
	struct mapdef by_name = stats(PIN_SCOPE_NAME, 0),
		      global = stats(PIN_SCOPE_GLOBAL, 0);
	auto_err err = ERR_INIT;
	char path[256];

	(void)state;
	rooted.pin_root = "/sys/fs/bpf/";
	assert_int_equal(pin_path(path, sizeof(path), &by_name, &rooted, &err), 0);
	assert_string_equal(path, "/sys/fs/bpf/stats");
	assert_int_equal(pin_path(path, sizeof(path), &global, &rooted, &err), 0);
	assert_string_equal(path, "/sys/fs/bpf/tc/globals/stats");
}

static void what_has_no_path_is_an_error(void **state)
{
	struct pin_path_opts without = opts, empty = opts;
	struct pin_names none = {.nr = 0};
	auto_err err = ERR_INIT;
	struct mapdef def;
	char path[256] = "untouched";

	(void)state;
	def = stats(PIN_SCOPE_NONE, 0);
	assert_int_equal(pin_path(path, sizeof(path), &def, &opts, &err), -EINVAL);
	def = stats(PIN_SCOPE_CUSTOM, 7);
	assert_int_equal(pin_path(path, sizeof(path), &def, &opts, &err), -ENOENT);
	assert_string_equal(err.text, "map 'stats': pinning id 7 is not in '/etc/db'");
	without.names = NULL;
	empty.names = &none;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pin_path(path, sizeof(path), &def, i ? &empty : &without,
					  &err),
				 -ENOENT);
		assert_string_equal(
			err.text,
			"map 'stats': pinning id 7 is not defined: there is neither "
			"'/etc/iproute2/bpf_pinning' nor "
			"'/usr/share/iproute2/bpf_pinning'");
	}
	def = stats(PIN_SCOPE_CUSTOM, 5);
	assert_int_equal(pin_path(path, sizeof(path), &def, &opts, &err), -EINVAL);
	assert_string_equal(
		err.text,
		"map 'stats': pinning id 5 is 'a/../..', which may not have '..'");
	assert_string_equal(path, "untouched");
}

static void names_that_bpffs_refuses_are_refused_here(void **state)
{
	static const char *const bad[] = {"", "..", ".", "../x", "a/b", "a\nb", "f.m"};
	auto_err err = ERR_INIT;
	char path[256];

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		struct mapdef def = stats(PIN_SCOPE_GLOBAL, 0);

		strcpy(def.name, bad[i]);
		assert_int_equal(pin_path(path, sizeof(path), &def, &opts, &err),
				 -EINVAL);
	}
	assert_string_equal(err.text,
			    "'f.m' cannot be pinned: the BPF file system takes no "
			    "name with a dot");
}

static void a_root_of_the_caller(void **state)
{
	auto_err err = ERR_INIT;
	char path[64];

	(void)state;
	assert_int_equal(pin_path_in(path, sizeof(path), "/x/y", "m", &err), 0);
	assert_string_equal(path, "/x/y/m");
	assert_int_equal(pin_path_in(path, sizeof(path), "/x//", "obj.rodata", &err), 0);
	assert_string_equal(path, "/x/obj_rodata");
	assert_int_equal(pin_path_in(path, sizeof(path), "/x.d", "a.b.c", &err), 0);
	assert_string_equal(path, "/x.d/a_b_c");
	assert_int_equal(pin_path_in(path, sizeof(path), "/", "m", &err), 0);
	assert_string_equal(path, "/m");
	assert_int_equal(pin_path_in(path, sizeof(path), "/x", "..", &err), -EINVAL);
	assert_int_equal(pin_path_in(path, sizeof(path), "/x", "a/b", &err), -EINVAL);
	assert_int_equal(pin_path_in(path, sizeof(path), "/x", "", &err), -EINVAL);
}

static void one_file_has_one_text(void **state)
{
	static const char *const paths[][2] = {
		{"//sys/fs/bpf//tc//globals", "/sys/fs/bpf/tc/globals"},
		{"/x/./y/.", "/x/y"},
		{"/x/../y/", "/x/../y"},
		{"./x//y", "x/y"},
		{"/.hidden/..x", "/.hidden/..x"},
		{"/", "/"},
		{"///", "/"},
		{".", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		char path[64];

		strcpy(path, paths[i][0]);
		pin_path_tidy(path);
		assert_string_equal(path, paths[i][1]);
	}
}

static void a_path_fits_or_is_an_error(void **state)
{
	struct mapdef def = stats(PIN_SCOPE_GLOBAL, 0);
	const size_t need = strlen("/sys/fs/bpf/tc/globals/stats") + 1;
	auto_err err = ERR_INIT;
	char path[64];

	(void)state;
	assert_int_equal(pin_path(path, need, &def, &opts, &err), 0);
	strcpy(path, "untouched");
	for (size_t cap = 0; cap < need; cap++)
		assert_int_equal(pin_path(path, cap, &def, &opts, &err), -ENAMETOOLONG);
	assert_string_equal(path, "untouched");
	assert_string_equal(err.text,
			    "the pin path of map 'stats' has 28 bytes, over 27");
}

static void the_hash_is_sha1sums(void **state)
{
	char text[OBJECT_HASH_LEN + 1];

	(void)state;
	object_hash(text, "abc", 3);
	assert_string_equal(text, hash);
	object_hash(text, "", 0);
	assert_string_equal(text, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scope_has_its_directory),
		cmocka_unit_test(the_pin_root_moves_by_name_pins_only),
		cmocka_unit_test(what_has_no_path_is_an_error),
		cmocka_unit_test(names_that_bpffs_refuses_are_refused_here),
		cmocka_unit_test(a_root_of_the_caller),
		cmocka_unit_test(one_file_has_one_text),
		cmocka_unit_test(a_path_fits_or_is_an_error),
		cmocka_unit_test(the_hash_is_sha1sums),
	};

	return cmocka_run_group_tests_name("pin_path", tests, NULL, NULL);
}
