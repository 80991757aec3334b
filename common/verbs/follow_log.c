/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <time.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "load/apply.h"
#include "verbs/apply_print.h"
#include "verbs/follow_log.h"

enum { LINES_AT_ONCE = 100, LINES_A_SECOND = 10, SAY_HELD_MS = 1000 };

static uint64_t follow_log_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void follow_log_say_held(struct follow_log *log)
{
	if (log->held)
		log_info("%zu more changes, which are not listed", log->held);
	log->held = 0;
}

static bool follow_log_may(struct follow_log *log)
{
	const uint64_t now = follow_log_now();
	const uint64_t more = log->filled_ms
				      ? (now - log->filled_ms) * LINES_A_SECOND / 1000
				      : LINES_AT_ONCE;

	if (more) {
		log->tokens = log->tokens + more > LINES_AT_ONCE
				      ? LINES_AT_ONCE
				      : log->tokens + (unsigned int)more;
		log->filled_ms = now;
	}
	if (!log->tokens) {
		log->held++;
		return false;
	}
	log->tokens--;
	follow_log_say_held(log);
	return true;
}

static bool step_is_change(const struct apply_step *step)
{
	return step->kind != APPLY_STEP_KEEP && step->kind != APPLY_STEP_REUSE &&
	       step->kind != APPLY_STEP_QDISC && step->kind != APPLY_STEP_PENDING;
}

void follow_log_report(struct follow_log *log, const struct apply_conf *conf,
		       const struct apply_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		auto_strbuf line = STRBUF_INIT;

		if (!step_is_change(&report->steps[i]) || !follow_log_may(log))
			continue;
		apply_print_step(&line, conf, &report->steps[i]);
		if (report->steps[i].kind == APPLY_STEP_REFUSE)
			log_warn("%s: %s", conf->name.text, sb_text(&line));
		else
			log_info("%s: %s", conf->name.text, sb_text(&line));
	}
}

void follow_log_error(struct follow_log *log, const struct apply_conf *conf,
		      const char *text)
{
	if (follow_log_may(log))
		log_warn("%s: %s; tried again later", conf->name.text, text);
}

int follow_log_held(struct follow_log *log)
{
	const uint64_t since = follow_log_now() - log->filled_ms;

	if (!log->held)
		return -1;
	if (since < SAY_HELD_MS)
		return (int)(SAY_HELD_MS - since);
	follow_log_say_held(log);
	return -1;
}
