/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a library's caller allows, for the thread that runs one of its functions. A tool has
 * no scope: the rules of kernel/bpffs.h and kernel/caller_ns.h hold as they stand there.
 */
#ifndef KERNEL_KERNEL_SCOPE_H
#define KERNEL_KERNEL_SCOPE_H

#include <stdbool.h>

struct kernel_scope {
	const char *bpffs;          /* the place of bpffs; borrowed; NULL: as in a tool */
	bool may_mount;             /* bpffs, on an empty directory */
	bool caller_pins;           /* as caller_ns_allow() in a tool */
	struct kernel_scope *outer; /* kernel_scope_begin()'s */
};

/* Scopes nest. The struct is the caller's and stays where it is until the end. */
void kernel_scope_begin(struct kernel_scope *scope);
void kernel_scope_end(struct kernel_scope *scope);
/* The innermost one of this thread; NULL: none. */
const struct kernel_scope *kernel_scope(void);

#endif
