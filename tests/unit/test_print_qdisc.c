/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of qdiscs in tc's words: where they stand, what the kernel says of them, sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "../../tc_loader/print.h"
#include "../../tc_loader/tc.h"

static void row_is(const struct tc *how, const struct print_qdisc_row *row,
		   const char *text, const char *json)
{
	struct tc tc = *how;
	auto_strbuf out = STRBUF_INIT, doc = STRBUF_INIT;

	print_qdiscs(&tc, row, 1, &out);
	assert_string_equal(sb_text(&out), text);
	tc.tool.json = true;
	print_qdiscs(&tc, row, 1, &doc);
	assert_string_equal(sb_text(&doc), json);
}

static void where_it_stands(void **state)
{
	const struct tc usual = {.oneline = false}, raw = {.raw = true};
	struct print_qdisc_row row = {
		.q = {.handle = 0xffff0000,
		      .parent = 0xfffffff1,
		      .refcnt = 1,
		      .kind = "clsact"},
		.dev = "v0",
	};

	(void)state;
	row_is(&usual, &row, "qdisc clsact ffff: dev v0 parent ffff:fff1 \n",
	       "[{\"kind\":\"clsact\",\"handle\":\"ffff:\",\"dev\":\"v0\",\"parent\":\"ffff:fff1\",\"options\":{}}]\n");
	row_is(&raw, &row, "qdisc clsact ffff:[ffff0000] dev v0 parent ffff:fff1 \n",
	       "[{\"kind\":\"clsact\",\"handle\":\"ffff:[ffff0000]\",\"dev\":\"v0\",\"parent\":\"ffff:fff1\",\"options\":{}}]\n");
	row.q.parent = NL_PARENT_ROOT;
	row.q.refcnt = 2;
	row_is(&usual, &row, "qdisc clsact ffff: dev v0 root refcnt 2 \n",
	       "[{\"kind\":\"clsact\",\"handle\":\"ffff:\",\"dev\":\"v0\",\"root\":true,\"refcnt\":2,\"options\":{}}]\n");
	row.q.parent = 0;
	row.q.refcnt = 1;
	row.q.offloaded = true;
	row.q.ingress_block = 7;
	row.q.egress_block = 8;
	row.dev = NULL;
	row_is(&usual, &row,
	       "qdisc clsact ffff: offloaded ingress_block 7 egress_block 8 \n",
	       "[{\"kind\":\"clsact\",\"handle\":\"ffff:\",\"offloaded\":true,\"ingress_block\":7,\"egress_block\":8,\"options\":{}}]\n");
	row.event = EVENT_DELETED;
	row.q = (struct nl_qdisc){.handle = 0x10000, .refcnt = 1, .kind = "\033"};
	row_is(&usual, &row, "deleted qdisc \\x1b 1: \n",
	       "[{\"kind\":\"\\u001b\",\"handle\":\"1:\",\"options\":{}}]\n");
}

/* Whole units where a little is missing or too much. */
static void what_waits_in_units(void **state)
{
	static const struct {
		uint32_t bytes;
		const char *text;
	} sizes[] = {
		{0, "0b"},           {1023, "1023b"},  {1024, "1Kb"},
		{1039, "1Kb"},       {1040, "1040b"},  {2033, "2Kb"},
		{2032, "2032b"},     {1048576, "1Mb"}, {1049599, "1Mb"},
		{1049600, "1025Kb"}, {2096129, "2Mb"}, {2096128, "2047Kb"},
	};
	const struct tc usual = {.stats = true};

	(void)state;
	for (size_t i = 0; i < array_size(sizes); i++) {
		const struct print_qdisc_row row = {
			.q = {.handle = 0x10000,
			      .refcnt = 1,
			      .kind = "x",
			      .has_stats = true,
			      .bytes = 1,
			      .packets = 2,
			      .drops = 3,
			      .overlimits = 4,
			      .requeues = 5,
			      .qlen = 6,
			      .backlog = sizes[i].bytes},
		};
		auto_free char *text = xasprintf(
			"qdisc x 1: \n Sent 1 bytes 2 pkt (dropped 3, overlimits 4 requeues 5) \n backlog %s 6p requeues 5\n",
			sizes[i].text);
		auto_free char *json = xasprintf(
			"[{\"kind\":\"x\",\"handle\":\"1:\",\"options\":{},\"bytes\":1,\"packets\":2,\"drops\":3,\"overlimits\":4,\"requeues\":5,\"backlog\":%u,\"qlen\":6}]\n",
			sizes[i].bytes);

		row_is(&usual, &row, text, json);
	}
}

/* Asked for, and not told: old kernels. */
static void statistics_that_the_kernel_does_not_tell(void **state)
{
	const struct tc usual = {.stats = true};
	const struct print_qdisc_row row = {
		.q = {.handle = 0x10000, .refcnt = 1, .kind = "ingress"}};

	(void)state;
	row_is(&usual, &row, "qdisc ingress 1: ---------------- \n",
	       "[{\"kind\":\"ingress\",\"handle\":\"1:\",\"options\":{}}]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_it_stands),
		cmocka_unit_test(what_waits_in_units),
		cmocka_unit_test(statistics_that_the_kernel_does_not_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
