/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A line on a terminal that says how far a long command is. It is no remark for a log but
 * rewritten in place, so it goes to stderr itself, and only if that is a terminal.
 */
#ifndef VERBS_PROGRESS_H
#define VERBS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "load: elements" */
	bool on;
	uint64_t shown_ms; /* when it was last written */
};

/* what is borrowed; where stderr is no terminal nothing is said. */
void progress_init(struct progress *ret, const char *what);
/* At most ten times a second. */
void progress_at(struct progress *progress, uint64_t count);
/* Clears the line, for what comes next; a second time does nothing. */
void progress_release(struct progress *progress);

#endif
