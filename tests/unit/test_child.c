/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "kernel/child.h"

static volatile sig_atomic_t ticks;

static void tick(int signal)
{
	(void)signal;
	ticks++;
}

/* Signals of a program that embeds us interrupt a wait, and are no failure of the child. */
static void signals_do_not_end_the_wait(void **state)
{
	static const char *const argv[] = {"sleep", "0.2", NULL};
	const struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
	struct sigaction handler = {.sa_handler = tick}, before;
	auto_strbuf out = STRBUF_INIT;
	auto_err err = ERR_INIT;
	int r;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &handler, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	r = child_filter(argv, "", &out, &err);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_true(ticks > 1);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
}

/* What exec would give back to root is out of the bounding set, where that may be changed. */
static void a_child_has_no_capability(void **state)
{
	static const char *const names[] = {
		"CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "CapBnd:"};
	static const char *const argv[] = {"cat", "/proc/self/status", NULL};
	const size_t nr = sizeof(names) / sizeof(*names) - (geteuid() == 0 ? 0 : 1);
	auto_strbuf out = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(child_filter(argv, "", &out, &err), 0);
	assert_non_null(strstr(sb_text(&out), "NoNewPrivs:\t1"));
	for (size_t i = 0; i < nr; i++) {
		const char *line = strstr(sb_text(&out), names[i]);

		assert_non_null(line);
		assert_memory_equal(line + strlen(names[i]), "\t0000000000000000\n", 18);
	}
}

static void what_a_child_says_and_how_it_ends(void **state)
{
	static const char *const cat[] = {"cat", NULL}, *const fails[] = {"false", NULL},
				 *const none[] = {"no-such-program-here", NULL},
				 *const directory[] = {"/", NULL},
				 *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
	auto_strbuf out = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(child_filter(cat, "in and out", &out, &err), 0);
	assert_string_equal(sb_text(&out), "in and out");
	assert_int_equal(child_filter(fails, "", &out, &err), -EIO);
	assert_string_equal(err.text, "'false' ended with status 1");
	assert_int_equal(child_filter(none, "", &out, &err), -ENOENT);
	assert_string_equal(err.text, "'no-such-program-here' is not installed");
	assert_int_equal(child_filter(directory, "", &out, &err), -EIO);
	assert_string_equal(err.text, "'/' cannot be executed");
	assert_int_equal(child_filter(killed, "", &out, &err), -EIO);
	assert_string_equal(err.text, "'sh' was ended by signal 9 (Killed)");
	assert_string_equal(sb_text(&out), "in and out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_do_not_end_the_wait),
		cmocka_unit_test(a_child_has_no_capability),
		cmocka_unit_test(what_a_child_says_and_how_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
