/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ctrl-C as something to wait for, so that a command that runs until then ends like any
 * other: what it has is written, brackets are closed.
 */
#ifndef KERNEL_STOP_FD_H
#define KERNEL_STOP_FD_H

#include <stdbool.h>

#include "base/cleanup.h"

/*
 * Readable once SIGINT, SIGTERM or SIGHUP came; they do not end the process any more. One
 * for the whole process, to be opened by a command that will end it. The caller closes.
 */
int stop_fd_open(void) must_check;

/*
 * Waits for the stop, or for other to be readable (-1: nothing else), or until ms went by
 * (-1: for ever). True: stop now.
 */
bool stop_fd_wait(int stop_fd, int other, int ms) must_check;

#endif
