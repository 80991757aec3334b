/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* of the leading byte */
		unsigned char low, high;   /* of the second byte */
		size_t length;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < array_size(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].length == 1)
			return 1;
		if (s[1] < forms[i].low || s[1] > forms[i].high)
			return 0;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* Bytes of the character at s that may be shown as they are; 0: its first one may not. */
static size_t utf8_shown(const unsigned char *s)
{
	size_t n;

	if (*s >= ' ' && *s < 0x7f)
		return 1;
	n = utf8_length(s);
	if (*s < 0x20 || *s == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
		return 0;
	return n;
}

static void utf8_add(struct strbuf *out, const char *text, bool lines)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		const unsigned char *shown = s;
		size_t n = 1;

		while (*s && n) {
			n = lines && (*s == '\n' || *s == '\t') ? 1 : utf8_shown(s);
			s += n;
		}
		sb_add_mem(out, shown, (size_t)(s - shown));
		if (*s)
			sb_addf(out, "\\x%02x", *s++);
	}
}

void utf8_add_visible(struct strbuf *out, const char *text)
{
	utf8_add(out, text, false);
}

void utf8_add_visible_lines(struct strbuf *out, const char *text)
{
	utf8_add(out, text, true);
}

const char *utf8_visible(const char *text, struct strbuf *scratch)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	while (*s && (n = utf8_shown(s)) > 0)
		s += n;
	if (!*s)
		return text;
	sb_clear(scratch);
	utf8_add_visible(scratch, text);
	return sb_text(scratch);
}

void utf8_copy_visible(char *dst, size_t cap, const char *src)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t used = 0;

	while (*s) {
		size_t n = utf8_shown(s), room = n ? n : strlen("\\xNN");

		if (used + room >= cap)
			break;
		if (n)
			memcpy(dst + used, s, n);
		else
			snprintf(dst + used, cap - used, "\\x%02x", *s);
		used += room;
		s += n ? n : 1;
	}
	dst[used] = '\0';
}
