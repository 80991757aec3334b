/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/args.h"

#define WORDS(...)                                                        \
	(struct args)                                                     \
	{                                                                 \
		.argv = (char **)(const char *[]){__VA_ARGS__},           \
		.argc = (int)array_size(((const char *[]){__VA_ARGS__})), \
	}

static void args_are_a_cursor(void **state)
{
	struct args a = WORDS("dev", "eth0", "pref", "7");
	auto_err err = ERR_INIT;
	const char *value = "untouched";
	uint64_t n;

	(void)state;
	assert_false(args_take(&a, "de"));
	assert_true(args_take(&a, "dev"));
	assert_int_equal(args_value(&a, "dev", "NAME", &value, &err), 0);
	assert_string_equal(value, "eth0");
	assert_string_equal(args_peek(&a), "pref");
	assert_string_equal(args_next(&a), "pref");
	assert_int_equal(args_number(&a, "pref", 0, 65535, &n, &err), 0);
	assert_int_equal(n, 7);
	assert_false(args_more(&a));
	assert_null(args_peek(&a));
	assert_null(args_next(&a));
	assert_false(args_take(&a, "x"));
	value = "untouched";
	assert_int_equal(args_value(&a, "dev", "NAME", &value, &err), -EINVAL);
	assert_string_equal(value, "untouched");
	assert_string_equal(err.text, "'dev' needs a value: NAME");
}

static void numbers_are_c_numbers_in_range(void **state)
{
	static const struct {
		const char *word;
		uint64_t value;
	} good[] = {{"0", 0}, {"65535", 65535}, {"0x10", 16}, {"010", 8}};
	static const char *const bad[] = {"",    "-1",  "+1",
					  " 1",  "1 ",  "x",
					  "0x",  "1x",  "65536",
					  "0xg", "1.5", "99999999999999999999999"};
	auto_err err = ERR_INIT;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < array_size(good); i++) {
		assert_int_equal(args_to_number("pref", good[i].word, 0, 65535, &n, &err),
				 0);
		assert_int_equal(n, good[i].value);
	}
	n = 77;
	for (size_t i = 0; i < array_size(bad); i++)
		assert_int_equal(args_to_number("pref", bad[i], 0, 65535, &n, &err),
				 -EINVAL);
	assert_int_equal(n, 77);
	assert_int_equal(args_to_number("id", "0", 1, 9, &n, &err), -EINVAL);
	assert_string_equal(err.text, "id '0': not a number from 1 to 9");
	assert_int_equal(
		args_to_number("x", "18446744073709551615", 0, UINT64_MAX, &n, &err), 0);
	assert_true(n == UINT64_MAX);
}

static void prefixes_are_not_empty(void **state)
{
	(void)state;
	assert_true(args_is_prefix("p", "pinned"));
	assert_true(args_is_prefix("pinned", "pinned"));
	assert_false(args_is_prefix("pinnedx", "pinned"));
	assert_false(args_is_prefix("", "pinned"));
	assert_false(args_is_prefix("q", "pinned"));
}

struct request {
	const char *dev;
	unsigned int flags;
	bool last;
};

static int set_dev(struct args *a, void *request, struct err *err)
{
	return args_value(a, "dev", "NAME", &((struct request *)request)->dev, err);
}

static int set_flag(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)err;
	((struct request *)request)->flags++;
	return 0;
}

static int set_last(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)err;
	((struct request *)request)->last = true;
	return 0;
}

static const struct keyword rows[] = {
	{.name = "dev", .set = set_dev, .value = "NAME"},
	{.name = "default", .flags = KEYWORD_MANY, .set = set_flag},
	{.name = "direct", .flags = KEYWORD_EXACT | KEYWORD_HIDDEN, .set = set_flag},
	{.name = "bpf", .flags = KEYWORD_LAST, .set = set_last},
	{.name = NULL},
};

struct stored {
	bool flag, other;
	const char *text;
};

/* Rows without a function of their own. */
static const struct keyword stored_rows[] = {
	{"flag", 0, NULL, NULL, NULL, KEYWORD_BOOL(struct stored, flag)},
	{"text", 0, NULL, "TEXT", NULL, KEYWORD_TEXT(struct stored, text)},
	{"nothing", KEYWORD_NOTHING, NULL, NULL, NULL},
	{"file", KEYWORD_NOTHING, NULL, "FILE", NULL},
	{.name = NULL},
};

static void a_row_stores_by_itself(void **state)
{
	char *words[] = {(char[]){"file"}, (char[]){"f"}, (char[]){"nothing"},
			 (char[]){"text"}, (char[]){"t"}, (char[]){"flag"},
			 (char[]){"text"}};
	struct args a = {.argv = words, .argc = 6};
	struct args cut = {.argv = words + 6, .argc = 1};
	struct stored got = {.flag = false}, none = {.flag = false};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(keyword_parse(stored_rows, &a, &got, &err), 0);
	assert_true(got.flag && !got.other);
	assert_string_equal(got.text, "t");
	assert_int_equal(keyword_parse(stored_rows, &cut, &none, &err), -EINVAL);
	assert_string_equal(err.text, "'text' needs a value: TEXT");
	assert_true(!none.flag && !none.other && !none.text);
}

static void first_keyword_that_fits_wins(void **state)
{
	(void)state;
	assert_ptr_equal(keyword_find(rows, "d"), &rows[0]);
	assert_ptr_equal(keyword_find(rows, "de"), &rows[0]);
	assert_ptr_equal(keyword_find(rows, "def"), &rows[1]);
	assert_ptr_equal(keyword_find(rows, "direct"), &rows[2]);
	assert_null(keyword_find(rows, "dir"));
	assert_null(keyword_find(rows, ""));
	assert_null(keyword_find(rows, "devx"));
}

static void keywords_are_read_until_a_stranger(void **state)
{
	struct args a = WORDS("def", "dev", "eth0", "default", "show", "dev");
	struct request request = {.flags = 0};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(keyword_parse(rows, &a, &request, &err), 0);
	assert_string_equal(request.dev, "eth0");
	assert_int_equal(request.flags, 2);
	assert_string_equal(args_peek(&a), "show");
}

static void a_keyword_stands_once_unless_it_may_be_repeated(void **state)
{
	struct args twice = WORDS("dev", "a", "d", "b");
	struct args last = WORDS("bpf", "bpf", "dev", "x");
	struct args open = WORDS("dev");
	struct request request = {.flags = 0};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(keyword_parse(rows, &twice, &request, &err), -EINVAL);
	assert_string_equal(err.text, "duplicate 'dev'");
	assert_int_equal(keyword_parse(rows, &last, &request, &err), 0);
	assert_int_equal(last.argc, 3);
	assert_int_equal(keyword_parse(rows, &open, &request, &err), -EINVAL);
	assert_string_equal(err.text, "'dev' needs a value: NAME");
}

static void usage_comes_from_the_rows(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	keyword_usage(rows, &out);
	assert_string_equal(sb_text(&out), "[dev NAME] [default]... [bpf]");
}

static int run_show(struct args *a, void *tool, struct err *err)
{
	(void)a;
	(void)err;
	*(const char **)tool = "show";
	return 0;
}

static int run_check(struct args *a, void *tool, struct err *err)
{
	*(const char **)tool = "check";
	return args_more(a) ? err_say(err, -EINVAL, "what is '%s'?", args_peek(a)) : 1;
}

static const struct verb below[] = {
	{.name = "show", .run = run_show, .synopsis = "[MAP]", .help = "Lists maps."},
	{.name = "check", .run = run_check},
	{.name = NULL},
};
static const struct verb verbs[] = {
	{.name = "map", .verbs = below},
	{.name = "share", .run = run_check, .help = "The proof."},
	{.name = NULL},
};

static int run(struct args a, const char **ran, struct strbuf *usage, struct err *err)
{
	*ran = NULL;
	sb_clear(usage);
	return verb_run("tool", verbs, &a, ran, usage, err);
}

static void verbs_are_found_down_through_tables(void **state)
{
	auto_strbuf usage = STRBUF_INIT;
	auto_err err = ERR_INIT;
	const char *ran;

	(void)state;
	assert_int_equal(run(WORDS("map", "show"), &ran, &usage, &err), 0);
	assert_string_equal(ran, "show");
	/* Prefixes; no word runs the first row; results above 0 pass through. */
	assert_int_equal(run(WORDS("m"), &ran, &usage, &err), 0);
	assert_string_equal(ran, "show");
	assert_int_equal(run(WORDS("map", "c"), &ran, &usage, &err), 1);
	assert_string_equal(ran, "check");
	assert_int_equal(run(WORDS("sh", "extra"), &ran, &usage, &err), -EINVAL);
	assert_string_equal(err.text, "what is 'extra'?");
	assert_string_equal(sb_text(&usage), "");
}

static void an_unknown_verb_names_those_that_exist(void **state)
{
	auto_strbuf usage = STRBUF_INIT;
	auto_err err = ERR_INIT;
	const char *ran;

	(void)state;
	assert_int_equal(run(WORDS("map", "bogus"), &ran, &usage, &err), -EINVAL);
	assert_null(ran);
	assert_string_equal(err.text,
			    "unknown command 'bogus' of 'tool map'; use one of show, "
			    "check, or help");
	assert_int_equal(run(WORDS("map", "chekc"), &ran, &usage, &err), -EINVAL);
	assert_string_equal(err.text,
			    "unknown command 'chekc' of 'tool map'; use one of show, "
			    "check, or help; did you mean 'check'?");
	assert_int_equal(run(WORDS(""), &ran, &usage, &err), -EINVAL);
}

static void help_at_any_level_runs_nothing(void **state)
{
	auto_strbuf usage = STRBUF_INIT;
	auto_err err = ERR_INIT;
	const char *ran;

	(void)state;
	assert_int_equal(run(WORDS("help"), &ran, &usage, &err), 0);
	assert_null(ran);
	assert_string_equal(sb_text(&usage),
			    "tool map show [MAP]\n\tLists maps.\n"
			    "tool map check\ntool share\n\tThe proof.\n");
	assert_int_equal(run(WORDS("map", "h"), &ran, &usage, &err), 0);
	assert_string_equal(sb_text(&usage), "tool map show [MAP]\n\tLists maps.\n"
					     "tool map check\n");
	assert_int_equal(run(WORDS("map", "check", "help"), &ran, &usage, &err), 0);
	assert_null(ran);
	assert_string_equal(sb_text(&usage), "tool map check\n");
}

/* A file without a name before its ".o" would be a word of its own. */
static void a_file_is_a_path_or_an_object(void **state)
{
	(void)state;
	assert_true(args_names_file("a.o"));
	assert_true(args_names_file("./prog"));
	assert_true(args_names_file("/"));
	assert_false(args_names_file(".o"));
	assert_false(args_names_file("o"));
	assert_false(args_names_file("a.c"));
	assert_false(args_names_file(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_a_path_or_an_object),
		cmocka_unit_test(args_are_a_cursor),
		cmocka_unit_test(numbers_are_c_numbers_in_range),
		cmocka_unit_test(prefixes_are_not_empty),
		cmocka_unit_test(a_row_stores_by_itself),
		cmocka_unit_test(first_keyword_that_fits_wins),
		cmocka_unit_test(keywords_are_read_until_a_stranger),
		cmocka_unit_test(a_keyword_stands_once_unless_it_may_be_repeated),
		cmocka_unit_test(usage_comes_from_the_rows),
		cmocka_unit_test(verbs_are_found_down_through_tables),
		cmocka_unit_test(an_unknown_verb_names_those_that_exist),
		cmocka_unit_test(help_at_any_level_runs_nothing),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
