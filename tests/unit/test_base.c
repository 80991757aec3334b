/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/args.h"
#include "base/err.h"
#include "base/log.h"

#define WORDS(...)                                                        \
	(struct args)                                                     \
	{                                                                 \
		.argv = (char **)(const char *[]){__VA_ARGS__},           \
		.argc = (int)array_size(((const char *[]){__VA_ARGS__})), \
	}

static void err_set_adds_the_errno_in_words(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, -ENOENT, "pin '%s'", "/x"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "pin '/x': No such file or directory");
	err_set(&err, -524, "batch");
	assert_string_equal(err.text, "batch: Operation not supported");
}

static void err_say_is_complete_and_context_goes_in_front(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_say(&err, -EINVAL, "no map"), -EINVAL);
	assert_string_equal(err.text, "no map");
	assert_int_equal(err_context(&err, "object '%s'", "a.o"), -EINVAL);
	assert_string_equal(err.text, "object 'a.o': no map");
}

static void err_status_lives_until_the_next_error(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	err_say(&err, -EINVAL, "usage");
	assert_int_equal(err_status(&err, 1), -EINVAL);
	assert_int_equal(err.status, 1);
	err_say(&err, -EPERM, "kernel");
	assert_int_equal(err.status, 0);
}

static void err_shows_what_would_write_to_a_terminal(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	err_say(&err, -EINVAL, "a\nb\x1b[2J\x7f");
	assert_string_equal(err.text, "a\\x0ab\\x1b[2J\\x7f");
	err_context(&err, "c\td");
	assert_string_equal(err.text, "c\\x09d: a\\x0ab\\x1b[2J\\x7f");
	/* UTF-8 is text; U+009B is the one-character form of ESC [. */
	err_say(&err, -EINVAL, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xc2\x9b");
	assert_string_equal(err.text, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \\xc2\\x9b");
	/* Bytes that are no UTF-8: lone continuation, cut sequence. */
	err_say(&err, -EINVAL, "\x9b\xe2\x82");
	assert_string_equal(err.text, "\\x9b\\xe2\\x82");
}

static void err_cuts_and_never_overruns(void **state)
{
	auto_err err = ERR_INIT;
	char *longer = malloc(2 * ERR_TEXT_MAX);

	(void)state;
	memset(longer, '\x01', 2 * ERR_TEXT_MAX);
	longer[2 * ERR_TEXT_MAX - 1] = '\0';
	err_set(&err, -EINVAL, "%s", longer);
	assert_true(strlen(err.text) < ERR_TEXT_MAX);
	assert_memory_equal(err.text, "\\x01\\x01", 8);
	/* Whole escapes only. */
	assert_int_equal(strlen(err.text) % 4, 0);
	err_context(&err, "%s", longer);
	assert_true(strlen(err.text) < ERR_TEXT_MAX);
	free(longer);
}

static void err_release_frees_the_log_and_forgets(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_say(&err, -EINVAL, "x");
	err.log = xstrdup("verifier");
	err_release(&err);
	assert_null(err.log);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.text, "");
}

static void strbuf_is_text_from_the_start(void **state)
{
	auto_strbuf sb = STRBUF_INIT;
	char *taken;

	(void)state;
	assert_string_equal(sb_text(&sb), "");
	sb_add_sep(&sb, ", ", "a");
	sb_add_sep(&sb, ", ", "b");
	sb_add_char(&sb, '!');
	sb_addf(&sb, " %d", 7);
	sb_add_mem(&sb, "xyz", 2);
	assert_string_equal(sb_text(&sb), "a, b! 7xy");
	assert_int_equal(sb.len, 9);
	taken = sb_take(&sb);
	assert_string_equal(taken, "a, b! 7xy");
	free(taken);
	assert_string_equal(sb_text(&sb), "");
	taken = sb_take(&sb);
	assert_string_equal(taken, "");
	free(taken);
}

static void strbuf_keeps_memory_when_cleared_and_grows(void **state)
{
	auto_strbuf sb = STRBUF_INIT;
	const char *before;

	(void)state;
	for (int i = 0; i < 1000; i++)
		sb_addf(&sb, "%03d,", i);
	assert_int_equal(sb.len, 4000);
	assert_memory_equal(sb_text(&sb) + 3996, "999,", 5);
	before = sb.text;
	sb_clear(&sb);
	assert_string_equal(sb_text(&sb), "");
	sb_add(&sb, "x");
	assert_ptr_equal(sb.text, before);
	sb_add_mem(&sb, NULL, 0);
	assert_string_equal(sb_text(&sb), "x");
}

static void arrays_grow_without_a_counter(void **state)
{
	int *items = NULL;
	size_t nr = 0;

	(void)state;
	/* Under ASan every write behind the end of a too small array fails. */
	while (nr < 5000) {
		array_grow(items, nr);
		items[nr] = (int)nr;
		nr++;
	}
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(items[i], i);
	free(items);
}

static void copies_are_copies(void **state)
{
	auto_free char *s = xstrndup("abc", 2), *f = xasprintf("%s-%d", "x", 1);
	auto_free char *m = xmemdup("abc", 3);

	(void)state;
	assert_string_equal(s, "ab");
	assert_string_equal(f, "x-1");
	assert_memory_equal(m, "abc", 3);
	assert_null(xmemdup(NULL, 3));
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
			    "'bogus' is no command of 'tool map': use one of show, "
			    "check, or help");
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

static char logged[256];

static void keep_line(enum log_level level, const char *line)
{
	snprintf(logged, sizeof(logged), "%d %s", level, line);
}

static void the_log_has_one_sink_and_a_threshold(void **state)
{
	(void)state;
	log_to(keep_line, LOG_INFO);
	log_info("made '%s'", "x");
	assert_string_equal(logged, "1 made 'x'");
	log_debug("hidden");
	assert_string_equal(logged, "1 made 'x'");
	assert_false(log_wants(LOG_DEBUG));
	log_warn("w");
	assert_string_equal(logged, "0 w");
	log_to(NULL, LOG_DEBUG);
	log_warn("nobody listens");
	assert_string_equal(logged, "0 w");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_set_adds_the_errno_in_words),
		cmocka_unit_test(err_say_is_complete_and_context_goes_in_front),
		cmocka_unit_test(err_status_lives_until_the_next_error),
		cmocka_unit_test(err_shows_what_would_write_to_a_terminal),
		cmocka_unit_test(err_cuts_and_never_overruns),
		cmocka_unit_test(err_release_frees_the_log_and_forgets),
		cmocka_unit_test(strbuf_is_text_from_the_start),
		cmocka_unit_test(strbuf_keeps_memory_when_cleared_and_grows),
		cmocka_unit_test(arrays_grow_without_a_counter),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(args_are_a_cursor),
		cmocka_unit_test(numbers_are_c_numbers_in_range),
		cmocka_unit_test(prefixes_are_not_empty),
		cmocka_unit_test(first_keyword_that_fits_wins),
		cmocka_unit_test(keywords_are_read_until_a_stranger),
		cmocka_unit_test(a_keyword_stands_once_unless_it_may_be_repeated),
		cmocka_unit_test(usage_comes_from_the_rows),
		cmocka_unit_test(verbs_are_found_down_through_tables),
		cmocka_unit_test(an_unknown_verb_names_those_that_exist),
		cmocka_unit_test(help_at_any_level_runs_nothing),
		cmocka_unit_test(the_log_has_one_sink_and_a_threshold),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
