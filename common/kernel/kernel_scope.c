/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stddef.h>

#include "kernel/kernel_scope.h"

static __thread struct kernel_scope *scope_innermost;

void kernel_scope_begin(struct kernel_scope *scope)
{
	scope->outer = scope_innermost;
	scope_innermost = scope;
}

void kernel_scope_end(struct kernel_scope *scope)
{
	scope_innermost = scope->outer;
}

const struct kernel_scope *kernel_scope(void)
{
	return scope_innermost;
}
