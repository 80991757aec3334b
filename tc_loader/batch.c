/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "batch.h"
#include "tc.h"

#define BLANKS " \t\r\n"

char **batch_split(char *text, int *nr)
{
	char **words = NULL;
	int n = 0;

	for (;;) {
		const char *end_marks = BLANKS;
		size_t len;

		text += strspn(text, BLANKS);
		if (*text == '\'' || *text == '"') {
			end_marks = *text == '"' ? "\"" : "'";
			text++;
		} else if (!*text) {
			break;
		}
		array_grow(words, (size_t)n);
		words[n++] = text;
		len = strcspn(text, end_marks);
		text += len;
		if (*text)
			*text++ = '\0';
	}
	*nr = n;
	return words;
}

/* Reads one command, joined from its lines. 1: there is one, 0: the end. */
static int read_command(FILE *file, struct strbuf *text, size_t *line, struct err *err)
{
	auto_free char *piece = NULL;
	size_t cap = 0;
	ssize_t len;

	sb_clear(text);
	while ((len = getline(&piece, &cap, file)) >= 0) {
		char *comment = memchr(piece, '#', len);

		(*line)++;
		if (comment) {
			strcpy(comment, "");
			len = comment - piece;
		} else if (len > 1 && piece[len - 1] == '\n' && piece[len - 2] == '\\') {
			sb_add_mem(text, piece, len - 2);
			continue;
		}
		sb_add_mem(text, piece, len);
		return 1;
	}
	if (ferror(file))
		return err_set(err, -EIO, "batch file");
	return text->len > 0;
}

static int run_command(struct strbuf *text, batch_line_fn fn, void *ctx)
{
	auto_free char *line = xstrdup(sb_text(text));
	auto_free char **words = NULL;
	struct args a = {.argc = 0};

	words = batch_split(line, &a.argc);
	a.argv = words;
	return a.argc > 0 ? fn(&a, ctx) : 0;
}

static int failed_at(const char *path, size_t line, struct err *err)
{
	err_say(err, -EINVAL, "Command failed %s:%zu", path, line);
	return err_status(err, TC_USAGE);
}

int batch_run(const char *path, bool force, batch_line_fn fn, void *ctx, struct err *err)
{
	auto_file FILE *opened = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	FILE *file = opened ? opened : stdin;
	auto_strbuf text = STRBUF_INIT;
	size_t line = 0, failed = 0;
	int r;

	if (!opened && strcmp(path, "-") != 0) {
		err_set(err, -errno, "batch file '%s'", path);
		return err_status(err, TC_USAGE);
	}
	while ((r = read_command(file, &text, &line, err)) > 0) {
		if (run_command(&text, fn, ctx) == 0)
			continue;
		failed = line;
		if (!force)
			break;
	}
	if (r < 0)
		return r;
	return failed ? failed_at(path, failed, err) : 0;
}
