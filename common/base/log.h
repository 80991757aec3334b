/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything said to the user beside the result: one line each. A tool's main sets the sink
 * and the threshold of the process, tests replace them; a library, which has no process of
 * its own, sets a scope for the thread while one of its functions runs.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/cleanup.h"

/* Most important first. */
enum log_level { LOG_WARN, LOG_INFO, LOG_DEBUG };

/* line has no newline; control bytes in it are shown as \xNN (base/utf8.h). */
typedef void (*log_sink_fn)(enum log_level level, const char *line);

/* NULL silences. Default: nothing is printed until main asks for it. */
void log_to(log_sink_fn sink, enum log_level threshold);
bool log_wants(enum log_level level);

/* For this thread, in the place of what log_to() said, until the end of the scope. */
struct log_scope {
	void (*sink)(void *data, enum log_level level,
		     const char *line); /* NULL: silence */
	void *data;
	enum log_level threshold;
	struct log_scope *outer; /* log_scope_begin()'s */
};
/* Scopes nest. The struct is the caller's and stays where it is until the end. */
void log_scope_begin(struct log_scope *scope);
void log_scope_end(struct log_scope *scope);
/* The innermost one of this thread, for another thread that works for it; NULL: none. */
const struct log_scope *log_scope(void);

/* One remark to the sink, if it wants that level; without newline. */
void log_say(enum log_level level, const char *fmt, ...) printf_like(2, 3);

/* "warning: ..." */
#define log_warn(...) log_say(LOG_WARN, __VA_ARGS__)
/* What was done where the user may care: "map 'stats': shared at PATH (reused id 27)". */
#define log_info(...)  log_say(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_say(LOG_DEBUG, __VA_ARGS__)

#endif
