/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "view/openmetrics.h"

static void name_is(const char *map, const char *field, const char *want,
		    const char *want_index)
{
	auto_strbuf name = STRBUF_INIT, index = STRBUF_INIT;

	openmetrics_name("bpf_value", map, field, &name, &index);
	assert_string_equal(sb_text(&name), want);
	assert_string_equal(sb_text(&index), want_index);
}

static void names_of_metrics(void **state)
{
	(void)state;
	name_is("stats", "packets", "bpf_value_stats_packets", "");
	name_is("obj.bss", "rx.bytes", "bpf_value_obj_bss_rx_bytes", "");
	name_is("m", "at[2].y[1]", "bpf_value_m_at_y", "2,1");
	name_is("m", "[3]", "bpf_value_m", "3");
	name_is("\xc3\xa4 \"", "a", "bpf_value______a", "");
	name_is("m", "cut[1", "bpf_value_m_cut", "1");
}

static void labels_are_escaped(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	openmetrics_label("map", "stats", true, &out);
	openmetrics_label("key", "a\"b\\c\nd", false, &out);
	assert_string_equal(sb_text(&out), "{map=\"stats\",key=\"a\\\"b\\\\c\\nd\"");
}

static void families_have_a_type(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	openmetrics_family("x", "Words.", &out);
	assert_string_equal(sb_text(&out), "# TYPE x gauge\n# HELP x Words.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_metrics),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(families_have_a_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
