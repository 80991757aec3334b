/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "kernel/kernel_scope.h"
#include "kernel/stop_hold.h"

/* What usually ends a process and comes from outside; a fault of our own must not wait. */
static const int enders[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
			     SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE};

/* A blocked signal waits although it is ignored; it does not count. */
static bool is_ignored(int signo)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void stop_hold_begin(struct stop_hold *hold)
{
	sigset_t set;

	if (hold->active)
		return;
	sigemptyset(&set);
	for (size_t i = 0; i < array_size(enders); i++)
		sigaddset(&set, enders[i]);
	hold->active = sigprocmask(SIG_BLOCK, &set, &hold->before) == 0;
}

/* 0: none */
static int waiting_signal(void)
{
	sigset_t waiting;

	/* What a library's caller has blocked is his to fetch. */
	if (kernel_scope() || sigpending(&waiting) < 0)
		return 0;
	for (size_t i = 0; i < array_size(enders); i++)
		if (sigismember(&waiting, enders[i]) == 1 && !is_ignored(enders[i]))
			return enders[i];
	return 0;
}

bool stop_hold_waits(void)
{
	return waiting_signal() != 0;
}

int stop_hold_check(struct err *err)
{
	int signo = waiting_signal();

	return signo ? err_say(err, -EINTR, "interrupted: %s (signal %d)",
			       strsignal(signo), signo)
		     : 0;
}

void stop_hold_release(struct stop_hold *hold)
{
	int saved = errno;

	if (hold->active)
		sigprocmask(SIG_SETMASK, &hold->before, NULL);
	hold->active = false;
	errno = saved;
}
