/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

/* Kernel-internal, yet returned by bpf(2) for operations a map type does not have. */
enum { KERNEL_ENOTSUPP = 524 };

const char *err_words(int code)
{
	if (code < 0)
		code = -code;
	return code == KERNEL_ENOTSUPP ? "Operation not supported" : strerror(code);
}

static const char *const kind_names[] = {
	[ERR_FAILED] = "failed",
	[ERR_USAGE] = "usage",
	[ERR_MISSING] = "missing",
	[ERR_PERMISSION] = "permission",
	[ERR_EXISTS] = "exists",
	[ERR_BUSY] = "busy",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_OBJECT] = "object",
	[ERR_REJECTED] = "rejected",
	[ERR_CONFLICT] = "conflict",
	[ERR_SPLIT] = "split",
};

/* words: the text ends with errno's, so the kernel or libc gave the code. */
static enum err_kind kind_of(int code, bool words)
{
	switch (-code) {
	case EINVAL:
		return words ? ERR_FAILED : ERR_USAGE;
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ESRCH:
	case ENOTDIR:
	case EMEDIUMTYPE: /* something of another kind has that name */
		return ERR_MISSING;
	case EPERM:
	case EACCES:
		return ERR_PERMISSION;
	case EEXIST:
		return ERR_EXISTS;
	case EBUSY:
	case EAGAIN:
	case ETIMEDOUT:
		return ERR_BUSY;
	case ENOSYS:
	case EOPNOTSUPP:
	case KERNEL_ENOTSUPP:
		return ERR_UNSUPPORTED;
	default:
		return ERR_FAILED;
	}
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
	err->kind = kind_of(code, words);
	err->own = false;
	err->hint = NULL;
	utf8_copy_visible(err->text, sizeof(err->text), raw);
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

	/* What failed without a reason has failed: a code of 0 would be taken for success. */
	if (!err->code)
		err_set(err, -EIO, "unknown reason");
	memcpy(text, err->text, sizeof(text));
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	utf8_copy_visible(err->text, sizeof(err->text), raw);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", text);
	return err->code;
}

int err_hint(struct err *err, const char *hint)
{
	err->hint = hint;
	return err->code;
}

int err_hint_path(struct err *err, const char *path)
{
	if (err->code != -ENOENT || path[0] == '/')
		return err->code;
	return err_hint(err, "the path begins in the directory this runs in");
}

int err_is(struct err *err, enum err_kind kind)
{
	err->kind = kind;
	return err->code;
}

const char *err_kind_name(enum err_kind kind)
{
	return kind_names[kind];
}

int err_status(struct err *err, int status)
{
	err->status = status;
	return err->code;
}

void err_release(struct err *err)
{
	free(err->log);
	facts_release(&err->facts);
	/* Not all of it: the text is long, and most errors that are released never were. */
	err->code = 0;
	err->status = 0;
	err->kind = (enum err_kind)0;
	err->own = false;
	err->text[0] = '\0';
	err->hint = NULL;
	err->log = NULL;
}
