/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory that is there, or the work that needs it ends: a command in a tool, a call of the
 * library. Below alloc_guard() a failing allocation unwinds the stack to it, as an exception
 * would, and every scope attribute on the way (base/cleanup.h) frees what it holds and takes
 * back what is not finished. Without a guard the process says so and aborts.
 *
 * What that asks of the code in between, and of nobody else:
 *	- whatever is not in a scope attribute, or in something that is, leaks
 *	- what is done in the kernel is remembered before it is done (array_grow() first)
 *	- a struct is fit for its release function whenever an allocation may fail
 *	- no allocation in a callback that other people's code calls, which does not unwind
 *
 * Sizes that come from outside are bounded by their readers before they get here.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdarg.h>
#include <stdbool.h>
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

/*
 * fn(arg) and its result, or -ENOMEM if an allocation of this thread failed in it. Guards
 * nest: the innermost one counts. Needs code that was compiled with -fexceptions.
 */
int alloc_guard(int (*fn)(void *arg), void *arg) must_check;
/* Does this thread run below one? */
bool alloc_is_guarded(void);
/* What a failing allocation does: for who learns of one in another thread. */
_Noreturn void alloc_give_up(void);

/* For tests: the nth allocation from now on of this thread fails; 0: none does. */
void alloc_fail_at(unsigned long nth);
/* Did it? */
bool alloc_has_failed(void);

#endif
