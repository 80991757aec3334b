/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "kernel/flock_wait.h"

int flock_wait(int fd, int limit_ms, int (*step)(int waited_ms, void *ctx), void *ctx)
{
	const struct timespec pause = {.tv_nsec = FLOCK_STEP_MS * 1000000L};

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += FLOCK_STEP_MS) {
		int r;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= limit_ms)
			return -ETIMEDOUT;
		r = step(waited, ctx);
		if (r != 0)
			return r;
		nanosleep(&pause, NULL);
	}
	return 0;
}
