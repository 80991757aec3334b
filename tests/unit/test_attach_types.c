/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "def/attach_types.h"

/* The kernel's numbers, written down a second time: they are ABI. */
static const struct expected {
	uint32_t value, prog_type;
	const char *name, *alias, *section;
} expected[] = {
	{0, 8, "cgroup_inet_ingress", "ingress", "cgroup_skb/ingress"},
	{1, 8, "cgroup_inet_egress", "egress", "cgroup_skb/egress"},
	{2, 9, "cgroup_inet_sock_create", "sock_create", "cgroup/sock_create"},
	{3, 13, "cgroup_sock_ops", "sock_ops", "sockops"},
	{6, 15, "cgroup_device", "device", "cgroup/dev"},
	{8, 18, "cgroup_inet4_bind", "bind4", "cgroup/bind4"},
	{9, 18, "cgroup_inet6_bind", "bind6", "cgroup/bind6"},
	{10, 18, "cgroup_inet4_connect", "connect4", "cgroup/connect4"},
	{11, 18, "cgroup_inet6_connect", "connect6", "cgroup/connect6"},
	{12, 9, "cgroup_inet4_post_bind", "post_bind4", "cgroup/post_bind4"},
	{13, 9, "cgroup_inet6_post_bind", "post_bind6", "cgroup/post_bind6"},
	{14, 18, "cgroup_udp4_sendmsg", "sendmsg4", "cgroup/sendmsg4"},
	{15, 18, "cgroup_udp6_sendmsg", "sendmsg6", "cgroup/sendmsg6"},
	{18, 23, "cgroup_sysctl", "sysctl", "cgroup/sysctl"},
	{19, 18, "cgroup_udp4_recvmsg", "recvmsg4", "cgroup/recvmsg4"},
	{20, 18, "cgroup_udp6_recvmsg", "recvmsg6", "cgroup/recvmsg6"},
	{21, 25, "cgroup_getsockopt", "getsockopt", "cgroup/getsockopt"},
	{22, 25, "cgroup_setsockopt", "setsockopt", "cgroup/setsockopt"},
	{29, 18, "cgroup_inet4_getpeername", "getpeername4", "cgroup/getpeername4"},
	{30, 18, "cgroup_inet6_getpeername", "getpeername6", "cgroup/getpeername6"},
	{31, 18, "cgroup_inet4_getsockname", "getsockname4", "cgroup/getsockname4"},
	{32, 18, "cgroup_inet6_getsockname", "getsockname6", "cgroup/getsockname6"},
	{34, 9, "cgroup_inet_sock_release", "sock_release", "cgroup/sock_release"},
	{43, 29, "lsm_cgroup", NULL, "lsm_cgroup/file_open"},
	{49, 18, "cgroup_unix_connect", NULL, "cgroup/connect_unix"},
	{50, 18, "cgroup_unix_sendmsg", NULL, "cgroup/sendmsg_unix"},
	{51, 18, "cgroup_unix_recvmsg", NULL, "cgroup/recvmsg_unix"},
	{52, 18, "cgroup_unix_getpeername", NULL, "cgroup/getpeername_unix"},
	{53, 18, "cgroup_unix_getsockname", NULL, "cgroup/getsockname_unix"},
};

static const char *named(const char *word)
{
	const struct attach_type *t = attach_type_by_name(word);

	return t ? t->name : "(none)";
}

static const char *in_section(const char *section)
{
	const struct attach_type *t = attach_type_by_section(section);

	return t ? t->name : "(none)";
}

static void the_table_is_complete(void **state)
{
	size_t nr = 0;

	(void)state;
	while (attach_types[nr].name)
		nr++;
	assert_int_equal(nr, array_size(expected));
	for (size_t i = 0; i < array_size(expected); i++) {
		const struct expected *e = &expected[i];
		const struct attach_type *t = attach_type_by_value(e->value);

		assert_non_null(t);
		assert_string_equal(t->name, e->name);
		assert_int_equal(t->prog_type, e->prog_type);
		assert_string_equal(named(e->name), e->name);
		assert_string_equal(in_section(e->section), e->name);
		assert_true(attach_type_fits_section(t, e->section));
		assert_non_null(t->since);
		if (e->alias)
			assert_string_equal(named(e->alias), e->name);
		else
			assert_null(t->alias);
	}
	assert_null(attach_type_by_value(4));
	assert_null(attach_type_by_value(UINT32_MAX));
}

/* What this libbpf knows, it must know the same way. */
static void sections_agree_with_libbpf(void **state)
{
	size_t known = 0;

	(void)state;
	for (const struct attach_type *t = attach_types; t->name; t++) {
		enum bpf_prog_type prog;
		enum bpf_attach_type attach;

		if (strchr(t->sections[0], '/') == NULL ||
		    libbpf_prog_type_by_name(t->sections[0], &prog, &attach) < 0)
			continue;
		assert_int_equal(prog, t->prog_type);
		if (t->rule != ATTACH_RULE_NONE)
			assert_int_equal(attach, t->value);
		known++;
	}
	assert_true(known >= 20);
}

static void prefixes_mean_what_they_mean_in_bpftool(void **state)
{
	static const char *const cases[][2] = {
		{"in", "cgroup_inet_ingress"},
		{"e", "cgroup_inet_egress"},
		{"s", "cgroup_inet_sock_create"},
		{"sock", "cgroup_inet_sock_create"},
		{"sock_o", "cgroup_sock_ops"},
		{"sock_r", "cgroup_inet_sock_release"},
		{"se", "cgroup_udp4_sendmsg"},
		{"set", "cgroup_setsockopt"},
		{"sy", "cgroup_sysctl"},
		{"g", "cgroup_getsockopt"},
		{"getpeername6", "cgroup_inet6_getpeername"},
		{"b", "cgroup_inet4_bind"},
		{"c", "cgroup_inet4_connect"},
		{"connect6", "cgroup_inet6_connect"},
		{"p", "cgroup_inet4_post_bind"},
		{"d", "cgroup_device"},
		{"r", "cgroup_udp4_recvmsg"},
		/* New names of types with an older word: whole only. */
		{"cgroup_inet4_conn", "(none)"},
		{"cgroup_unix_c", "cgroup_unix_connect"},
		{"lsm", "lsm_cgroup"},
		{"connect_unix", "(none)"},
		{"connect5", "(none)"},
		{"Ingress", "(none)"},
		{"", "(none)"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++)
		assert_string_equal(named(cases[i][0]), cases[i][1]);
}

static void old_section_names_are_understood(void **state)
{
	static const char *const cases[][2] = {
		{"cgroup/skb", "cgroup_inet_ingress"},
		{"cgroup/skb/filter", "cgroup_inet_ingress"},
		{"cgroup/sock", "cgroup_inet_sock_create"},
		{"cgroup/sock/x", "cgroup_inet_sock_create"},
		{"cgroup/post_bind6/x", "cgroup_inet6_post_bind"},
		{"sockops/1", "cgroup_sock_ops"},
		{"cgroup/device", "cgroup_device"},
		{"?cgroup/connect6", "cgroup_inet6_connect"},
		{"sendmsg4", "cgroup_udp4_sendmsg"},
		{"connect6", "cgroup_inet6_connect"},
		/* These are what classifiers are called, not cgroup programs. */
		{"ingress", "(none)"},
		{"egress", "(none)"},
		{"sendmsg", "(none)"},
		/* A word is a whole word. */
		{"cgroup/sockops", "(none)"},
		{"cgroup/sockopt", "(none)"},
		{"cgroup/sock_release_x", "(none)"},
		{"cgroup/connect46", "(none)"},
		{"cgroup/connect4_foo", "(none)"},
		{"cgroup/connect_unix2", "(none)"},
		{"cgroup_skb/ingress2", "(none)"},
		{"sockops1", "(none)"},
		{"sendmsg4x", "(none)"},
		{"cgroup_skb", "(none)"},
		{"cgroup/", "(none)"},
		{"classifier", "(none)"},
		{"", "(none)"},
		{"?", "(none)"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++)
		assert_string_equal(in_section(cases[i][0]), cases[i][1]);
}

static bool fits(const char *type, const char *section)
{
	return attach_type_fits_section(attach_type_by_name(type), section);
}

static void a_section_fits_all_its_types_and_no_other(void **state)
{
	size_t nr = 0;

	(void)state;
	assert_true(fits("ingress", "cgroup/skb"));
	assert_true(fits("egress", "cgroup/skb"));
	assert_true(fits("egress", "cgroup/skb/any"));
	assert_false(fits("sock_create", "cgroup/skb"));
	assert_false(fits("egress", "cgroup_skb/ingress"));
	assert_false(fits("sock_create", "cgroup/sock_release"));
	assert_true(fits("sock_create", "cgroup/sock/other"));
	assert_false(fits("connect4", "cgroup/connect6"));
	assert_false(fits("ingress", "classifier"));
	for (size_t i = 0; i < array_size(expected); i++)
		nr += attach_type_fits_section(attach_type_by_value(expected[i].value),
					       "cgroup/connect4/old");
	assert_int_equal(nr, 1);
}

static void sections_of_several_types_are_listed(void **state)
{
	auto_strbuf list = STRBUF_INIT, one = STRBUF_INIT, none = STRBUF_INIT;

	(void)state;
	assert_int_equal(attach_types_of_section("cgroup/skb", &list), 2);
	assert_string_equal(sb_text(&list), "cgroup_skb/ingress, cgroup_skb/egress");
	assert_int_equal(attach_types_of_section("cgroup/sock", &one), 1);
	assert_int_equal(attach_types_of_section("classifier", &none), 0);
}

static void near_sections_are_named(void **state)
{
	static const char *const cases[][2] = {
		{"cgroup/sockops", "'sockops'"},
		{"cgroup/sockopt", "'sockops', 'cgroup/getsockopt', 'cgroup/setsockopt'"},
		{"cgroup/connect46", "'cgroup/connect4', 'cgroup/connect6'"},
		{"?cgroup/egres", "'cgroup_skb/egress'"},
		/* Of seven, six. */
		{"cgroup/get",
		 "'cgroup/getsockopt', 'cgroup/getpeername4', 'cgroup/getpeername6', 'cgroup/getsockname4', 'cgroup/getsockname6', 'cgroup/getpeername_unix'"},
		{"my_connect4_old", "'cgroup/connect4'"},
		{"my_own_section", ""},
		{"42/0", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		auto_strbuf list = STRBUF_INIT;

		attach_types_near_section(cases[i][0], &list);
		assert_string_equal(sb_text(&list), cases[i][1]);
	}
}

static void newer_sections_tell_their_type(void **state)
{
	static const struct {
		const char *section;
		uint32_t prog_type, attach_type;
	} cases[] = {
		{"tc/ingress", 3, 46},       {"tcx/egress", 3, 47},
		{"netkit/primary", 3, 54},   {"netkit/peer", 3, 55},
		{"netfilter", 32, 45},       {"kprobe.session/x", 2, 56},
		{"uprobe.multi/x:y", 2, 48}, {"cgroup/connect6", 18, 11},
		{"sockops", 13, 0},
	};
	uint32_t type, attach;

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		assert_true(prog_type_by_section(cases[i].section, &type, &attach));
		assert_int_equal(type, cases[i].prog_type);
		assert_int_equal(attach, cases[i].attach_type);
	}
	assert_false(prog_type_by_section("tcx/ingress2", &type, &attach));
	assert_false(prog_type_by_section("classifier", &type, &attach));
}

static void program_types_have_bpftools_names(void **state)
{
	(void)state;
	assert_string_equal(prog_type_name(1), "socket_filter");
	assert_string_equal(prog_type_name(3), "sched_cls");
	assert_string_equal(prog_type_name(29), "lsm");
	assert_null(prog_type_name(33));
	assert_null(prog_type_name(UINT32_MAX));
	for (uint32_t i = 0; libbpf_bpf_prog_type_str(i); i++)
		assert_string_equal(prog_type_name(i), libbpf_bpf_prog_type_str(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_complete),
		cmocka_unit_test(sections_agree_with_libbpf),
		cmocka_unit_test(prefixes_mean_what_they_mean_in_bpftool),
		cmocka_unit_test(old_section_names_are_understood),
		cmocka_unit_test(a_section_fits_all_its_types_and_no_other),
		cmocka_unit_test(sections_of_several_types_are_listed),
		cmocka_unit_test(near_sections_are_named),
		cmocka_unit_test(newer_sections_tell_their_type),
		cmocka_unit_test(program_types_have_bpftools_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
