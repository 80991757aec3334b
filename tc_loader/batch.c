/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "batch.h"
#include "kernel/stop_hold.h"
#include "tc.h"
#include "verbs/batch_file.h"

static int batch_run_command(struct strbuf *text, const struct batch_calls *calls)
{
	auto_free char **words = NULL;
	struct args a = {.argc = 0};
	auto_err err = ERR_INIT;

	if (batch_file_split(text, &words, &a.argc, &err) < 0) {
		calls->say(&err, calls->ctx);
		return TC_USAGE;
	}
	a.argv = words;
	return a.argc > 0 ? calls->line(&a, calls->ctx) : 0;
}

static void failed_at(const char *path, size_t line, const struct batch_calls *calls)
{
	auto_err err = ERR_INIT;

	err_say(&err, -EINVAL, "Command failed %s:%zu", path, line);
	calls->say(&err, calls->ctx);
}

int batch_run(const char *path, bool force, const struct batch_calls *calls,
	      struct err *err)
{
	auto_file FILE *opened = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	FILE *file = opened ? opened : stdin;
	auto_strbuf text = STRBUF_INIT;
	size_t line = 0;
	int r, status = 0;

	if (!opened && strcmp(path, "-") != 0) {
		err_set(err, -errno, "batch file '%s'", path);
		err_hint_path(err, path);
		return err_status(err, TC_USAGE);
	}
	while ((r = batch_file_next(file, &text, &line, err)) > 0) {
		r = batch_run_command(&text, calls);
		/* What ended a watch, and waits, is meant for the batch too. */
		if (stop_hold_check(err) < 0) {
			err_context(err, "batch file '%s'", path);
			return err_status(err, TC_USAGE);
		}
		if (r == 0)
			continue;
		if (r == TC_FATAL)
			return r;
		failed_at(path, line, calls);
		status = TC_USAGE;
		if (!force)
			return status;
	}
	if (r == 0)
		return status;
	err_context(err, "batch file '%s'", path);
	return err_status(err, TC_USAGE);
}
