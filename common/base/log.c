/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/utf8.h"

static struct {
	log_sink_fn sink;
	enum log_level threshold;
} log_state;

void log_to(log_sink_fn sink, enum log_level threshold)
{
	log_state.sink = sink;
	log_state.threshold = threshold;
}

bool log_wants(enum log_level level)
{
	return log_state.sink && level <= log_state.threshold;
}

void log_say(enum log_level level, const char *fmt, ...)
{
	char raw[4096], line[4096];
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	utf8_copy_visible(line, sizeof(line), raw);
	log_state.sink(level, line);
}
