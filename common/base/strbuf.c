/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"

static void strbuf_reserve(struct strbuf *sb, size_t more)
{
	size_t need = sb->len + more + 1;

	if (need <= sb->cap)
		return;
	sb->cap = need < 2 * sb->cap ? 2 * sb->cap : need + 64;
	sb->text = xrealloc(sb->text, sb->cap, 1);
}

void sb_add_mem(struct strbuf *sb, const void *bytes, size_t n)
{
	strbuf_reserve(sb, n);
	if (n)
		memcpy(sb->text + sb->len, bytes, n);
	sb->len += n;
	sb->text[sb->len] = '\0';
}

void sb_add(struct strbuf *sb, const char *text)
{
	sb_add_mem(sb, text, strlen(text));
}

void sb_add_char(struct strbuf *sb, char c)
{
	sb_add_mem(sb, &c, 1);
}

void sb_addf(struct strbuf *sb, const char *fmt, ...)
{
	const size_t room = sb->cap - sb->len;
	va_list ap;
	int n;

	/* Most of it fits: once is enough then. */
	va_start(ap, fmt);
	n = vsnprintf(sb->text ? sb->text + sb->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n < room) {
		sb->len += n < 0 ? 0 : (size_t)n;
		return;
	}
	strbuf_reserve(sb, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(sb->text + sb->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)n;
}

void sb_add_sep(struct strbuf *sb, const char *sep, const char *text)
{
	if (sb->len)
		sb_add(sb, sep);
	sb_add(sb, text);
}

const char *sb_text(const struct strbuf *sb)
{
	return sb->text ? sb->text : "";
}

void sb_clear(struct strbuf *sb)
{
	sb->len = 0;
	if (sb->text)
		sb->text[0] = '\0';
}

void sb_release(struct strbuf *sb)
{
	free(sb->text);
	*sb = (struct strbuf)STRBUF_INIT;
}

char *sb_take(struct strbuf *sb)
{
	char *text = sb->text ? sb->text : xstrdup("");

	*sb = (struct strbuf)STRBUF_INIT;
	return text;
}
