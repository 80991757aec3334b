/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "batch.h"
#include "tc.h"

#define BLANKS " \t\r\n"

int batch_split(char *text, char ***ret, int *nr, struct err *err)
{
	auto_free char **words = NULL;
	int n = 0;

	for (;;) {
		const char *end_marks = BLANKS;

		text += strspn(text, BLANKS);
		if (!*text)
			break;
		if (*text == '\'' || *text == '"')
			end_marks = *text++ == '"' ? "\"" : "'";
		array_grow(words, (size_t)n);
		words[n++] = text;
		text += strcspn(text, end_marks);
		if (!*text && end_marks[1] == '\0')
			return err_say(err, -EINVAL, "a %s is not closed", end_marks);
		if (*text)
			*text++ = '\0';
	}
	*ret = take_ptr(words);
	*nr = n;
	return 0;
}

/*
 * Reads one command, joined from its lines. 1: there is one, 0: the end. -EINVAL: the
 * file ends where the line was to go on; half a command is not run.
 */
static int read_command(FILE *file, struct strbuf *text, size_t *line, struct err *err)
{
	auto_free char *piece = NULL;
	size_t cap = 0;
	ssize_t len;

	sb_clear(text);
	while ((len = getline(&piece, &cap, file)) >= 0) {
		char *comment = memchr(piece, '#', (size_t)len);

		(*line)++;
		if (comment) {
			len = comment - piece;
		} else if (len > 1 && piece[len - 1] == '\n' && piece[len - 2] == '\\') {
			sb_add_mem(text, piece, (size_t)len - 2);
			continue;
		}
		sb_add_mem(text, piece, (size_t)len);
		return 1;
	}
	if (ferror(file))
		return err_set(err, -EIO, "read");
	return text->len ? err_say(err, -EINVAL, "missing continuation line") : 0;
}

static int run_command(struct strbuf *text, const struct batch_calls *calls)
{
	auto_free char **words = NULL;
	struct args a = {.argc = 0};
	auto_err err = ERR_INIT;

	if (batch_split(text->text, &words, &a.argc, &err) < 0) {
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
		return err_status(err, TC_USAGE);
	}
	while ((r = read_command(file, &text, &line, err)) > 0) {
		r = run_command(&text, calls);
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
