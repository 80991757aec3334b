/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "btf/btf_value_private.h"

void value_word_release(struct value_word *word)
{
	sb_release(&word->text);
}

void value_skip_blanks(struct value_parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
}

bool value_take(struct value_parser *p, char c)
{
	value_skip_blanks(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

/* "got 'x'" for messages; the end of the text has words of its own. */
int value_expected(struct value_parser *p, const char *what)
{
	value_skip_blanks(p);
	if (!*p->at)
		return value_error(
			p,
			"expected %s, but the text ends (a shell expands unquoted braces)",
			what);
	return value_error(p, "expected %s at '%.20s'", what, p->at);
}

/* JSON's escapes; \u up to U+00FF, a byte each. */
static int word_escaped(struct value_parser *p, struct strbuf *text)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *known;
	unsigned int code;
	char hex[5] = "";

	known = *p->at ? strchr(names, *p->at) : NULL;
	if (known) {
		sb_add_char(text, bytes[known - names]);
		p->at++;
		return 0;
	}
	if (*p->at == 'u') {
		strncpy(hex, p->at + 1, 4);
		if (strlen(hex) == 4 && strspn(hex, "0123456789abcdefABCDEF") == 4) {
			code = (unsigned int)strtoul(hex, NULL, 16);
			if (code < 0x100) {
				sb_add_char(text, (char)code);
				p->at += 5;
				return 0;
			}
		}
	}
	return value_error(p, "unknown escape at '\\%.6s'", p->at);
}

/* A dump's text, unlike its JSON, does not escape a quote or backslash: """ and "\". */
bool value_take_char(struct value_parser *p, struct value_word *ret)
{
	const char *at = p->at;

	if (at[0] != '"' || !at[1] || !strchr("\"\\", at[1]) || at[2] != '"' ||
	    !strchr(" \t\r\n,]}", at[3])) /* the end, too */
		return false;
	ret->quoted = true;
	sb_add_char(&ret->text, at[1]);
	p->at += 3;
	return true;
}

static int word_quoted(struct value_parser *p, struct value_word *ret)
{
	ret->quoted = true;
	for (p->at++; *p->at && *p->at != '"';) {
		int r = 0;

		if (*p->at == '\\') {
			p->at++;
			r = word_escaped(p, &ret->text);
		} else {
			sb_add_char(&ret->text, *p->at++);
		}
		if (r < 0)
			return r;
	}
	if (*p->at != '"')
		return value_error(p, "a quote is not closed");
	p->at++;
	return 0;
}

int value_read_word(struct value_parser *p, const char *what, struct value_word *ret)
{
	size_t n;

	value_skip_blanks(p);
	if (*p->at == '"')
		return word_quoted(p, ret);
	n = strcspn(p->at, " \t\r\n,:{}[]\"");
	if (n == 0)
		return value_expected(p, what);
	sb_add_mem(&ret->text, p->at, n);
	p->at += n;
	return 0;
}
