/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals that end a process, held back while a command does several things that belong
 * together: it looks between its steps whether one came, takes back what it did, and ends
 * by that signal once the hold is released.
 *
 *	auto_stop_hold hold = STOP_HOLD_INIT;       declared first, so released last
 *
 *	stop_hold_begin(&hold);
 *	for (... each step ...)
 *		r = stop_hold_check(err);           then the step itself
 *	r < 0: take back;  else keep
 */
#ifndef KERNEL_STOP_HOLD_H
#define KERNEL_STOP_HOLD_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

struct stop_hold {
	sigset_t before; /* what was blocked */
	bool active;
};

#define STOP_HOLD_INIT          \
	{                       \
		.active = false \
	}
#define auto_stop_hold auto_release(stop_hold_release) struct stop_hold

/*
 * From now on SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2 and SIGPIPE wait, of
 * this thread. What the caller ignores (nohup) stays ignored. SIGKILL cannot wait. Holds
 * may be nested; a second begin of one hold does nothing.
 */
void stop_hold_begin(struct stop_hold *hold);

/*
 * Does one of them wait? Also true without a hold if the caller's caller blocks it. In a library
 * (kernel/kernel_scope.h) never.
 */
bool stop_hold_waits(void);

/* 0, or -EINTR: "interrupted: Terminated (signal 15)". */
int stop_hold_check(struct err *err) must_check;

/*
 * Gives the signals back their meaning: where one waits and no outer hold blocks it, this
 * ends the process. Nothing for a hold that was not begun.
 */
void stop_hold_release(struct stop_hold *hold);

#endif
