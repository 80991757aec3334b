/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "verbs/progress.h"

enum { EVERY_MS = 100 };

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_init(struct progress *ret, const char *what)
{
	*ret = (struct progress){
		.what = what,
		.on = isatty(STDERR_FILENO) == 1,
		.shown_ms = now_ms(),
	};
}

void progress_at(struct progress *progress, uint64_t count)
{
	uint64_t now;

	if (!progress->on)
		return;
	now = now_ms();
	if (now - progress->shown_ms < EVERY_MS)
		return;
	progress->shown_ms = now;
	fprintf(stderr, "\r%s %" PRIu64, progress->what, count);
}

void progress_release(struct progress *progress)
{
	if (progress->on)
		fputs("\r\033[K", stderr);
}
