/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/utf8.h"

static struct {
	log_sink_fn sink;
	enum log_level threshold;
} log_state;

static __thread struct log_scope *log_innermost;

void log_to(log_sink_fn sink, enum log_level threshold)
{
	log_state.sink = sink;
	log_state.threshold = threshold;
}

void log_scope_begin(struct log_scope *scope)
{
	scope->outer = log_innermost;
	log_innermost = scope;
}

void log_scope_end(struct log_scope *scope)
{
	log_innermost = scope->outer;
}

const struct log_scope *log_scope(void)
{
	return log_innermost;
}

bool log_wants(enum log_level level)
{
	const struct log_scope *scope = log_innermost;

	if (scope)
		return scope->sink && level <= scope->threshold;
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
	if (log_innermost)
		log_innermost->sink(log_innermost->data, level, line);
	else
		log_state.sink(level, line);
}
