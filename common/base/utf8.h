/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Is this text? Names and paths may hold any bytes; not every output may. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/strbuf.h"

/* Bytes of the UTF-8 sequence at s: 1 to 4, or 0 where none begins (RFC 3629). */
size_t utf8_length(const unsigned char *s);

/* Appends text; control bytes and bytes that are no UTF-8 come out as \xNN. */
void utf8_add_visible(struct strbuf *out, const char *text);

#endif
