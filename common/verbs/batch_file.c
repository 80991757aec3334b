/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/line_in.h"
#include "verbs/batch_file.h"

#define BLANKS " \t\r\n"

int batch_file_split(struct strbuf *command, char ***ret, int *nr, struct err *err)
{
	auto_free char **words = NULL;
	char *text = command->text;
	int n = 0;

	if (memchr(text, '\0', command->len))
		return err_say(err, -EINVAL,
			       "the line holds a NUL byte; is this a text?");
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

int batch_file_next(FILE *file, struct strbuf *text, size_t *line, struct err *err)
{
	auto_strbuf piece = STRBUF_INIT;
	int r;

	sb_clear(text);
	while ((r = line_in_read(file, &piece)) > 0) {
		const char *comment = memchr(piece.text, '#', piece.len);
		size_t len = piece.len;

		(*line)++;
		if (text->len + len > LINE_IN_MAX)
			return err_set(err, -EFBIG, "read");
		if (comment) {
			len = (size_t)(comment - piece.text);
		} else if (len > 1 && piece.text[len - 1] == '\n' &&
			   piece.text[len - 2] == '\\') {
			sb_add_mem(text, piece.text, len - 2);
			continue;
		}
		sb_add_mem(text, piece.text, len);
		return 1;
	}
	if (r < 0)
		return err_set(err, r, "read");
	return text->len ? err_say(err, -EINVAL, "missing continuation line") : 0;
}
