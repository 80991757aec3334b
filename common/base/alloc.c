/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

static void *alloc_check(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return alloc_check(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		alloc_check(NULL);
	return alloc_check(realloc(p, bytes ? bytes : 1));
}

char *xstrdup(const char *s)
{
	return alloc_check(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return alloc_check(strndup(s, n));
}

void *xmemdup(const void *p, size_t size)
{
	void *copy;

	if (!p)
		return NULL;
	copy = xcalloc(1, size);
	memcpy(copy, p, size);
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return alloc_check(s);
}

void *alloc_grow(void *items, size_t nr, size_t size)
{
	/* Full exactly when nr is 0 or a power of two from 8 on. */
	if (nr == 0)
		return xrealloc(items, 8, size);
	if (nr >= 8 && (nr & (nr - 1)) == 0)
		return xrealloc(items, nr * 2, size);
	return items;
}
