/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* Kernel-internal, yet returned by bpf(2) for operations a map type does not have. */
enum { KERNEL_ENOTSUPP = 524 };

const char *err_words(int code)
{
	if (code < 0)
		code = -code;
	return code == KERNEL_ENOTSUPP ? "Operation not supported" : strerror(code);
}

/*
 * Bytes of the UTF-8 character that src starts with, 0 where it starts none. U+0080 to
 * U+009F are not let through: terminals take them for escape sequences.
 */
static size_t utf8_length(const char *src)
{
	const unsigned char *u = (const unsigned char *)src;
	size_t n;

	if (u[0] < 0xc2 || u[0] > 0xf4 || (u[0] == 0xc2 && u[1] < 0xa0))
		return 0;
	n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Copies src, control bytes as \xNN, so that one error stays one line. UTF-8 passes. */
static void copy_visible(char *dst, size_t cap, const char *src)
{
	size_t n = 0, len;

	for (; *src; src += len) {
		unsigned char c = (unsigned char)*src;
		const char *shown = src;
		size_t shown_len;
		char escape[8];

		len = shown_len = c >= 0x20 && c < 0x7f ? 1 : utf8_length(src);
		if (len == 0) {
			len = 1;
			shown = escape;
			shown_len =
				(size_t)snprintf(escape, sizeof(escape), "\\x%02x", c);
		}
		if (n + shown_len >= cap)
			break;
		memcpy(dst + n, shown, shown_len);
		n += shown_len;
	}
	dst[n] = '\0';
}

static int set(struct err *err, int code, bool words, const char *fmt, va_list ap)
{
	char raw[ERR_TEXT_MAX];
	size_t n;

	vsnprintf(raw, sizeof(raw), fmt, ap);
	n = strlen(raw);
	if (words && n < sizeof(raw))
		snprintf(raw + n, sizeof(raw) - n, ": %s", err_words(code));
	err->code = code;
	err->status = 0;
	copy_visible(err->text, sizeof(err->text), raw);
	return code;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, code, true, fmt, ap);
	va_end(ap);
	return code;
}

int err_say(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, code, false, fmt, ap);
	va_end(ap);
	return code;
}

int err_context(struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX], raw[ERR_TEXT_MAX];
	va_list ap;
	size_t n;

	memcpy(text, err->text, sizeof(text));
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	copy_visible(err->text, sizeof(err->text), raw);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", text);
	return err->code;
}

int err_status(struct err *err, int status)
{
	err->status = status;
	return err->code;
}

void err_release(struct err *err)
{
	free(err->log);
	*err = (struct err)ERR_INIT;
}
