/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "../../tc_loader/parse.h"
#include "base/alloc.h"

/* A line as a batch file would split it: no NULL behind the last word. */
struct line {
	char *text;
	char **words;
	struct request_exec req;
	struct err err;
	int r;
};

static void line_release(struct line *l)
{
	request_exec_release(&l->req);
	err_release(&l->err);
	free(l->words);
	free(l->text);
}

#define auto_line auto_release(line_release) struct line

static struct line parse(const char *text)
{
	struct line l = {.text = xstrdup(text)};
	struct args a = {.argc = 0};
	char *rest = l.text, *word;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (!*word)
			continue;
		array_grow(l.words, (size_t)a.argc);
		l.words[a.argc++] = word;
	}
	a.argv = l.words;
	l.r = parse_exec(&l.req, &a, &l.err);
	return l;
}

static void says(const char *text, const char *error)
{
	auto_line l = parse(text);

	assert_int_equal(l.r, -EINVAL);
	assert_string_equal(l.err.text, error);
	assert_int_equal(l.err.status, 0); /* 255 */
}

static void reads_the_verb(void **state)
{
	static const struct {
		const char *text;
		enum exec_op op;
	} lines[] = {
		{"help", EXEC_HELP},           {"h", EXEC_HELP},
		{"bpf", EXEC_NOTHING},         {"b", EXEC_NOTHING},
		{"bpf help", EXEC_BPF_HELP},   {"bpf debug", EXEC_DEBUG},
		{"bpf d", EXEC_DEBUG},         {"bpf dbg", EXEC_DEBUG},
		{"bpf import x", EXEC_IMPORT}, {"bpf i x", EXEC_IMPORT},
		{"bpf g m o f", EXEC_GRAFT},
	};

	(void)state;
	for (size_t i = 0; i < array_size(lines); i++) {
		auto_line l = parse(lines[i].text);

		assert_int_equal(l.r, 0);
		assert_int_equal(l.req.op, lines[i].op);
	}
	says("", "no command given; try 'exec help'");
	says("foo", "'foo' is unknown; there is bpf");
	says("foo bar", "'foo' is unknown; there is bpf");
	says("bpf junk",
	     "unknown keyword 'junk' for exec bpf; see 'tc_loader exec help'");
	says("bpf debug junk",
	     "unknown keyword 'junk' for exec bpf; see 'tc_loader exec help'");
}

static void import_gives_the_rest_to_the_command(void **state)
{
	auto_line l = parse("bpf imp /run/s run sh -c import graft");
	auto_line shell = parse("bpf import /run/s");

	(void)state;
	assert_int_equal(l.r, 0);
	assert_string_equal(l.req.path, "/run/s");
	assert_int_equal(l.req.nr_command, 4);
	assert_string_equal(l.req.command[0], "sh");
	assert_string_equal(l.req.command[3], "graft");
	assert_int_equal(shell.req.nr_command, 0);

	says("bpf run sh", "'run' must follow 'import PATH'");
	says("bpf import", "'import' needs a value: PATH");
	says("bpf import s run", "'run' needs a value: CMD");
	says("bpf import s import t", "duplicate 'import'");
	says("bpf import s junk",
	     "unknown keyword 'junk' for exec bpf; see 'tc_loader exec help'");
	says("bpf import s graft m obj f", "import, debug and graft exclude each other");
}

static void graft_reads_tcs_order(void **state)
{
	auto_line l = parse("bpf gra m:globals/jmp ke 0x10 object-file x.o type act "
			    "sec 42/0 program p verb");

	(void)state;
	assert_int_equal(l.r, 0);
	assert_string_equal(l.req.path, "m:globals/jmp");
	assert_true(l.req.has_key);
	assert_int_equal(l.req.key, 16);
	assert_int_equal(l.req.bpf.source, SOURCE_OBJECT);
	assert_string_equal(l.req.bpf.path, "x.o");
	assert_int_equal(l.req.prog_type, BPF_PROG_TYPE_SCHED_ACT);
	assert_string_equal(l.req.bpf.section, "42/0");
	assert_string_equal(l.req.bpf.program, "p");
	assert_true(l.req.bpf.verbose);
}

static void graft_reads_other_orders_too(void **state)
{
	auto_line l = parse("bpf graft /p/jmp verbose obj x.o map name a private sec s "
			    "key 010");

	(void)state;
	assert_int_equal(l.r, 0);
	assert_int_equal(l.req.key, 8);
	assert_int_equal(l.req.prog_type, BPF_PROG_TYPE_SCHED_CLS);
	assert_string_equal(l.req.bpf.section, "s");
	assert_int_equal(l.req.bpf.overrides.nr, 1);
}

static void graft_takes_pins(void **state)
{
	static const char *const words[] = {
		"object-pinned", "object-p", "pinned", "p", "fd", "f"};

	(void)state;
	for (size_t i = 0; i < array_size(words); i++) {
		auto_free char *text =
			xasprintf("bpf graft m key 4294967295 %s /p", words[i]);
		auto_line l = parse(text);

		assert_int_equal(l.r, 0);
		assert_int_equal(l.req.bpf.source, SOURCE_PINNED);
		assert_string_equal(l.req.bpf.path, "/p");
		assert_true(l.req.key == UINT32_MAX);
	}
}

static void graft_knows_every_type(void **state)
{
	static const struct {
		const char *word;
		uint32_t type;
	} types[] = {
		{"c", BPF_PROG_TYPE_SCHED_CLS},
		{"act", BPF_PROG_TYPE_SCHED_ACT},
		{"x", BPF_PROG_TYPE_XDP},
		{"lwt", BPF_PROG_TYPE_LWT_IN},
		{"lwt_out", BPF_PROG_TYPE_LWT_OUT},
		{"lwt_x", BPF_PROG_TYPE_LWT_XMIT},
		{"lwt_seg6local", BPF_PROG_TYPE_LWT_SEG6LOCAL},
	};

	(void)state;
	for (size_t i = 0; i < array_size(types); i++) {
		auto_free char *text =
			xasprintf("bpf graft m obj f type %s", types[i].word);
		auto_line l = parse(text);

		assert_int_equal(l.r, 0);
		assert_int_equal(l.req.prog_type, types[i].type);
	}
	says("bpf graft m obj f type foo",
	     "type 'foo': not one of "
	     "{cls|act|xdp|lwt_in|lwt_out|lwt_xmit|lwt_seg6local}");
}

static void graft_refuses(void **state)
{
	(void)state;
	says("bpf graft", "'graft' needs a value: MAP");
	says("bpf graft m",
	     "graft needs a program; add 'object-file FILE' or 'object-pinned PATH'");
	says("bpf graft m verbose",
	     "graft needs a program; add 'object-file FILE' or 'object-pinned PATH'");
	says("bpf graft m obj", "'object-file' needs a value: FILE");
	says("bpf graft m key zz obj f", "key 'zz': not a number from 0 to 4294967295");
	says("bpf graft m key -1 obj f", "key '-1': not a number from 0 to 4294967295");
	says("bpf graft m key 4294967296 obj f",
	     "key '4294967296': not a number from 0 to 4294967295");
	says("bpf graft m obj f pinned p", "'object-pinned' is a second program");
	says("bpf graft m pinned p sec s", "type, section, program, verbose, map and set "
					   "belong to an object; add 'object-file FILE'");
	says("bpf graft m pinned p type cls",
	     "type, section, program, verbose, map and set "
	     "belong to an object; add 'object-file FILE'");
	says("bpf graft m obj f junk",
	     "unknown keyword 'junk' for graft; see 'tc_loader exec help'");
}

/* What a usage line leaves out, nobody finds. */
static void usage_names_every_word(void **state)
{
	static const char *const words[] = {"import PATH",
					    "run CMD",
					    "debug",
					    "graft MAP",
					    "key KEY",
					    "object-file FILE",
					    "object-pinned PATH",
					    "type {cls|act|xdp",
					    "section NAME",
					    "program NAME",
					    "verbose"};
	auto_strbuf text = STRBUF_INIT;

	(void)state;
	parse_exec_bpf_usage(&text);
	for (size_t i = 0; i < array_size(words); i++)
		assert_non_null(strstr(sb_text(&text), words[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_verb),
		cmocka_unit_test(import_gives_the_rest_to_the_command),
		cmocka_unit_test(graft_reads_tcs_order),
		cmocka_unit_test(graft_reads_other_orders_too),
		cmocka_unit_test(graft_takes_pins),
		cmocka_unit_test(graft_knows_every_type),
		cmocka_unit_test(graft_refuses),
		cmocka_unit_test(usage_names_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
