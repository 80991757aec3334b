/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Growing text. What every renderer and every composed message writes into; text is
 * always NUL terminated, also when empty. Must not depend on anything but alloc.h.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stddef.h>

#include "base/cleanup.h"

struct strbuf {
	char *text; /* owned; never NULL after the first sb_ call, use sb_text() to read
		     */
	size_t len; /* bytes before the NUL */
	size_t cap;
};

#define STRBUF_INIT          \
	{                    \
		.text = NULL \
	}
#define auto_strbuf auto_release(sb_release) struct strbuf

/* Text, bytes, a byte or a format at the end; it grows as needed. */
void sb_add(struct strbuf *sb, const char *text);
void sb_add_mem(struct strbuf *sb, const void *bytes, size_t n);
void sb_add_char(struct strbuf *sb, char c);
void sb_addf(struct strbuf *sb, const char *fmt, ...) printf_like(2, 3);

/* sep first, unless sb is empty: for lists. */
void sb_add_sep(struct strbuf *sb, const char *sep, const char *text);

/* "" for an untouched buffer; valid until the next change. */
const char *sb_text(const struct strbuf *sb);

void sb_clear(struct strbuf *sb); /* empty, memory kept */
void sb_release(struct strbuf *sb);
char *sb_take(struct strbuf *sb); /* the text is the caller's to free; sb is empty */

#endif
