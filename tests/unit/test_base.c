/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strbuf.h"

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

static void context_without_a_reason_is_no_success(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_context(&err, "object '%s'", "a.o"), -EIO);
	assert_string_equal(err.text, "object 'a.o': unknown reason: Input/output error");
	assert_int_equal(err.code, -EIO);
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
	facts_text(&err.facts, "map", "stats");
	err_release(&err);
	assert_null(err.log);
	assert_int_equal(err.facts.nr, 0);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.text, "");
}

static void err_knows_its_kind(void **state)
{
	static const struct {
		int code;
		bool said; /* without errno's words */
		const char *kind;
	} cases[] = {
		{-EINVAL, true, "usage"},
		{-EINVAL, false, "failed"},
		{-ENOENT, false, "missing"},
		{-ENODEV, true, "missing"},
		{-EMEDIUMTYPE, true, "missing"},
		{-EPERM, true, "permission"},
		{-EACCES, false, "permission"},
		{-EEXIST, true, "exists"},
		{-EBUSY, false, "busy"},
		{-ETIMEDOUT, true, "busy"},
		{-EOPNOTSUPP, true, "unsupported"},
		{-524, false, "unsupported"},
		{-ENOMEM, false, "failed"},
	};
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		if (cases[i].said)
			err_say(&err, cases[i].code, "x");
		else
			err_set(&err, cases[i].code, "x");
		assert_string_equal(err_kind_name(err.kind), cases[i].kind);
	}
	assert_int_equal(err_is(&err, ERR_CONFLICT), -ENOMEM);
	err_context(&err, "map");
	assert_string_equal(err_kind_name(err.kind), "conflict");
	err_say(&err, -EINVAL, "another");
	assert_string_equal(err_kind_name(err.kind), "usage");
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

/* --- a guard --- */

static int opened_fd;

static int fail_deep_inside(void *arg)
{
	auto_close int fd = opened_fd = dup(0);
	auto_free char *text = xstrdup("freed on the way");
	auto_strbuf more = STRBUF_INIT;

	(void)fd; /* its scope closes it */

	for (int i = 0; i < 1000; i++)
		sb_add(&more, text);
	*(int *)arg = 1;
	return 7;
}

static int fail_in_an_inner_guard(void *arg)
{
	int inner;

	alloc_fail_at(1);
	inner = alloc_guard(fail_deep_inside, arg);
	alloc_fail_at(0);
	return inner == -ENOMEM ? alloc_guard(fail_deep_inside, arg) : inner;
}

static void a_failing_allocation_ends_at_the_guard(void **state)
{
	int done = 0, n = 0;

	(void)state;
	do {
		done = 0;
		alloc_fail_at((unsigned long)++n);
		if (alloc_guard(fail_deep_inside, &done) == 7)
			break;
		assert_true(alloc_has_failed());
		assert_int_equal(done, 0);
		/* The scope's descriptor is closed, its memory is the leak checker's to miss. */
		assert_int_equal(fcntl(opened_fd, F_GETFD), -1);
	} while (n < 100);
	assert_false(alloc_has_failed());
	alloc_fail_at(0);
	assert_true(n > 5 && n < 100);
	assert_int_equal(done, 1);
	assert_int_equal(alloc_guard(fail_in_an_inner_guard, &done), 7);
	assert_false(alloc_is_guarded());
}

static void keep_scoped(void *data, enum log_level level, const char *line)
{
	(void)level;
	snprintf(data, 32, "%s", line);
}

static void a_scope_of_the_log_hides_the_process(void **state)
{
	char line[32] = "", inner_line[32] = "";
	struct log_scope scope = {
		.sink = keep_scoped, .data = line, .threshold = LOG_INFO};
	struct log_scope inner = {.sink = keep_scoped, .data = inner_line};

	(void)state;
	log_to(keep_line, LOG_DEBUG);
	log_scope_begin(&scope);
	log_info("outer");
	log_scope_begin(&inner);
	log_warn("inner");
	assert_false(log_wants(LOG_INFO));
	log_scope_end(&inner);
	assert_false(log_wants(LOG_DEBUG));
	log_scope_end(&scope);
	assert_true(log_wants(LOG_DEBUG));
	log_to(NULL, LOG_WARN);
	assert_string_equal(line, "outer");
	assert_string_equal(inner_line, "inner");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(context_without_a_reason_is_no_success),
		cmocka_unit_test(err_set_adds_the_errno_in_words),
		cmocka_unit_test(err_say_is_complete_and_context_goes_in_front),
		cmocka_unit_test(err_status_lives_until_the_next_error),
		cmocka_unit_test(err_shows_what_would_write_to_a_terminal),
		cmocka_unit_test(err_cuts_and_never_overruns),
		cmocka_unit_test(err_release_frees_the_log_and_forgets),
		cmocka_unit_test(err_knows_its_kind),
		cmocka_unit_test(strbuf_is_text_from_the_start),
		cmocka_unit_test(strbuf_keeps_memory_when_cleared_and_grows),
		cmocka_unit_test(arrays_grow_without_a_counter),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(the_log_has_one_sink_and_a_threshold),
		cmocka_unit_test(a_failing_allocation_ends_at_the_guard),
		cmocka_unit_test(a_scope_of_the_log_hides_the_process),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
