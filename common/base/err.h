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
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/facts.h"

/* Bytes of a message, NUL included; what is longer is cut. */
enum { ERR_TEXT_MAX = 4096 };

/*
 * What kind of failure it is, for a program that reads the answer. err_set() and err_say()
 * know it by the code; whoever knows better says err_is() afterwards.
 */
enum err_kind {
	ERR_FAILED,      /* the kernel or the machine: none of the others */
	ERR_USAGE,       /* the words of the command: -EINVAL said without errno's text */
	ERR_MISSING,     /* what was named is not there */
	ERR_PERMISSION,  /* a capability, a mode or a policy */
	ERR_EXISTS,      /* something else is there already */
	ERR_BUSY,        /* in use, or it did not come in time */
	ERR_UNSUPPORTED, /* this kernel, or that kind of thing, does not have it */
	ERR_OBJECT,      /* the object file cannot be used as it is */
	ERR_REJECTED,    /* the kernel refuses to load a program */
	ERR_CONFLICT,    /* a map that is there differs from the object's definition */
	ERR_SPLIT,       /* --require-shared: two maps would come of it */
};

struct err {
	int code;   /* -errno, 0 while nothing failed */
	int status; /* exit status main should use; 0: the tool's usual one */
	enum err_kind kind;
	bool own; /* of a command without model: its JSON tells errno, kind and facts */
	char text[ERR_TEXT_MAX]; /* one line, without newline; cut, never overrun */
	/* The way out, or NULL: said behind the text where people read. JSON has text alone,
	 * which for a verb of bpftool's is to be bpftool's, byte for byte. */
	const char *hint;
	char *log;          /* verifier log or NULL; printed after the line; owned */
	struct facts facts; /* owned; they count for ERR_CONFLICT only */
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

/* Puts "CONTEXT: " in front. Returns err->code, -EIO where nobody has given a reason. */
int err_context(struct err *err, const char *fmt, ...) printf_like(2, 3);

/*
 * The way out of a failure whose text is bpftool's own; later contexts leave it last. hint
 * is borrowed. Returns err->code.
 */
int err_hint(struct err *err, const char *hint);
/* The same for a file: where a relative path that is not there begins. */
int err_hint_path(struct err *err, const char *path);

/* Another kind than the code's; returns err->code. */
int err_is(struct err *err, enum err_kind kind);

/* "conflict": as JSON and the pages name it. */
const char *err_kind_name(enum err_kind kind);

/* Ask main to end with this status; returns err->code. */
int err_status(struct err *err, int status);

/* The words for a (negative) errno; knows 524 (ENOTSUPP), which strerror() does not. */
const char *err_words(int code);

/* Forget what happened, free the log. */
void err_release(struct err *err);

#endif
