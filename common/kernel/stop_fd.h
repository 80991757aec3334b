/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ctrl-C as something to wait for, so that a command that runs until then ends like any
 * other: what it has is written, brackets are closed.
 */
#ifndef KERNEL_STOP_FD_H
#define KERNEL_STOP_FD_H

#include <signal.h>
#include <stdbool.h>

#include "base/cleanup.h"

struct stop_fd {
	int fd;          /* -1: none */
	sigset_t before; /* what was blocked */
	bool stopped;    /* stop_fd_wait() saw one */
};

#define STOP_FD_INIT     \
	{                \
		.fd = -1 \
	}
#define auto_stop_fd auto_release(stop_fd_release) struct stop_fd

/*
 * From now on SIGINT, SIGTERM and SIGHUP end no process but this wait. -errno. ret needs
 * stop_fd_release(), which gives the signals back their meaning, unless one came: then the
 * command is on its way out, and another one (timeout(1) sends two, to the process and to its
 * group) must not cut its last words.
 */
int stop_fd_init(struct stop_fd *ret) must_check;
void stop_fd_release(struct stop_fd *stop);

/*
 * Waits for the stop, or for other to be readable (-1: nothing else), or until ms went by
 * (-1: for ever). True: stop now.
 */
bool stop_fd_wait(struct stop_fd *stop, int other, int ms) must_check;

#endif
