/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One errno of bpf(2) has many meanings; which one it is of a map's element, of a map that was
 * to be made, of a cgroup's list. Everything that the words need is handed in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/bpf.h>

#include "def/attach_types.h"
#include "kernel/cgroup_refusal.h"
#include "verbs/map_refusal.h"

/* As main prints it: the way out behind it. */
static void says(const struct err *err, const char *want)
{
	auto_strbuf out = STRBUF_INIT;

	sb_add(&out, err->text);
	if (err->hint)
		sb_addf(&out, "; %s", err->hint);
	assert_string_equal(sb_text(&out), want);
}

#define PAST "index 9 is past the end: map 7 has 4 entries, the first is 0"

static const uint32_t nine[] = {9, 0};
static const uint32_t one[] = {1, 0};
static const uint32_t wide[] = {65, 0, 0};
static const struct {
	struct bpf_map_info info;
	const void *key;
	int code;
	const char *what, *text;
} element_rows[] = {
	{{.type = BPF_MAP_TYPE_ARRAY, .key_size = 4},
	 nine,
	 -E2BIG,
	 "update failed",
	 "update failed: " PAST},
	{{.type = BPF_MAP_TYPE_ARRAY, .key_size = 4},
	 one,
	 -E2BIG,
	 "update failed",
	 "update failed: Argument list too long"},
	{{.type = BPF_MAP_TYPE_HASH, .key_size = 4},
	 nine,
	 -E2BIG,
	 "update failed",
	 "update failed: map 7 is full: it has 4 of 4 entries"},
	{{.type = BPF_MAP_TYPE_QUEUE},
	 NULL,
	 -E2BIG,
	 "push failed",
	 "push failed: map 7 is full: it has 4 of 4 entries"},
	{{.type = BPF_MAP_TYPE_LPM_TRIE, .key_size = 8},
	 one,
	 -ENOSPC,
	 "update failed",
	 "update failed: map 7 is full: it has 4 of 4 entries"},
	{{.type = BPF_MAP_TYPE_HASH, .key_size = 4},
	 one,
	 -ENOSPC,
	 "update failed",
	 "update failed: No space left on device"},
	{{.type = BPF_MAP_TYPE_LPM_TRIE, .key_size = 12},
	 wide,
	 -EINVAL,
	 "update failed",
	 "update failed: prefix length 65 is more than the 64 bits of the key; the "
	 "length comes first, in the byte order of this machine"},
	{{.type = BPF_MAP_TYPE_LPM_TRIE, .key_size = 12},
	 one,
	 -EINVAL,
	 "update failed",
	 "update failed: Invalid argument"},
	{{.type = BPF_MAP_TYPE_PERCPU_ARRAY, .key_size = 4},
	 one,
	 -EINVAL,
	 "delete failed",
	 "delete failed: elements of an array cannot be deleted, only updated"},
	{{.type = BPF_MAP_TYPE_HASH, .key_size = 4},
	 one,
	 -EINVAL,
	 "delete failed",
	 "delete failed: Invalid argument"},
	{{.type = BPF_MAP_TYPE_HASH, .map_flags = BPF_F_RDONLY},
	 one,
	 -EPERM,
	 "update failed",
	 "update failed: map 7 was created with BPF_F_RDONLY: only programs write "
	 "to it"},
	{{.type = BPF_MAP_TYPE_HASH},
	 one,
	 -EPERM,
	 "update failed",
	 "update failed: Operation not permitted"},
	{{.type = BPF_MAP_TYPE_HASH},
	 one,
	 -ENOENT,
	 "lookup failed",
	 "lookup failed: No such file or directory; the map has no such key; 'map "
	 "dump' lists those it has"},
	{{.type = BPF_MAP_TYPE_HASH},
	 NULL,
	 -ENOENT,
	 "pop failed",
	 "pop failed: No such file or directory"},
	{{.type = BPF_MAP_TYPE_HASH},
	 one,
	 -EEXIST,
	 "update failed",
	 "update failed: File exists; 'noexist' asks for a key that is new; 'any' "
	 "overwrites"},
	{{.type = BPF_MAP_TYPE_HASH},
	 one,
	 -EBUSY,
	 "update failed",
	 "update failed: Device or resource busy"},
};

static void an_element_is_refused_in_terms_of_its_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(element_rows); i++) {
		struct bpf_map_info info = element_rows[i].info;
		auto_err err = ERR_INIT;

		info.id = 7;
		info.max_entries = 4;
		assert_int_equal(map_refusal(-1, &info, element_rows[i].key,
					     element_rows[i].code, element_rows[i].what,
					     &err),
				 element_rows[i].code);
		says(&err, element_rows[i].text);
	}
}

static void a_map_is_refused_in_terms_of_its_definition(void **state)
{
	static const struct {
		struct mapdef def;
		int code;
		const char *text;
	} rows[] = {
		{{.type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4},
		 -EINVAL,
		 "create: a map of type hash needs 'entries N'"},
		{{.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4},
		 -EINVAL,
		 "create: a map of type array needs 'entries N'"},
		{{.type = BPF_MAP_TYPE_LPM_TRIE,
		  .key_size = 8,
		  .value_size = 4,
		  .max_entries = 1},
		 -EINVAL,
		 "create: a map of type lpm_trie needs 'flags 1' (BPF_F_NO_PREALLOC)"},
		{{.type = BPF_MAP_TYPE_ARRAY,
		  .key_size = 8,
		  .value_size = 4,
		  .max_entries = 1},
		 -EINVAL,
		 "create: keys of a map of type array have 4 bytes, not 8"},
		{{.type = BPF_MAP_TYPE_HASH, .key_size = 4, .max_entries = 1},
		 -EINVAL,
		 "create: a map of type hash needs 'value BYTES', at least 1"},
		{{.type = BPF_MAP_TYPE_HASH, .value_size = 4, .max_entries = 1},
		 -EINVAL,
		 "create: Invalid argument; a map of this type needs 'key BYTES', at least "
		 "1"},
		{{.type = BPF_MAP_TYPE_LPM_TRIE,
		  .key_size = 4,
		  .value_size = 4,
		  .max_entries = 1,
		  .map_flags = BPF_F_NO_PREALLOC},
		 -EINVAL,
		 "create: Invalid argument; keys of a trie have 4 bytes of prefix length, "
		 "then what is compared: 8 for IPv4, 20 for IPv6"},
		{{.type = BPF_MAP_TYPE_HASH_OF_MAPS,
		  .key_size = 4,
		  .value_size = 4,
		  .max_entries = 1},
		 -EINVAL,
		 "create: Invalid argument; a map of this type needs 'inner_map MAP', which "
		 "says what it may hold"},
		{{.type = BPF_MAP_TYPE_HASH},
		 -ENOMEM,
		 "create: Cannot allocate memory; fewer entries or smaller values take less "
		 "memory"},
		{{.type = BPF_MAP_TYPE_HASH},
		 -E2BIG,
		 "create: Argument list too long; the kernel has no maps with keys or values "
		 "so large"},
		{{.type = BPF_MAP_TYPE_HASH}, -EPERM, "create: Operation not permitted"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_err err = ERR_INIT;

		assert_int_equal(map_refusal_create(&rows[i].def, false, rows[i].code,
						    "create", &err),
				 rows[i].code);
		says(&err, rows[i].text);
	}
}

/* --- of cgroups --- */

/* Ids that no program has: the words tell the numbers alone. */
static uint32_t there[] = {4000000001, 4000000002};

static const struct cgroup_attach_opts plain,
	swaps = {.swap = true}, before = {.order = CGROUP_BEFORE},
	anchored = {.order = CGROUP_AFTER, .anchored = true}, first = {.preorder = true};

static const struct {
	uint32_t flags, list_flags;
	size_t nr;
	uint64_t revision;
	const struct cgroup_attach_opts *opts;
	bool link;
	uint32_t prog_id, prog_type;
	int code;
	const char *text;
} cgroup_rows[] = {
	{.flags = BPF_F_ALLOW_MULTI,
	 .nr = 2,
	 .code = -EPERM,
	 .text = "'/c': cgroup_inet_egress has program id 4000000001, program id "
		 "4000000002 already, attached as exclusive; attaching as multi "
		 "conflicts with that: say 'replace' without a mode, or detach "
		 "what is there"},
	{.nr = 1,
	 .list_flags = BPF_F_ALLOW_MULTI,
	 .code = -EPERM,
	 .text = "'/c': cgroup_inet_egress has program id 4000000001 already, "
		 "attached as multi; attaching as exclusive conflicts with that: "
		 "say 'multi', or detach what is there"},
	{.flags = BPF_F_ALLOW_MULTI,
	 .nr = 1,
	 .list_flags = BPF_F_ALLOW_OVERRIDE,
	 .code = -EPERM,
	 .text = "'/c': cgroup_inet_egress has program id 4000000001 already, "
		 "attached as override; attaching as multi conflicts with that: "
		 "say 'override replace', or detach what is there"},
	{.code = -EPERM,
	 .text = "'/c': attach to cgroup_inet_egress: Operation not permitted"},
	{.flags = BPF_F_ALLOW_MULTI,
	 .nr = 2,
	 .prog_id = 4000000002,
	 .code = -EINVAL,
	 .text = "'/c': program id 4000000002 is attached to cgroup_inet_egress "
		 "already"},
	/* A link may stand beside it: something else is wrong. */
	{.flags = BPF_F_ALLOW_MULTI,
	 .nr = 2,
	 .prog_id = 4000000002,
	 .link = true,
	 .prog_type = BPF_PROG_TYPE_XDP,
	 .code = -EINVAL,
	 .text = "'/c': program 4000000002 is of type xdp, cgroup_inet_egress takes "
		 "cgroup_skb"},
	{.prog_id = 5,
	 .prog_type = 9999,
	 .code = -EINVAL,
	 .text = "'/c': program 5 is of type unknown, cgroup_inet_egress takes "
		 "cgroup_skb"},
	{.prog_id = 5,
	 .opts = &before,
	 .code = -EINVAL,
	 .text = "'/c': this kernel does not order cgroup programs; 'feature' lists "
		 "what it gives"},
	{.prog_id = 5,
	 .opts = &anchored,
	 .revision = 3,
	 .code = -EINVAL,
	 .text = "'/c': the program cannot be ordered so: before or after must name "
		 "a program in the list of cgroup_inet_egress, with or without "
		 "'preorder' like this one"},
	{.prog_id = 5,
	 .opts = &first,
	 .revision = 3,
	 .code = -EINVAL,
	 .text = "'/c': this kernel does not take 'preorder'; 'feature' lists what "
		 "it gives"},
	{.prog_id = 5,
	 .code = -EINVAL,
	 .text = "'/c': program id 5 cannot go to cgroup_inet_egress: it was loaded "
		 "for another attach type"},
	{.opts = &anchored,
	 .revision = 3,
	 .code = -ENOENT,
	 .text = "'/c': the program to stand by is not attached to "
		 "cgroup_inet_egress without a link"},
	{.opts = &anchored,
	 .revision = 3,
	 .link = true,
	 .code = -ENOENT,
	 .text = "'/c': the link to stand by is not attached to "
		 "cgroup_inet_egress"},
	{.opts = &swaps,
	 .code = -ENOENT,
	 .text = "'/c': the program to replace is not attached to "
		 "cgroup_inet_egress without a link"},
	{.code = -ENOENT, .text = "cgroup '/c' was removed meanwhile"},
	{.code = -ENODEV, .text = "cgroup '/c' was removed meanwhile"},
	{.code = -E2BIG,
	 .text = "'/c': cgroup_inet_egress has 64 programs already, the kernel "
		 "takes no more"},
	{.code = -ENOMEM,
	 .text = "'/c': attach to cgroup_inet_egress: Cannot allocate memory"},
};

static void a_cgroups_answer_names_what_is_there(void **state)
{
	const struct attach_type *egress = attach_type_by_name("egress");

	(void)state;
	assert_non_null(egress);
	for (size_t i = 0; i < array_size(cgroup_rows); i++) {
		const struct cgroup_request req = {
			.cgroup_fd = -1,
			.path = "/c",
			.type = egress,
			.prog_fd = -1,
			.flags = cgroup_rows[i].flags,
			.opts = cgroup_rows[i].opts ? cgroup_rows[i].opts : &plain,
			.link = cgroup_rows[i].link,
			.prog_id = cgroup_rows[i].prog_id,
			.prog_type = cgroup_rows[i].prog_type ? cgroup_rows[i].prog_type
							      : BPF_PROG_TYPE_CGROUP_SKB,
		};
		const struct cgroup_query q = {.prog_ids = there,
					       .nr = cgroup_rows[i].nr,
					       .flags = cgroup_rows[i].list_flags,
					       .revision = cgroup_rows[i].revision};
		auto_err err = ERR_INIT;

		assert_int_equal(cgroup_refusal(&req, &q, cgroup_rows[i].code, &err),
				 cgroup_rows[i].code);
		says(&err, cgroup_rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_refused_in_terms_of_its_map),
		cmocka_unit_test(a_map_is_refused_in_terms_of_its_definition),
		cmocka_unit_test(a_cgroups_answer_names_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
