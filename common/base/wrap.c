/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "base/wrap.h"

enum { WRAP_TAB = 8, WRAP_HANG = 8 };

static void wrap_add_line(struct strbuf *out, const char *line, size_t len,
			  unsigned int columns)
{
	size_t tabs = strspn(line, "\t"), blanks = strspn(line + tabs, " ");
	size_t hang = tabs ? tabs * WRAP_TAB + blanks : blanks + WRAP_HANG;
	size_t at = tabs + blanks, column = tabs * WRAP_TAB + blanks;
	bool first = true;

	sb_addf(out, "%.*s", (int)at, line);
	while (at < len) {
		size_t gap = strspn(line + at, " "), word;

		word = strcspn(line + at + gap, " \n");
		if (!first && column + gap + word > columns) {
			sb_add_char(out, '\n');
			for (size_t i = 0; i < tabs; i++)
				sb_add_char(out, '\t');
			sb_addf(out, "%*s", (int)(hang - tabs * WRAP_TAB), "");
			column = hang;
			at += gap;
			gap = 0;
		}
		sb_addf(out, "%.*s", (int)(gap + word), line + at);
		column += gap + word;
		at += gap + word;
		first = false;
	}
}

void wrap_add(struct strbuf *out, const char *text, unsigned int columns)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		wrap_add_line(out, text, len, columns);
		text += len;
		if (*text) {
			sb_add_char(out, '\n');
			text++;
		}
	}
}

void wrap_print(const struct strbuf *text, FILE *out)
{
	auto_strbuf wrapped = STRBUF_INIT;

	wrap_add(&wrapped, sb_text(text), WRAP_COLUMNS);
	fputs(sb_text(&wrapped), out);
}
