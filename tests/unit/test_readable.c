/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses, ports, prefixes and cgroups in values, written as people do and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/outbuf.h"
#include "btf/btf_value.h"
#include "btf/readable.h"
#include "view/btf_plan.h"

static void each_kind_has_one_text(void **state)
{
	static const struct {
		enum readable_kind kind;
		const char *text;
		unsigned char bytes[16];
	} rows[] = {
		{READABLE_IPV4, "192.0.2.1", {192, 0, 2, 1}},
		{READABLE_IPV6, "2001:db8::1", {0x20, 1, 0xd, 0xb8, [15] = 1}},
		{READABLE_MAC, "02:00:00:00:00:0a", {2, 0, 0, 0, 0, 10}},
		{READABLE_PORT, ":8080", {0x1f, 0x90}},
		{READABLE_BE64, ":258", {[6] = 1, [7] = 2}},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		unsigned char bytes[READABLE_BYTES];
		char text[READABLE_TEXT];

		assert_true(readable_parse(rows[i].kind, rows[i].text, bytes));
		assert_memory_equal(bytes, rows[i].bytes, readable_size(rows[i].kind));
		assert_int_equal(readable_print(rows[i].kind, bytes, text),
				 strlen(rows[i].text));
		assert_string_equal(text, rows[i].text);
	}
}

static void a_prefix_has_its_length_in_front(void **state)
{
	unsigned char bytes[READABLE_BYTES];
	char text[READABLE_TEXT];
	uint32_t length;

	(void)state;
	assert_true(readable_parse(READABLE_PREFIX4, "192.0.2.0/24", bytes));
	memcpy(&length, bytes, sizeof(length));
	assert_int_equal(length, 24);
	assert_int_equal(bytes[4], 192);
	readable_print(READABLE_PREFIX4, bytes, text);
	assert_string_equal(text, "192.0.2.0/24");
	assert_true(readable_parse(READABLE_PREFIX6, "2001:db8::/128", bytes));
	readable_print(READABLE_PREFIX6, bytes, text);
	assert_string_equal(text, "2001:db8::/128");
}

static void what_is_none_leaves_the_bytes(void **state)
{
	static const struct {
		enum readable_kind kind;
		const char *text;
	} rows[] = {
		{READABLE_NOT, "1"},
		{READABLE_RAW, "1"},
		{READABLE_CGROUP, "/"},
		{READABLE_IPV4, "192.0.2"},
		{READABLE_IPV4, "2001:db8::1"},
		{READABLE_IPV6, "192.0.2.1"},
		{READABLE_MAC, "02:00:00:00:00"},
		{READABLE_MAC, "02:00:00:00:00:0g"},
		{READABLE_MAC, "020:0:00:00:00:00"},
		{READABLE_MAC, "02:00:00:00:00000"},
		{READABLE_MAC, "02:00:00:00:00:0:"},
		{READABLE_PORT, "80"},
		{READABLE_PORT, ":65536"},
		{READABLE_BE64, "258"},
		{READABLE_BE64, ":18446744073709551616"},
		{READABLE_PREFIX4, "192.0.2.0"},
		{READABLE_PREFIX4, "192.0.2.0/33"},
		{READABLE_PREFIX4, "192.0.2.256/24"},
		{READABLE_PREFIX6, "2001:db8::/129"},
		{READABLE_PREFIX6,
		 "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		unsigned char bytes[READABLE_BYTES], before[READABLE_BYTES];

		memset(before, 0x5a, sizeof(before));
		memcpy(bytes, before, sizeof(bytes));
		assert_false(readable_parse(rows[i].kind, rows[i].text, bytes));
		assert_memory_equal(bytes, before, sizeof(bytes));
	}
}

/* --- by what BTF says --- */

struct types {
	struct btf *btf;
	int peer, prefix4, prefix6, other;
};

/* A struct of a prefixlen and so many bytes. */
static int add_prefix(struct btf *btf, const char *name, int u32, int u8, uint32_t size)
{
	int bytes = btf__add_array(btf, u32, u8, size), id;

	id = btf__add_struct(btf, name, 4 + size);
	btf__add_field(btf, "prefixlen", u32, 0, 0);
	btf__add_field(btf, "data", bytes, 32, 0);
	return id;
}

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));
	int u8, u16, u32, u64, be32, be16, mac;

	t->btf = btf__new_empty();
	u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	be32 = btf__add_typedef(t->btf, "__be32", u32);
	be16 = btf__add_typedef(t->btf, "__be16", u16);
	mac = btf__add_array(t->btf, u32, u8, 6);
	/* Two bytes are left over; tagged says what its name does not, plain that it is none. */
	t->peer = btf__add_struct(t->btf, "peer", 40);
	btf__add_field(t->btf, "ip", be32, 0, 0);
	btf__add_field(t->btf, "port", be16, 32, 0);
	btf__add_field(t->btf, "src_mac", mac, 48, 0);
	btf__add_field(t->btf, "cgroup_id", u64, 128, 0);
	btf__add_field(t->btf, "tagged", u32, 192, 0);
	btf__add_field(t->btf, "plain", be32, 224, 0);
	btf__add_field(t->btf, "small_cgid", u32, 256, 0);
	btf__add_decl_tag(t->btf, "unheard", t->peer, 4);
	btf__add_decl_tag(t->btf, "ipv4", t->peer, 4);
	btf__add_decl_tag(t->btf, "raw", t->peer, 5);
	t->prefix4 = add_prefix(t->btf, "net4", u32, u8, 4);
	t->prefix6 = add_prefix(t->btf, "net6", u32, u8, 16);
	t->other = add_prefix(t->btf, "net2", u32, u8, 2);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct types *t = *state;

	btf__free(t->btf);
	free(t);
	return 0;
}

static bool path_of_id(uint64_t id, struct strbuf *ret)
{
	if (id == 5)
		sb_add(ret, "/sys/fs/cgroup/a \"b\\");
	if (id == 6)
		sb_add(ret, "/sys/fs/cgroup/\033[m");
	return id == 5 || id == 6;
}

static int id_of_path(const char *path, uint64_t *ret, struct err *err)
{
	if (strcmp(path, "/sys/fs/cgroup/a") != 0)
		return err_set(err, -ENOENT, "cgroup '%s'", path);
	*ret = 5;
	return 0;
}

static const struct readable_names names = {path_of_id, id_of_path};

/* The value as JSON; the caller's to free. */
static char *print(const struct types *t, int id, const void *value, uint32_t size)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	auto_outbuf out = {.bytes = NULL};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(btf_plan_new_readable(t->btf, (uint32_t)id, size, BTF_JSON, 0,
					       &names, &plan),
			 0);
	outbuf_init(&out, f);
	btf_plan_run(plan, value, &out);
	outbuf_flush(&out);
	fclose(f);
	return text;
}

static void the_kind_comes_from_type_tag_and_name(void **state)
{
	const struct types *t = *state;
	static const enum readable_kind kinds[] = {
		READABLE_IPV4, READABLE_PORT, READABLE_MAC, READABLE_CGROUP,
		READABLE_IPV4, READABLE_RAW,  READABLE_NOT,
	};

	for (uint32_t i = 0; i < array_size(kinds); i++)
		assert_int_equal(readable_member(t->btf, (uint32_t)t->peer, i), kinds[i]);
	assert_int_equal(readable_type(t->btf, (uint32_t)t->prefix4), READABLE_PREFIX4);
	assert_int_equal(readable_type(t->btf, (uint32_t)t->prefix6), READABLE_PREFIX6);
	assert_int_equal(readable_type(t->btf, (uint32_t)t->other), READABLE_NOT);
	assert_int_equal(readable_type(t->btf, (uint32_t)t->peer), READABLE_NOT);
	assert_int_equal(readable_type(t->btf, 999), READABLE_NOT);
}

#define SAID                                                               \
	"{\"ip\":\"192.0.2.1\",\"port\":\":80\",\"src_mac\":"              \
	"\"02:00:00:00:00:01\",\"cgroup_id\":%s,\"tagged\":\"192.0.2.2\"," \
	"\"plain\":7,\"small_cgid\":9}"

/* What is printed is read again as the same bytes. */
static void a_struct_goes_both_ways(void **state)
{
	const struct types *t = *state;
	unsigned char value[40], again[40];
	auto_free char *said = xasprintf(SAID, "\"/sys/fs/cgroup/a\"");
	auto_free char *shown = xasprintf(SAID, "\"/sys/fs/cgroup/a \\\"b\\\\\"");
	auto_err err = ERR_INIT;

	assert_int_equal(btf_value_parse_names(t->btf, (uint32_t)t->peer, said, &names,
					       value, sizeof(value), &err),
			 0);
	assert_memory_equal(value, "\xc0\x00\x02\x01\x00\x50\x02\x00\x00\x00\x00\x01",
			    12);
	assert_memory_equal(value + 24, "\xc0\x00\x02\x02", 4);

	auto_free char *text = print(t, t->peer, value, sizeof(value));

	assert_string_equal(text, shown);
	/* A number is one still. */
	assert_int_equal(btf_value_parse(t->btf, (uint32_t)t->peer, "{cgroup_id:5}",
					 again, sizeof(again), &err),
			 0);
	assert_memory_equal(again + 16, value + 16, 8);
}

static void prefixes_go_both_ways(void **state)
{
	const struct types *t = *state;
	unsigned char value[20];
	auto_err err = ERR_INIT;

	assert_int_equal(btf_value_parse(t->btf, (uint32_t)t->prefix4, "10.0.0.0/8",
					 value, 8, &err),
			 0);

	auto_free char *four = print(t, t->prefix4, value, 8);

	assert_string_equal(four, "\"10.0.0.0/8\"");
	assert_int_equal(btf_value_parse(t->btf, (uint32_t)t->prefix6,
					 "\"2001:db8::/32\"", value, 20, &err),
			 0);

	auto_free char *six = print(t, t->prefix6, value, 20);

	assert_string_equal(six, "\"2001:db8::/32\"");
}

/* A cgroup that is gone, or whose path would not be text, is its number. */
static void a_cgroup_without_a_path_is_a_number(void **state)
{
	const struct types *t = *state;

	for (uint64_t id = 6; id <= 7; id++) {
		unsigned char value[40] = {0};
		auto_free char *want = xasprintf("\"cgroup_id\":%d,", (int)id);

		memcpy(value + 16, &id, sizeof(id));

		auto_free char *text = print(t, t->peer, value, sizeof(value));

		assert_non_null(strstr(text, want));
	}
}

static void a_path_that_is_no_cgroup_names_the_member(void **state)
{
	const struct types *t = *state;
	unsigned char value[40];
	auto_err err = ERR_INIT, plain = ERR_INIT;

	assert_int_equal(btf_value_parse_names(t->btf, (uint32_t)t->peer,
					       "{cgroup_id:\"/nowhere\"}", &names, value,
					       sizeof(value), &err),
			 -ENOENT);
	assert_string_equal(err.text,
			    "member 'cgroup_id': cgroup '/nowhere': No such file or "
			    "directory");
	/* Who gives no names has no paths. */
	assert_int_equal(btf_value_parse(t->btf, (uint32_t)t->peer,
					 "{cgroup_id:\"/sys/fs/cgroup/a\"}", value,
					 sizeof(value), &plain),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_one_text),
		cmocka_unit_test(a_prefix_has_its_length_in_front),
		cmocka_unit_test(what_is_none_leaves_the_bytes),
		cmocka_unit_test(the_kind_comes_from_type_tag_and_name),
		cmocka_unit_test(a_struct_goes_both_ways),
		cmocka_unit_test(prefixes_go_both_ways),
		cmocka_unit_test(a_cgroup_without_a_path_is_a_number),
		cmocka_unit_test(a_path_that_is_no_cgroup_names_the_member),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
