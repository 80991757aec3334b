/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walks through /proc, for the proc*.c files only. */
#ifndef KERNEL_PROC_PRIVATE_H
#define KERNEL_PROC_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * fn for every process, ascending; its non-zero return ends the walk and is returned. -errno:
 * not all of them could be listed.
 */
int proc_each(int (*fn)(uint32_t pid, void *ctx), void *ctx);

/* The same for the threads of a process beside the one that has its number. */
int proc_each_other_thread(uint32_t pid, int (*fn)(uint32_t tid, void *ctx), void *ctx);

/*
 * What a process that ends shows is refused (EACCES), not missing. It holds nothing any more,
 * or will not in a moment; its other threads may live on.
 */
bool proc_is_gone(uint32_t pid);

#endif
