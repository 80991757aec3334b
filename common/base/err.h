/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One error, on the caller's stack. The function that fails writes the text; each caller on
 * the way up may put one context in front; main prints one line. Nothing below main prints.
 *
 *	return err_set(err, -errno, "pin '%s'", path);      "pin '/x/y': File exists"
 *	return err_context(err, "map '%s'", def->name);     "map 'stats': pin '/x/y': ..."
 *
 * What the user typed or the object says stands in single quotes; numbers carry their
 * field's name. Control bytes in texts are shown as \xNN (base/utf8.h), so a hostile name
 * cannot write to the terminal.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#include "base/cleanup.h"

enum { ERR_TEXT_MAX = 4096 };

struct err {
	int code;   /* -errno, 0 while nothing failed */
	int status; /* exit status main should use; 0: the tool's usual one */
	char text[ERR_TEXT_MAX]; /* one line, without newline; cut, never overrun */
	char *log;               /* verifier log or NULL; printed after the line; owned */
};

#define ERR_INIT          \
	{                 \
		.code = 0 \
	}
#define auto_err auto_release(err_release) struct err

/*
 * Set code and text. With a code from the kernel or libc the text gets ": STRERROR".
 * Returns code, so that it can be returned on the same line.
 */
int err_set(struct err *err, int code, const char *fmt, ...) printf_like(3, 4);

/* As err_set(), the text is complete as it is: no strerror behind it. */
int err_say(struct err *err, int code, const char *fmt, ...) printf_like(3, 4);

/* Puts "CONTEXT: " in front. Returns err->code. */
int err_context(struct err *err, const char *fmt, ...) printf_like(2, 3);

/* Ask main to end with this status; returns err->code. */
int err_status(struct err *err, int status);

/* The words for a (negative) errno; knows 524 (ENOTSUPP), which strerror() does not. */
const char *err_words(int code);

/* Forget what happened, free the log. */
void err_release(struct err *err);

#endif
