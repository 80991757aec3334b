/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <poll.h>
#include <sys/signalfd.h>

#include "kernel/stop_fd.h"

static sigset_t stop_fd_stops(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

int stop_fd_init(struct stop_fd *ret)
{
	struct stop_fd stop = STOP_FD_INIT;
	sigset_t set = stop_fd_stops();
	int r;

	if (sigprocmask(SIG_BLOCK, &set, &stop.before) < 0)
		return -errno;
	stop.fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (stop.fd < 0) {
		r = -errno;
		sigprocmask(SIG_SETMASK, &stop.before, NULL);
		return r;
	}
	*ret = stop;
	return 0;
}

void stop_fd_release(struct stop_fd *stop)
{
	if (stop->fd < 0)
		return;
	if (!stop->stopped)
		sigprocmask(SIG_SETMASK, &stop->before, NULL);
	cleanup_close(&stop->fd);
	stop->fd = -1;
}

bool stop_fd_wait(struct stop_fd *stop, int other, int ms)
{
	struct pollfd fds[] = {
		{.fd = stop->fd, .events = POLLIN},
		{.fd = other, .events = POLLIN},
	};

	if (poll(fds, 2, ms) > 0 && fds[0].revents)
		stop->stopped = true;
	return stop->stopped;
}
