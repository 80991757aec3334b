/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as a batch file: commands of words, in order, or one line of error. */
/* Reads: common/verbs/batch_file common/base/line_in */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/batch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_command(struct strbuf *text)
{
	const char *end = text->text + text->len;
	auto_free char **words = NULL;
	auto_err err = ERR_INIT;
	const char *last = text->text;
	int nr = 0;

	if (batch_file_split(text, &words, &nr, &err) < 0) {
		check(err.text[0] && !strchr(err.text, '\n'));
		return;
	}
	for (int i = 0; i < nr; i++) {
		/* In order, and each within the line. */
		check(words[i] >= last && words[i] + strlen(words[i]) <= end);
		last = words[i] + strlen(words[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_file FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	auto_strbuf text = STRBUF_INIT;
	auto_err err = ERR_INIT;
	size_t line = 0, before = 0;
	int r = 0;

	while (file && (r = batch_file_next(file, &text, &line, &err)) > 0) {
		check(line > before && line <= size);
		before = line;
		check_command(&text);
	}
	check(r == 0 || (err.text[0] && !strchr(err.text, '\n')));
	return 0;
}
