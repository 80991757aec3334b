/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "../../tc_loader/parse.h"
#include "../../tc_loader/tc.h"
#include "base/alloc.h"

enum { WORDS_MAX = 32 };

/* Splits line at blanks and parses it; the words live as long as the test. */
static int parse(struct request_qdisc *ret, enum nl_qdisc_op op, const char *line,
		 struct err *err)
{
	static char text[256];
	char *words[WORDS_MAX];
	struct args a = {.argv = words};

	strcpy(text, line);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		words[a.argc++] = w;
	*err = (struct err)ERR_INIT;
	return parse_qdisc(ret, op, &a, err);
}

static void clsact_says_parent_handle_and_kind(void **state)
{
	struct request_qdisc req;
	struct err err;

	(void)state;
	assert_int_equal(parse(&req, NL_QDISC_ADD, "dev eth0 clsact", &err), 0);
	assert_string_equal(req.dev, "eth0");
	assert_string_equal(req.kind, "clsact");
	assert_int_equal(req.parent, 0xfffffff1);
	assert_int_equal(req.handle, 0xffff0000);
	assert_int_equal(parse(&req, NL_QDISC_DEL, "dev eth0 handle 1: ingress", &err),
			 0);
	assert_string_equal(req.kind, "ingress");
	assert_int_equal(req.handle, 0xffff0000);
}

static void blocks_stand_before_or_behind(void **state)
{
	static const char *const lines[] = {
		"dev v ingress_block 10 egress_block 0xb clsact",
		"dev v clsact ingress_b 10 eg 11",
		"i 10 clsact eg 013 dev v",
	};
	struct request_qdisc req;
	struct err err;

	(void)state;
	for (size_t i = 0; i < array_size(lines); i++) {
		assert_int_equal(parse(&req, NL_QDISC_ADD, lines[i], &err), 0);
		assert_int_equal(req.ingress_block, 10);
		assert_int_equal(req.egress_block, 11);
	}
}

static void refusals_have_the_status_of_tc(void **state)
{
	static const struct {
		const char *line;
		int status; /* 0: the words cannot be read, 255 */
		const char *words;
	} rows[] = {
		{"dev", 0, "'dev' needs a value: NAME"},
		{"dev a dev b clsact", 0, "duplicate 'dev'"},
		{"dev v clsact foo", TC_USAGE,
		 "unknown keyword 'foo' for qdisc 'clsact'; see 'tc_loader qdisc help'"},
		{"dev v clsact clsact", TC_USAGE, "'clsact' is a second kind of qdisc"},
		{"dev v root clsact", TC_GRAMMAR,
		 "'clsact' is a second parent; leave one out"},
		{"dev v parent ffff:fff1 clsact", TC_GRAMMAR,
		 "'clsact' is a second parent; leave one out"},
		{"dev v ingress_block 0 clsact", 0,
		 "ingress_block '0': not a number from 1 to 4294967295"},
		{"dev v handle zz clsact", 0, "handle 'zz': not of the form MAJ:"},
		{"dev v parent 1:2:3 clsact", 0,
		 "parent '1:2:3': not of the form MAJ:MIN"},
		{"dev v clsact root", TC_USAGE,
		 "'root' is a second parent; leave one out"},
		{"dev v estimator 1s 2s clsact", TC_GRAMMAR,
		 "'estimator' is not offered here; use tc, or --hand-over"},
		{"dev v root fq_codel", TC_GRAMMAR,
		 "'fq_codel': only clsact and ingress are offered here; use tc for other qdiscs, or --hand-over"},
	};
	struct request_qdisc req;
	struct err err;

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_int_equal(parse(&req, NL_QDISC_ADD, rows[i].line, &err), -EINVAL);
		assert_string_equal(err.text, rows[i].words);
		assert_int_equal(err.status, rows[i].status);
	}
}

static void show_selects_and_takes_no_kind(void **state)
{
	struct request_qdisc req;
	struct err err;

	(void)state;
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "", &err), 0);
	assert_null(req.dev);
	assert_int_equal(req.parent, 0);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "dev v ingress invisible", &err), 0);
	assert_int_equal(req.parent, 0xfffffff1);
	assert_true(req.invisible);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "handle 1f", &err), 0);
	assert_int_equal(req.handle, 0x1f0000);
	assert_int_equal(parse(&req, NL_QDISC_SHOW,
			       "invisible handle 0: handle 1: invisible", &err),
			 0);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "handle 1: clsact", &err), -EINVAL);
	assert_string_equal(
		err.text,
		"'clsact': a list goes by one of clsact, ingress, root, parent and handle");
	assert_int_equal(err.status, TC_GRAMMAR);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "ingress handle 1:", &err), -EINVAL);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "dev v help dev w", &err), 0);
	assert_string_equal(req.dev, "w");
	assert_int_equal(req.help, HELP_VERB);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "help junk", &err), -EINVAL);
	assert_int_equal(parse(&req, NL_QDISC_SHOW, "noqueue", &err), -EINVAL);
	assert_string_equal(
		err.text,
		"unknown keyword 'noqueue' for 'qdisc show'; see 'tc_loader qdisc help'");
}

static void the_qdisc_can_be_deleted_by_its_parent(void **state)
{
	struct request_qdisc req;
	struct err err;

	(void)state;
	assert_int_equal(parse(&req, NL_QDISC_DEL, "dev v parent ffff:fff1", &err), 0);
	assert_null(req.kind);
	assert_false(req.no_kind);
	assert_int_equal(parse(&req, NL_QDISC_DEL, "dev v root", &err), 0);
	assert_true(req.no_kind);
	assert_int_equal(parse(&req, NL_QDISC_ADD, "dev v parent ffff:fff1", &err), 0);
	assert_true(req.no_kind);
}

static void help_asks_for_nothing_else(void **state)
{
	struct request_qdisc req;
	struct err err;
	auto_strbuf usage = STRBUF_INIT;

	(void)state;
	assert_int_equal(parse(&req, NL_QDISC_ADD, "dev v help junk", &err), 0);
	assert_int_equal(req.help, HELP_VERB);
	parse_qdisc_usage(&usage);
	assert_non_null(strstr(sb_text(&usage), "[clsact]"));
	assert_non_null(strstr(sb_text(&usage), "[ingress_block N]"));
}

static void class_ids_are_hexadecimal(void **state)
{
	static const struct {
		const char *word;
		uint32_t id;
	} good[] = {
		{"root", 0xffffffff},
		{"none", 0},
		{"1:", 0x10000},
		{"1:2", 0x10002},
		{":a", 10},
		{"ffff:fff2", 0xfffffff2},
		{"12345", 0x12345},
		{"FFFF:", 0xffff0000},
		{"0", 0},
		{"ffffffff", 0xffffffff},
		{":", 0},
		{"0x1:0x2", 0x10002},
		{"0xffff:0xfff2", 0xfffffff2},
		{"0X12345", 0x12345},
		{"-1", 0xffffffff},
		{"+1: 2", 0x10002},
	};
	static const char *const bad[] = {
		"",   "zz",   "1:2:3", "10000:", "1:10000", "-1:1", "1:-1",
		"0x", "0x:1", "1:0x",  "1: ",    "1:2x",    "1x:2", "100000000",
	};
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < array_size(good); i++) {
		assert_int_equal(parse_classid(good[i].word, &id), 0);
		assert_int_equal(id, good[i].id);
	}
	for (size_t i = 0; i < array_size(bad); i++)
		assert_int_equal(parse_classid(bad[i], &id), -EINVAL);
	assert_int_equal(parse_qdisc_handle("ffff:", &id), 0);
	assert_int_equal(id, 0xffff0000);
	assert_int_equal(parse_qdisc_handle("0xffff:0xfff1", &id), 0);
	assert_int_equal(id, 0xffff0000);
	assert_int_equal(parse_qdisc_handle("1:2", &id), 0);
	assert_int_equal(id, 0x10000);
	assert_int_equal(parse_qdisc_handle("-1", &id), -EINVAL);
	assert_int_equal(parse_qdisc_handle("0x:", &id), -EINVAL);
	assert_int_equal(parse_qdisc_handle("1x", &id), -EINVAL);
	assert_int_equal(parse_qdisc_handle(":", &id), -EINVAL);
	assert_int_equal(parse_qdisc_handle("", &id), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clsact_says_parent_handle_and_kind),
		cmocka_unit_test(blocks_stand_before_or_behind),
		cmocka_unit_test(refusals_have_the_status_of_tc),
		cmocka_unit_test(show_selects_and_takes_no_kind),
		cmocka_unit_test(the_qdisc_can_be_deleted_by_its_parent),
		cmocka_unit_test(help_asks_for_nothing_else),
		cmocka_unit_test(class_ids_are_hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
