/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is this text? Names and paths may hold any bytes, and other users choose them; not every
 * output may hold any. Whatever goes to a terminal or is read by lines passes through one
 * of the functions below: control bytes (a newline, too), U+0080 to U+009F, which
 * terminals take for the same, and bytes that are no UTF-8 come out as \xNN.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/strbuf.h"

/* Bytes of the UTF-8 sequence at s: 1 to 4, or 0 where none begins (RFC 3629). */
size_t utf8_length(const unsigned char *s);

/* Appends text as described above. */
void utf8_add_visible(struct strbuf *out, const char *text);

/* The same for texts of several lines: their newlines and tabs stay. */
void utf8_add_visible_lines(struct strbuf *out, const char *text);

/*
 * For use between the arguments of a printf(): text itself where nothing has to be
 * escaped, else what scratch then holds. Valid until text or scratch changes.
 */
const char *utf8_visible(const char *text, struct strbuf *scratch);

/* Into a buffer of cap bytes, cut in front of the first character that has no room. */
void utf8_copy_visible(char *dst, size_t cap, const char *src);

#endif
