/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one way in and out. */
#include "base/alloc.h"
#include "base/log.h"
#include "door/door_private.h"
#include "kernel/kernel_scope.h"

struct door_call {
	int (*fn)(void *call, struct err *err);
	void *call;
	struct err *err;
	bool done;
};

static int door_guarded(void *arg)
{
	struct door_call *c = arg;
	int r = c->fn(c->call, c->err);

	c->done = true;
	return r;
}

static void door_message(void *data, enum log_level level, const char *line)
{
	static const enum mapshare_level levels[] = {
		[LOG_WARN] = MAPSHARE_WARN,
		[LOG_INFO] = MAPSHARE_INFO,
		[LOG_DEBUG] = MAPSHARE_DEBUG,
	};
	const struct mapshare *ms = data;

	ms->message(ms->data, levels[level], line);
}

static int door_enter(struct mapshare *ms, int (*fn)(void *call, struct err *err),
		      void *call, struct err *err)
{
	struct log_scope log = {.sink = ms->message ? door_message : NULL,
				.data = ms,
				.threshold = LOG_DEBUG};
	struct kernel_scope scope = {.bpffs = ms->bpffs,
				     .may_mount = ms->flags & MAPSHARE_MOUNT_BPFFS,
				     .caller_pins = ms->flags & MAPSHARE_CALLER_PINS};
	struct door_call c = {.fn = fn, .call = call, .err = err};
	int r;

	log_scope_begin(&log);
	kernel_scope_begin(&scope);
	r = alloc_guard(door_guarded, &c);
	/* What it had in mind to say was perhaps cut short. */
	if (!c.done) {
		err_release(err);
		err_say(err, r, "out of memory");
	}
	kernel_scope_end(&scope);
	log_scope_end(&log);
	return r;
}

int door_run(struct mapshare *ms, int (*fn)(void *call, struct err *err), void *call)
{
	err_release(&ms->err);
	return door_enter(ms, fn, call, &ms->err);
}

void door_run_quietly(struct mapshare *ms, int (*fn)(void *call, struct err *err),
		      void *call)
{
	auto_err err = ERR_INIT;

	if (door_enter(ms, fn, call, &err) < 0 && ms->message)
		ms->message(ms->data, MAPSHARE_WARN, err.text);
}
