/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

#include "base/alloc.h"

/* Lies in the frame of alloc_guard(): frames it called are below it, its callers above. */
struct guard {
	struct guard *outer;
	struct _Unwind_Exception unwind;
	jmp_buf back;
};

static __thread struct guard *alloc_innermost;
static __thread unsigned long alloc_countdown;

/*
 * Asked before the clean-up of each frame: when the guard's own is reached, or the stack
 * cannot be followed further, everything below is cleaned up. That is what glibc does to end
 * a thread, too.
 */
static _Unwind_Reason_Code alloc_stop(int version, _Unwind_Action actions,
				      _Unwind_Exception_Class class,
				      struct _Unwind_Exception *exception,
				      struct _Unwind_Context *context, void *guard)
{
	struct guard *g = guard;

	(void)version;
	(void)class;
	(void)exception;
	if (actions & _UA_END_OF_STACK || _Unwind_GetCFA(context) > (uintptr_t)g)
		longjmp(g->back, 1);
	return _URC_NO_REASON;
}

_Noreturn void alloc_give_up(void)
{
	struct guard *g = alloc_innermost;

	if (g) {
		_Unwind_ForcedUnwind(&g->unwind, alloc_stop, g);
		/* It returns where the stack is not fit for unwinding at all. */
		longjmp(g->back, 1);
	}
	fputs("out of memory\n", stderr);
	abort();
}

bool alloc_is_guarded(void)
{
	return alloc_innermost;
}

static void *alloc_check(void *p)
{
	if (!p)
		alloc_give_up();
	return p;
}

/* True: this one is to fail. It stays at 1, so that alloc_has_failed() can tell. */
static bool alloc_is_denied(void)
{
	return alloc_countdown > 1 && --alloc_countdown == 1;
}

void alloc_fail_at(unsigned long nth)
{
	alloc_countdown = nth ? nth + 1 : 0;
}

bool alloc_has_failed(void)
{
	return alloc_countdown == 1;
}

void *xcalloc(size_t n, size_t size)
{
	return alloc_check(alloc_is_denied() ? NULL : calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || alloc_is_denied())
		alloc_give_up();
	return alloc_check(realloc(p, bytes ? bytes : 1));
}

char *xstrdup(const char *s)
{
	return alloc_check(alloc_is_denied() ? NULL : strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return alloc_check(alloc_is_denied() ? NULL : strndup(s, n));
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
	if (alloc_is_denied() || vasprintf(&s, fmt, ap) < 0)
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

int alloc_guard(int (*fn)(void *arg), void *arg)
{
	struct guard g = {.outer = alloc_innermost};
	int r;

	alloc_innermost = &g;
	if (setjmp(g.back) == 0)
		r = fn(arg);
	else
		r = -ENOMEM;
	alloc_innermost = g.outer;
	return r;
}
