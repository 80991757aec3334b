/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* differs: verbose-anywhere */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/filter.h>

#include "../../tc_loader/parse.h"
#include "../../tc_loader/tc.h"
#include "base/alloc.h"

enum { WORDS_MAX = 32 };

#define auto_request auto_release(request_filter_release) struct request_filter

/* Splits line at blanks and parses it; '_' stands for a blank inside a word. */
static int parse(struct request_filter *ret, enum nl_filter_op op, const char *line,
		 struct err *err)
{
	static char text[256];
	char *words[WORDS_MAX];
	struct args a = {.argv = words};

	strcpy(text, line);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " ")) {
		words[a.argc++] = w;
		for (char *c = strchr(w, '_'); c && *w >= '0' && *w <= '9';
		     c = strchr(c, '_'))
			*c = ' ';
	}
	*err = (struct err)ERR_INIT;
	return parse_filter(ret, op, &a, err);
}

static void a_whole_line_lands_in_the_request(void **state)
{
	auto_request req = {.op = 0};
	struct err err;

	(void)state;
	assert_int_equal(
		parse(&req, NL_FILTER_ADD,
		      "dev eth0 ingress pref 5 handle 0x10 protocol ip chain 3 bpf "
		      "da obj x/y.o section mysec program p verbose classid 1:2 "
		      "skip_hw",
		      &err),
		0);
	assert_string_equal(req.dev, "eth0");
	assert_int_equal(req.parent, 0xfffffff2);
	assert_int_equal(req.pref, 5);
	assert_int_equal(req.handle, 16);
	assert_int_equal(req.protocol, 0x0800);
	assert_true(req.has_chain);
	assert_int_equal(req.chain, 3);
	assert_true(req.is_bpf);
	assert_true(req.has_options);
	assert_true(req.direct_action);
	assert_int_equal(req.bpf.source, SOURCE_OBJECT);
	assert_string_equal(req.bpf.path, "x/y.o");
	assert_string_equal(req.bpf.section, "mysec");
	assert_string_equal(req.bpf.program, "p");
	assert_true(req.bpf.verbose);
	assert_int_equal(req.classid, 0x10002);
	assert_true(req.skip_hw && !req.skip_sw);
}

static void abbreviations_mean_what_they_mean_in_tc(void **state)
{
	auto_request req = {.op = 0};
	struct err err;

	(void)state;
	assert_int_equal(parse(&req, NL_FILTER_ADD,
			       "b 7 p 1 pro arp c 2 bpf o x.o s m d f 1: sk", &err),
			 0);
	assert_int_equal(req.block, 7);
	assert_int_equal(req.pref, 1);
	assert_int_equal(req.protocol, 0x0806);
	assert_int_equal(req.chain, 2);
	assert_string_equal(req.bpf.section, "m");
	assert_true(req.direct_action);
	assert_int_equal(req.classid, 0x10000);
	assert_true(req.skip_hw && !req.skip_sw);
	request_filter_release(&req);
	/* Away from the file "s" is skip_hw, as everywhere in tc. */
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v pri 9 bpf o x.o da s", &err),
			 0);
	assert_int_equal(req.pref, 9);
	assert_null(req.bpf.section);
	assert_true(req.skip_hw && !req.skip_sw);
	request_filter_release(&req);
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v bpf pi /p", &err), 0);
	assert_int_equal(req.bpf.source, SOURCE_PINNED);
	request_filter_release(&req);
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v bpf bytecode- f", &err), 0);
	assert_int_equal(req.bpf.source, SOURCE_BYTECODE_FILE);
	request_filter_release(&req);
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v bpf fd m:globals/x", &err), 0);
	assert_int_equal(req.bpf.source, SOURCE_PINNED);
}

static void words_behind_the_object_stand_in_any_order(void **state)
{
	static const char *const lines[] = {
		"dev v bpf obj x.o sec m program p export /s verbose da",
		"dev v bpf obj x.o verbose program p section m exp /s da",
		"dev v bpf obj x.o da verb prog p export /s sec m",
		("dev v bpf da obj x.o map name a private sec m verbose map idx 1 id 7 "
		 "export /s program p"),
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < array_size(lines); i++) {
		auto_request req = {.op = 0};

		assert_int_equal(parse(&req, NL_FILTER_ADD, lines[i], &err), 0);
		assert_string_equal(req.bpf.section, "m");
		assert_string_equal(req.bpf.program, "p");
		assert_string_equal(req.bpf.export, "/s");
		assert_true(req.bpf.verbose);
		assert_true(req.direct_action);
		assert_int_equal(req.bpf.overrides.nr, i == 3 ? 2 : 0);
	}
}

static void protocol_is_all_only_where_something_is_made(void **state)
{
	auto_request req = {.op = 0};
	struct err err;

	(void)state;
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v bpf", &err), 0);
	assert_int_equal(req.protocol, 3);
	assert_false(req.has_options);
	assert_int_equal(parse(&req, NL_FILTER_REPLACE, "dev v bpf", &err), 0);
	assert_int_equal(req.protocol, 3);
	assert_int_equal(parse(&req, NL_FILTER_CHANGE, "dev v bpf", &err), 0);
	assert_int_equal(req.protocol, 0);
	assert_int_equal(parse(&req, NL_FILTER_DEL, "dev v ingress", &err), 0);
	assert_int_equal(req.protocol, 0);
	assert_int_equal(parse(&req, NL_FILTER_SHOW, "dev v proto 802.1Q", &err), 0);
	assert_int_equal(req.protocol, 0x8100);
	assert_int_equal(parse(&req, NL_FILTER_SHOW, "dev v proto 0x1234", &err), 0);
	assert_int_equal(req.protocol, 0x1234);
}

static const struct {
	enum nl_filter_op op;
	int status; /* 0: the words cannot be read, 255 */
	const char *line, *words;
} refusals[] = {
	{NL_FILTER_ADD, 0, "dev", "'dev' needs a value: NAME"},
	{NL_FILTER_ADD, 0, "dev a dev b", "duplicate 'dev'"},
	{NL_FILTER_ADD, TC_GRAMMAR, "dev v block 7",
	 "'dev' and 'block' exclude each other"},
	{NL_FILTER_ADD, TC_GRAMMAR, "block 7 dev v",
	 "'dev' and 'block' exclude each other"},
	{NL_FILTER_ADD, 0, "block 0", "block '0': not a number from 1 to 4294967295"},
	{NL_FILTER_ADD, TC_GRAMMAR, "ingress egress",
	 "'egress' is a second parent; leave one out"},
	{NL_FILTER_ADD, 0, "parent x", "parent 'x': not of the form MAJ:MIN"},
	{NL_FILTER_ADD, 0, "pref 1 prio 2", "duplicate 'prio'"},
	{NL_FILTER_ADD, 0, "pref 65536", "pref '65536': not a number from 0 to 65535"},
	{NL_FILTER_ADD, 0, "protocol blub",
	 "protocol 'blub': neither a known name nor a number; all is the usual one"},
	{NL_FILTER_ADD, 0, "chain 4294967296",
	 "chain '4294967296': not a number from 0 to 4294967295"},
	{NL_FILTER_ADD, TC_GRAMMAR, "estimator 1s 2s",
	 "'estimator' is not offered here; use tc"},
	{NL_FILTER_ADD, TC_USAGE, "dev v u32 match",
	 "'u32': only filters of kind bpf are offered here; use tc, or --hand-over"},
	{NL_FILTER_ADD, TC_USAGE, "handle 1:2 bpf",
	 "handle '1:2': not a number from 0 to 4294967295"},
	{NL_FILTER_SHOW, TC_GRAMMAR, "dev v bpf",
	 "unknown keyword 'bpf' for 'filter show'; see 'tc_loader filter help'"},
	{NL_FILTER_ADD, TC_GRAMMAR, "dev v pref 1 handle 1",
	 "'handle' must be followed by the kind: … bpf"},
	{NL_FILTER_DEL, TC_GRAMMAR, "dev v pref 1 handle 1",
	 "'handle' must be followed by the kind: … bpf"},
	{NL_FILTER_SHOW, 0, "pref 4294967296",
	 "pref '4294967296': not a number from 0 to 4294967295"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v ingress pref 1 handle 1 bpf", "say protocol"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v u32",
	 "'u32': only filters of kind bpf are offered here; use tc, or --hand-over"},
	{NL_FILTER_GET, TC_USAGE, "dev v u32 match",
	 "'u32': only filters of kind bpf are offered here; use tc, or --hand-over"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v protocol ip pref 1 handle x bpf",
	 "say ingress, egress or parent"},
	{NL_FILTER_GET, TC_USAGE, "dev v ingress protocol ip pref 1 handle 1 u32",
	 "'u32': only filters of kind bpf are offered here; use tc, or --hand-over"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v ingress protocol ip handle 1 bpf", "say pref"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v ingress protocol ip pref 1 handle 1",
	 "say the kind, bpf"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v ingress protocol ip pref 1 bpf", "say handle"},
	{NL_FILTER_GET, TC_GRAMMAR, "dev v protocol ip pref 1 handle 1 bpf",
	 "say ingress, egress or parent"},
	{NL_FILTER_GET, TC_GRAMMAR, "ingress protocol ip pref 1 handle 1 bpf",
	 "say dev or block"},
	{NL_FILTER_ADD, TC_GRAMMAR, "devs v* dev v",
	 "'devs' replaces 'dev' and 'block'; give one of them"},
	{NL_FILTER_DEL, TC_GRAMMAR, "devs v* block 7",
	 "'devs' replaces 'dev' and 'block'; give one of them"},
	{NL_FILTER_SHOW, TC_GRAMMAR, "devs v*",
	 "'devs' is for add, replace, change and delete"},
	{NL_FILTER_ADD, 0, "devs", "'devs' needs a value: PATTERN|@FILE"},
	{NL_FILTER_ADD, 0, "bpf obj", "'object-file' needs a value: FILE"},
	{NL_FILTER_ADD, 0, "bpf obj x sec", "'section' needs a value: NAME"},
	{NL_FILTER_ADD, TC_USAGE, "bpf obj x sec a da sec b", "duplicate 'section'"},
	{NL_FILTER_ADD, TC_USAGE, "bpf obj x obj y", "'object-file' is a second program"},
	{NL_FILTER_ADD, TC_USAGE, "bpf obj x pinned /y",
	 "'object-pinned' is a second program"},
	{NL_FILTER_ADD, TC_USAGE, "bpf junk x",
	 "unknown keyword 'junk' for a bpf filter; see 'tc_loader filter help'"},
	{NL_FILTER_ADD, TC_USAGE, "bpf obj x junk",
	 "unknown keyword 'junk' for a bpf filter; see 'tc_loader filter help'"},
	{NL_FILTER_ADD, TC_USAGE, "bpf da verbose",
	 "section, program, export, verbose, map and set belong to an object; add 'object-file FILE'"},
	{NL_FILTER_ADD, TC_USAGE, "bpf classid zz",
	 "classid 'zz': not of the form MAJ:MIN"},
	{NL_FILTER_ADD, TC_USAGE, "bpf obj x action ok",
	 "'action' is not offered here; use tc"},
	{NL_FILTER_ADD, TC_GRAMMAR, "bpf obj x action",
	 "'action' is not offered here; use tc"},
	{NL_FILTER_ADD, TC_GRAMMAR, "bpf obj x police",
	 "'police' is not offered here; use tc"},
	{NL_FILTER_ADD, TC_USAGE, "bpf po rate 1",
	 "'police' is not offered here; use tc"},
	{NL_FILTER_ADD, 0, "bpf run run obj x", "duplicate 'run'"},
	{NL_FILTER_ADD, 0, "bpf run", "'run' must be followed by a program"},
};

static void refusals_have_the_status_of_tc(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < array_size(refusals); i++) {
		auto_request req = {.op = 0};

		assert_int_equal(parse(&req, refusals[i].op, refusals[i].line, &err),
				 -EINVAL);
		assert_string_equal(err.text, refusals[i].words);
		assert_int_equal(err.status, refusals[i].status);
	}
}

static void help_is_known_at_both_levels(void **state)
{
	auto_request req = {.op = 0};
	struct err err;
	auto_strbuf usage = STRBUF_INIT;

	(void)state;
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v help", &err), 0);
	assert_int_equal(req.help, HELP_VERB);
	assert_int_equal(parse(&req, NL_FILTER_ADD, "bpf help", &err), 0);
	assert_int_equal(req.help, HELP_BPF);
	parse_filter_usage(&usage);
	assert_non_null(strstr(sb_text(&usage), "[object-file FILE]"));
	assert_non_null(strstr(sb_text(&usage), "[protocol NAME]"));
}

static void bytecode_is_read_as_tc_reads_it(void **state)
{
	static const char *const good[] = {
		"2,40 0 0 12,6 1 255 4294967295",
		"2,40 0 0 12,6 1 255 -1,",
		"2\n40 0 0 12\n6 1 255 -1\n",
		"2,  40\t0  0 12 ,6 1 255 4294967295\n",
		"2,65576 256 512 4294967308,6 257 -1 99999999999999999999", /* wraps */
	};
	static const char *const bad[] = {
		"",           "x",
		"2",          "0,",
		"4097,",      "-1,",
		"1,6 0 0",    "1,6 0 0 0 0",
		"2,6 0 0 0",  "1,6 0 0 0,6 0 0 0",
		"1,6 0 0 0x", "1,0x6 0 0 0",
		"1,6 0 - 0",  "1 6 0 0 0",
		"1,,6 0 0 0",
	};
	struct sock_filter *ops;
	struct err err = ERR_INIT;
	size_t nr;

	(void)state;
	for (size_t i = 0; i < array_size(good); i++) {
		assert_int_equal(parse_bytecode(good[i], &ops, &nr, &err), 0);
		assert_int_equal(nr, 2);
		assert_int_equal(ops[0].code, 40);
		assert_int_equal(ops[0].k, 12);
		assert_int_equal(ops[1].jt, 1);
		assert_int_equal(ops[1].jf, 255);
		assert_int_equal(ops[1].k, UINT32_MAX);
		free(ops);
	}
	for (size_t i = 0; i < array_size(bad); i++)
		assert_int_equal(parse_bytecode(bad[i], &ops, &nr, &err), -EINVAL);
}

static void bytecode_on_the_line_is_part_of_the_filter(void **state)
{
	auto_request req = {.op = 0};
	struct err err;

	(void)state;
	assert_int_equal(
		parse(&req, NL_FILTER_ADD, "dev v bpf bc 1,6_0_0_7 fl 1:1", &err), 0);
	assert_int_equal(req.bpf.source, SOURCE_BYTECODE);
	assert_int_equal(req.nr_ops, 1);
	assert_int_equal(req.ops[0].k, 7);
	request_filter_release(&req);
	assert_int_equal(parse(&req, NL_FILTER_ADD, "dev v bpf bc 1,6", &err), -EINVAL);
	assert_int_equal(err.status, TC_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_line_lands_in_the_request),
		cmocka_unit_test(abbreviations_mean_what_they_mean_in_tc),
		cmocka_unit_test(words_behind_the_object_stand_in_any_order),
		cmocka_unit_test(protocol_is_all_only_where_something_is_made),
		cmocka_unit_test(refusals_have_the_status_of_tc),
		cmocka_unit_test(help_is_known_at_both_levels),
		cmocka_unit_test(bytecode_is_read_as_tc_reads_it),
		cmocka_unit_test(bytecode_on_the_line_is_part_of_the_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
