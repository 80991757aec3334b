/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>

#include "kernel/stop_hold.h"

/* How a process ends that runs fn. */
static int status_of(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		/* A shell ignores it for what runs in the background, nohup the other. */
		signal(SIGINT, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		fn();
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void take_back_then_end(void)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_err err = ERR_INIT;

	stop_hold_begin(&hold);
	if (stop_hold_waits() || stop_hold_check(&err) != 0)
		_exit(1);
	raise(SIGTERM);
	if (!stop_hold_waits() || stop_hold_check(&err) != -EINTR)
		_exit(2);
	stop_hold_release(&hold);
	_exit(3);
}

static void ends_by_the_signal_that_waited(void **state)
{
	int status = status_of(take_back_then_end);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void write_to_a_closed_pipe(void)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	int ends[2];

	stop_hold_begin(&hold);
	if (pipe(ends) < 0 || close(ends[0]) < 0 || write(ends[1], "x", 1) != -1)
		_exit(1);
	if (!stop_hold_waits())
		_exit(2);
	stop_hold_release(&hold);
	_exit(3);
}

static void a_closed_pipe_counts(void **state)
{
	int status = status_of(write_to_a_closed_pipe);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
}

static void ignore_and_go_on(void)
{
	auto_stop_hold hold = STOP_HOLD_INIT;

	signal(SIGHUP, SIG_IGN);
	stop_hold_begin(&hold);
	raise(SIGHUP);
	if (stop_hold_waits())
		_exit(1);
}

static void what_is_ignored_stays_ignored(void **state)
{
	int status = status_of(ignore_and_go_on);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void nest(void)
{
	auto_stop_hold outer = STOP_HOLD_INIT, inner = STOP_HOLD_INIT;

	stop_hold_begin(&outer);
	stop_hold_begin(&inner);
	raise(SIGINT);
	stop_hold_release(&inner);
	if (!stop_hold_waits())
		_exit(1);
	stop_hold_release(&outer);
}

static void the_outer_hold_decides(void **state)
{
	int status = status_of(nest);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_by_the_signal_that_waited),
		cmocka_unit_test(a_closed_pipe_counts),
		cmocka_unit_test(what_is_ignored_stays_ignored),
		cmocka_unit_test(the_outer_hold_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
