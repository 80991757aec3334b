/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of cgroups and addresses as values, and members whose names cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "btf/btf_value.h"
#include "btf/readable.h"
#include "btf_types.h"
#include "host_order.h"

static int id_of_path(const char *path, uint64_t *ret, struct err *err)
{
	if (strcmp(path, "/sys/fs/cgroup/a b") != 0)
		return err_say(err, -ENOENT, "no cgroup '%s'", path);
	*ret = 77;
	return 0;
}

static const struct readable_names kernel = {.cgroup_id = id_of_path};

/* Of two numbers of 4 bytes each. */
#define FIRST(number)  ((uint64_t)(number) << (HOST_IS_BIG ? 32 : 0))
#define SECOND(number) ((uint64_t)(number) << (HOST_IS_BIG ? 0 : 32))

/* The first 8 bytes in host order, or the error. */
static void value_is(const struct btf_types *t, int type,
		     const struct readable_names *names, const char *text,
		     uint64_t number, const char *error)
{
	unsigned char bytes[64] = {0};
	auto_err err = ERR_INIT;
	uint64_t got;
	int r = btf_value_parse_names(t->btf, (uint32_t)type, text, names, bytes, 16,
				      &err);

	if (error) {
		assert_true(r < 0);
		assert_string_equal(err.text, error);
		return;
	}
	if (r < 0)
		fail_msg("'%s': %s", text, err.text);
	memcpy(&got, bytes, sizeof(got));
	assert_int_equal(got, number);
}

static void paths_of_cgroups(void **state)
{
	const struct btf_types *t = *state;
	int id = btf__add_typedef(t->btf, "cgroup_id_t", t->u64), in;

	in = btf__add_struct(t->btf, "in", 16);
	btf__add_field(t->btf, "app_cgroup_id", t->u64, 0, 0);
	btf__add_field(t->btf, "n", t->u64, 64, 0);
#define PATH "/sys/fs/cgroup/a b"
	value_is(t, id, &kernel, "\"" PATH "\"", 77, NULL);
	value_is(t, in, &kernel, "{app_cgroup_id:\"" PATH "\",n:5}", 77, NULL);
	value_is(t, id, &kernel, "78", 78, NULL);
	value_is(t, id, &kernel, "/none", 0, "no cgroup '/none'");
	value_is(t, in, &kernel, "{app_cgroup_id:/none}", 0,
		 "member 'app_cgroup_id': no cgroup '/none'");
	value_is(t, id, &kernel, "\"/none", 0, "a quote is not closed");
	value_is(t, id, &kernel, "192.0.2.1", 0, "'192.0.2.1' is not a number");
	value_is(t, id, NULL, "/none", 0, "'/none' is not a number");
	value_is(t, in, &kernel, "{n:/none}", 0, "member 'n': '/none' is not a number");
}

/* What looks like an address, and is none, or belongs to a member that has a value already. */
static void addresses_of_members(void **state)
{
	const struct btf_types *t = *state;
	int address = btf__add_typedef(t->btf, "__be32", t->u32), either, letters, n;
	auto_free char *most = xstrdup(
		"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1");
	auto_free char *want = xasprintf("'%s' is not a number", most);

	either = btf__add_union(t->btf, "either", 4);
	btf__add_field(t->btf, "a", address, 0, 0);
	btf__add_field(t->btf, "b", address, 0, 0);
	letters = btf__add_array(t->btf, t->u32, t->ch, 4);
	n = btf__add_union(t->btf, "number", 4);
	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, "name", letters, 0, 0);
	value_is(t, either, NULL, "{a:1.1.1.1,b:1.1.1.1}", FIRST(0x01010101), NULL);
	value_is(
		t, either, NULL, "{a:1.1.1.1,b:1.1.2.1}", 0,
		"member 'b': shares its bytes with a member that was given another value");
	value_is(
		t, n, NULL, "{n:0x01010101,name:abcd}", 0,
		"member 'name': shares its bytes with a member that was given another value");
	value_is(t, n, NULL, "{n:0x61616161,name:aaaa}", FIRST(0x61616161), NULL);
	/* 63 letters and digits may be an address, one more is none. */
	assert_int_equal(strlen(most), READABLE_TEXT - 1);
	value_is(t, address, NULL, most, 0, want);
	free(take_ptr(most));
	free(take_ptr(want));
	most = xstrdup(
		"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.11");
	want = xasprintf("'%s' is not a number", most);
	value_is(t, address, NULL, most, 0, want);
	value_is(t, address, NULL, "\"1.1.1.1", 0, "a quote is not closed");
}

static void names_that_cannot_be_read(void **state)
{
	const struct btf_types *t = *state;
	int odd = btf__add_struct(t->btf, "odd", 8), mode;

	btf__add_field(t->btf, "lost", t->u32, 0, 0);
	btf__add_field(t->btf, "known", t->u32, 32, 0);
	btf_members(btf__type_by_id(t->btf, (uint32_t)odd))[0].name_off = INT32_MAX;
	mode = btf__add_enum(t->btf, "mode", 4);
	btf__add_enum_value(t->btf, "LOST", 1);
	btf__add_enum_value(t->btf, "SEEN", 2);
	btf_enum(btf__type_by_id(t->btf, (uint32_t)mode))[0].name_off = INT32_MAX;
	value_is(t, odd, NULL, "{known:1}", SECOND(1), NULL);
	value_is(t, odd, NULL, "{knwn:1}", 0,
		 "no member named 'knwn'; did you mean 'known'?");
	value_is(t, odd, NULL, "{\"\":1}", FIRST(1), NULL);
	value_is(t, mode, NULL, "SEEN", FIRST(2), NULL);
	value_is(t, mode, NULL, "LOST", 0, "enum mode has no 'LOST'");
}

static void members_that_may_be_named(void **state)
{
	static const char *const names[] = {"packets", "delta", "port", "mac",  "ok",
					    "name",    "state", "low",  "high", "a",
					    "f",       "at",    "d"};
	const struct btf_types *t = *state;
	const int types[] = {t->u32, 9999, t->list};
	auto_text_list list = TEXT_LIST_INIT;

	for (size_t i = 0; i < array_size(types); i++)
		btf_value_members(t->btf, (uint32_t)types[i], &list);
	assert_int_equal(list.nr, 0);
	btf_value_members(t->btf, (uint32_t)btf__add_const(t->btf, t->flow), &list);
	assert_int_equal(list.nr, array_size(names));
	for (size_t i = 0; i < list.nr; i++)
		assert_string_equal(list.items[i], names[i]);
}

/* {".data": [{…}]} in one another: no dump has that, and no stack is without end. */
static void sections_in_sections(void **state)
{
	const struct btf_types *t = *state;
	int var = btf__add_var(t->btf, "n", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int section = btf__add_datasec(t->btf, ".data", 4);
	auto_strbuf text = STRBUF_INIT;

	btf__add_datasec_var_info(t->btf, var, 0, 4);
	for (int i = 0; i < 29; i++)
		sb_add(&text, "{.data:[");
	value_is(t, section, NULL, "{.data:[{n:1}]}", FIRST(1), NULL);
	sb_add(&text, "{n:1");
	for (int i = 0; i < 29; i++)
		sb_add(&text, "}]");
	sb_add(&text, "}");
	value_is(t, section, NULL, sb_text(&text), FIRST(1), NULL);
	sb_clear(&text);
	for (int i = 0; i < 32; i++)
		sb_add(&text, "{.data:[");
	value_is(t, section, NULL, sb_text(&text), 0, "is nested too deep");
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, btf_types_setup, btf_types_teardown)
	const struct CMUnitTest tests[] = {
		CASE(paths_of_cgroups),          CASE(addresses_of_members),
		CASE(names_that_cannot_be_read), CASE(members_that_may_be_named),
		CASE(sections_in_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
