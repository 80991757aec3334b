/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything said to the user beside the result: one line each, on stderr. The sink and
 * the threshold are the only mutable globals of the project; main sets them, tests
 * replace them.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/cleanup.h"

enum log_level { LOG_WARN, LOG_INFO, LOG_DEBUG };

/* line has no newline; control bytes in it are shown as \xNN (base/utf8.h). */
typedef void (*log_sink_fn)(enum log_level level, const char *line);

/* NULL silences. Default: nothing is printed until main asks for it. */
void log_to(log_sink_fn sink, enum log_level threshold);
bool log_wants(enum log_level level);

void log_say(enum log_level level, const char *fmt, ...) printf_like(2, 3);

/* "warning: ..." */
#define log_warn(...) log_say(LOG_WARN, __VA_ARGS__)
/* What was done where the user may care: "map 'stats': shared at PATH (reused id 27)". */
#define log_info(...)  log_say(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_say(LOG_DEBUG, __VA_ARGS__)

#endif
