/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is to be looked at, and what is tried again later. */
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "load/follow_private.h"

enum {
	/* By events, beyond what is there: more of them are a look at everything. */
	TOUCHED_MAX = 65536,
	BACKOFF_FIRST = 50, /* ms */
	BACKOFF_MAX = 60000,
};

uint64_t follow_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- places --- */

void follow_touches_drop(struct follow_touch **list, size_t *nr)
{
	for (size_t i = 0; i < *nr; i++)
		free((*list)[i].name);
	free(*list);
	*list = NULL;
	*nr = 0;
}

/* What is there has its limits already; events have none, whoever makes them. */
static bool touch_is_too_much(struct follow *f)
{
	const size_t most = f->most_touched + TOUCHED_MAX;

	if (f->looking) {
		f->most_touched = f->nr_touched + f->nr_owed;
		return false;
	}
	if (f->nr_touched + f->nr_owed < most)
		return false;
	f->look_nets = f->look_dirs = f->flooded = true;
	return true;
}

void follow_touch(struct follow *f, enum follow_touch_kind kind, uint64_t netns,
		  uint64_t id, const char *name)
{
	if (touch_is_too_much(f))
		return;
	array_grow(f->touched, f->nr_touched);
	f->touched[f->nr_touched] =
		(struct follow_touch){.kind = kind, .netns = netns, .id = id};
	f->nr_touched++;
	if (name)
		f->touched[f->nr_touched - 1].name = xstrdup(name);
}

static unsigned int touch_backoff(unsigned int tries)
{
	const unsigned int doubled = tries < 12 ? BACKOFF_FIRST << tries : BACKOFF_MAX;

	return doubled < BACKOFF_MAX ? doubled : BACKOFF_MAX;
}

void follow_again(struct follow *f, struct follow_touch *touch, bool later)
{
	struct follow_touch again = *touch;

	*touch = (struct follow_touch){.kind = FOLLOW_SWEEP};
	if (again.kind == FOLLOW_SWEEP || touch_is_too_much(f)) {
		free(again.name);
		return;
	}
	if (later) {
		again.due = follow_now() + touch_backoff(again.tries++);
		array_grow(f->owed, f->nr_owed);
		f->owed[f->nr_owed++] = again;
	} else {
		array_grow(f->touched, f->nr_touched);
		f->touched[f->nr_touched++] = again;
	}
}

void follow_touch_due(struct follow *f)
{
	const uint64_t now = follow_now();
	size_t kept = 0;

	for (size_t i = 0; i < f->nr_owed; i++) {
		if (f->owed[i].due > now) {
			f->owed[kept++] = f->owed[i];
			continue;
		}
		array_grow(f->touched, f->nr_touched);
		f->touched[f->nr_touched++] = f->owed[i];
	}
	f->nr_owed = kept;
}

/* --- looks, and the whole file --- */

void follow_failed(struct follow *f, enum follow_whole what)
{
	struct follow_retry *retry = &f->retries[what];

	if (retry->at > follow_now())
		return;
	retry->backoff = retry->backoff ? retry->backoff * 2 : BACKOFF_FIRST;
	if (retry->backoff > BACKOFF_MAX)
		retry->backoff = BACKOFF_MAX;
	retry->at = follow_now() + retry->backoff;
}

void follow_done(struct follow *f, enum follow_whole what)
{
	f->retries[what] = (struct follow_retry){.at = 0};
}

bool follow_may(const struct follow *f, enum follow_whole what)
{
	return f->retries[what].at <= follow_now();
}

uint64_t follow_next_due(const struct follow *f)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < f->nr_owed; i++)
		next = f->owed[i].due < next ? f->owed[i].due : next;
	for (size_t i = 0; i < FOLLOW_RETRIES; i++)
		if (f->retries[i].at && f->retries[i].at < next)
			next = f->retries[i].at;
	return next == UINT64_MAX ? 0 : next;
}
