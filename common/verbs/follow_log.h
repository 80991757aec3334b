/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A line for each change of what is followed. Whoever may make cgroups could fill a disk with
 * them: beyond some lines at once, and a few each second, they are counted instead, and how
 * many they were is said.
 */
#ifndef VERBS_FOLLOW_LOG_H
#define VERBS_FOLLOW_LOG_H

#include <stddef.h>
#include <stdint.h>

struct apply_conf;
struct apply_report;

struct follow_log {
	uint64_t filled_ms; /* when tokens were last added */
	unsigned int tokens;
	size_t held; /* lines that were not printed, and not said */
};

/* What of the report is a change, or was refused. */
void follow_log_report(struct follow_log *log, const struct apply_conf *conf,
		       const struct apply_report *report);
/* An error, under the same limit. */
void follow_log_error(struct follow_log *log, const struct apply_conf *conf,
		      const char *text);
/* How many were held back, if it is time to say so; ms until it is, -1: there is nothing. */
int follow_log_held(struct follow_log *log);

#endif
