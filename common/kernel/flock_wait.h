/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An exclusive flock(2), waited for in steps, so that signals are seen and somebody is told. */
#ifndef KERNEL_FLOCK_WAIT_H
#define KERNEL_FLOCK_WAIT_H

#include "base/cleanup.h"

enum { FLOCK_STEP_MS = 10 };

/*
 * step is called before each wait, with how long it was so far; what it returns but 0 ends the
 * wait and is returned. -ETIMEDOUT after limit_ms; else flock's -errno.
 */
int flock_wait(int fd, int limit_ms, int (*step)(int waited_ms, void *ctx),
	       void *ctx) must_check;

#endif
