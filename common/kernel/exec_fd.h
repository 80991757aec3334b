/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Another program, run with our rights and by its descriptor, so that what was looked at is
 * what runs (kernel/root_file.h; a guest that needs no rights is kernel/child.h's). It gets
 * the environment, the standard streams, the signal mask and dispositions that we were
 * given; nothing else that is ours.
 *
 * argv ends with NULL; path is for messages. A script cannot be run this way: its
 * interpreter would find the descriptor closed.
 */
#ifndef KERNEL_EXEC_FD_H
#define KERNEL_EXEC_FD_H

#include <stdbool.h>

#include "base/err.h"

/* Becomes the program: returns only -errno. What stdio still holds must be flushed before. */
int exec_fd_become(int fd, const char *path, const char *const argv[],
		   struct err *err) must_check;

/*
 * Runs it and waits. *ret is its exit status. no_input: its standard input is empty, where
 * ours is read line by line. It is told to end (SIGTERM) if we are killed. -EIO: a signal
 * ended it.
 */
int exec_fd_run(int fd, const char *path, const char *const argv[], bool no_input,
		int *ret, struct err *err) must_check;

#endif
