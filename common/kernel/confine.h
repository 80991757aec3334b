/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process that gives up what it does not need before it reads bytes of somebody else. */
#ifndef KERNEL_CONFINE_H
#define KERNEL_CONFINE_H

#include <stddef.h>

/* What the slowest object of a sane size is far below. */
enum { CONFINE_SECONDS = 60 };

/*
 * From here on this process computes, has memory, reads what it has open, writes to pipes, has
 * empty files in memory, and ends: all other system calls fail with EPERM. After
 * CONFINE_SECONDS of computing it is ended by SIGXCPU, beyond 2 GiB and sixteen times size there
 * is no memory (not under ASan). A kernel that lacks seccomp filters confines less; that is no
 * error.
 */
void confine_to_memory(size_t size);

#endif
