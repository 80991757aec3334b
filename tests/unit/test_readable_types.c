/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which types and members are addresses, cgroups or prefixes, and which only look like them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "btf/readable.h"

static int setup(void **state)
{
	*state = btf__new_empty();
	return 0;
}

static int teardown(void **state)
{
	btf__free(*state);
	return 0;
}

/* A struct with one member, of that place; its kind. */
static enum readable_kind kind_of(struct btf *btf, const char *name, int type,
				  uint32_t bit, uint32_t bits)
{
	int id = btf__add_struct(btf, "one", 32);

	assert_int_equal(btf__add_field(btf, name, type, bit, bits), 0);
	return readable_member(btf, (uint32_t)id, 0);
}

/* A name or a type alone is not enough; nor is BTF that says nothing of the type. */
static void what_only_looks_like_one_is_none(void **state)
{
	struct btf *btf = *state;
	int u8 = btf__add_int(btf, "u8", 1, 0), u32 = btf__add_int(btf, "u32", 4, 0);
	int u64 = btf__add_int(btf, "u64", 8, 0);
	int six = btf__add_array(btf, u32, u8, 6), five = btf__add_array(btf, u32, u8, 5);
	int wide = btf__add_array(btf, u32, u32, 6);
	int narrow = btf__add_typedef(btf, "__be64", u32);
	int be32 = btf__add_typedef(btf, "__be32", u32), loop;

	assert_int_equal(kind_of(btf, "h_dest", six, 0, 0), READABLE_MAC);
	assert_int_equal(kind_of(btf, "h_dest", five, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "h_dest", wide, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "h_dest", u64, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "h_dest", 9999, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "_mac", six, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "cgrp_id", u64, 64, 0), READABLE_CGROUP);
	assert_int_equal(kind_of(btf, "cgrp_id", six, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "cgrp_id", 9999, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, "cgrp_id", u64, 0, 40), READABLE_NOT);
	assert_int_equal(kind_of(btf, "ip", narrow, 0, 0), READABLE_NOT);
	assert_int_equal(kind_of(btf, NULL, be32, 0, 0), READABLE_IPV4);
	assert_int_equal(kind_of(btf, "ip", btf__add_const(btf, be32), 0, 0),
			 READABLE_IPV4);
	/* A type that stands for itself. */
	loop = (int)btf__type_cnt(btf);
	btf__add_typedef(btf, "loop", loop);
	assert_int_equal(readable_type(btf, (uint32_t)loop), READABLE_NOT);
}

/* A struct that may be a prefix: the length, what follows it and where. */
static enum readable_kind prefix_of(struct btf *btf, const char *name, int length,
				    int address, uint32_t bit)
{
	int id = btf__add_struct(btf, "net", 8);

	btf__add_field(btf, name, length, 0, 0);
	btf__add_field(btf, "address", address, bit, 0);
	return readable_type(btf, (uint32_t)id);
}

static void a_prefix_is_a_length_and_an_address(void **state)
{
	struct btf *btf = *state;
	int u8 = btf__add_int(btf, "u8", 1, 0), u32 = btf__add_int(btf, "u32", 4, 0);
	int u16 = btf__add_int(btf, "u16", 2, 0);
	int four = btf__add_array(btf, u32, u8, 4), none, in, deep;

	/* As linux/bpf.h has it since 6.4: the length is in a struct or union of its own. */
	in = btf__add_struct(btf, "bpf_lpm_trie_key_hdr", 4);
	btf__add_field(btf, "prefixlen", u32, 0, 0);
	none = btf__add_struct(btf, "none", 4);
	deep = in;
	for (int i = 0; i < 5; i++) {
		int id = btf__add_struct(btf, "around", 4);

		btf__add_field(btf, "in", deep, 0, 0);
		deep = id;
	}
	assert_int_equal(prefix_of(btf, "prefixlen", u32, four, 32), READABLE_PREFIX4);
	assert_int_equal(prefix_of(btf, "hdr", in, four, 32), READABLE_PREFIX4);
	assert_int_equal(prefix_of(btf, "hdr", deep, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "hdr", none, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "length", u32, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, NULL, u32, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "prefixlen", u16, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "prefixlen", 9999, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "prefixlen", four, four, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "prefixlen", u32, u32, 32), READABLE_NOT);
	assert_int_equal(prefix_of(btf, "prefixlen", u32, 9999, 32), READABLE_NOT);
}

/* The name of a member, type or tag that is behind the end of all names. */
static void names_that_are_lost(void **state)
{
	struct btf *btf = *state;
	int u8 = btf__add_int(btf, "u8", 1, 0), u32 = btf__add_int(btf, "u32", 4, 0);
	int be32 = btf__add_typedef(btf, "__be32", u32), plain, tagged, tag;
	int six = btf__add_array(btf, u32, u8, 6);
	int sixteen = btf__add_array(btf, u32, u8, 16), net;
	struct btf_type *t;

	plain = btf__add_struct(btf, "plain", 6);
	btf__add_field(btf, "mac", six, 0, 0);
	assert_int_equal(readable_member(btf, (uint32_t)plain, 0), READABLE_MAC);
	btf_members(btf__type_by_id(btf, (uint32_t)plain))->name_off = INT32_MAX;
	assert_int_equal(readable_member(btf, (uint32_t)plain, 0), READABLE_NOT);
	tagged = btf__add_struct(btf, "tagged", 4);
	btf__add_field(btf, "ip", u32, 0, 0);
	tag = btf__add_decl_tag(btf, "ipv4", tagged, 0);
	assert_int_equal(readable_member(btf, (uint32_t)tagged, 0), READABLE_IPV4);
	t = (struct btf_type *)btf__type_by_id(btf, (uint32_t)tag);
	t->name_off = INT32_MAX;
	assert_int_equal(readable_member(btf, (uint32_t)tagged, 0), READABLE_NOT);
	net = btf__add_struct(btf, "net", 20);
	btf__add_field(btf, "prefixlen", u32, 0, 0);
	btf__add_field(btf, "ip", sixteen, 32, 0);
	assert_int_equal(readable_type(btf, (uint32_t)net), READABLE_PREFIX6);
	btf_members(btf__type_by_id(btf, (uint32_t)net))->name_off = INT32_MAX;
	assert_int_equal(readable_type(btf, (uint32_t)net), READABLE_NOT);
	assert_int_equal(readable_type(btf, (uint32_t)be32), READABLE_IPV4);
	t = (struct btf_type *)btf__type_by_id(btf, (uint32_t)be32);
	t->name_off = INT32_MAX;
	assert_int_equal(readable_type(btf, (uint32_t)be32), READABLE_NOT);
}

/* Names that end as those of cgroups do; members that are no whole bytes. */
static void names_of_cgroups_and_their_places(void **state)
{
	static const struct {
		const char *name;
		bool is_one;
	} names[] = {
		{"cgroup_id", true},   {"cgid", true},        {"cgrp_id", true},
		{"a_cgid", true},      {"a_cgroup_id", true}, {"_cgid", false},
		{"acgid", false},      {"_cgroup_id", false}, {"a_cgrp_id", false},
		{"cgroup_id2", false},
	};
	struct btf *btf = *state;
	int u64 = btf__add_int(btf, "u64", 8, 0), id;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if ((kind_of(btf, names[i].name, u64, 0, 0) == READABLE_CGROUP) !=
		    names[i].is_one)
			fail_msg("%s", names[i].name);
	assert_int_equal(kind_of(btf, "cgid", u64, 8, 64), READABLE_NOT);
	id = btf__add_struct(btf, "bent", 16);
	btf__add_field(btf, "cgid", u64, 0, 0);
	btf_members(btf__type_by_id(btf, (uint32_t)id))->offset = 3;
	assert_int_equal(readable_member(btf, (uint32_t)id, 0), READABLE_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_only_looks_like_one_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(names_that_are_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_cgroups_and_their_places, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_prefix_is_a_length_and_an_address,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
