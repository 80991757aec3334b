/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory that is there or the process ends. Both tools are short-lived commands whose
 * kernel objects disappear with their file descriptors, so running out of memory has one
 * answer: say so and abort (status 134, like any abort()). Sizes that come from outside
 * are bounded by their readers before they get here.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "base/cleanup.h"

/* All results are the caller's to free() and never NULL. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size); /* n * size is checked for overflow */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t size); /* NULL only for p == NULL */
char *xasprintf(const char *fmt, ...) printf_like(1, 2);

/*
 * array_grow(items, nr): room for one more element behind nr, which stays as it is.
 * Capacity is implied by nr (powers of two), so no counter of its own is needed.
 */
void *alloc_grow(void *items, size_t nr, size_t size);
#define array_grow(items, nr) ((items) = alloc_grow((items), (nr), sizeof(*(items))))

#endif
