/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the kernel's trace files are. Nothing is mounted here. */
#ifndef KERNEL_TRACEFS_H
#define KERNEL_TRACEFS_H

#include <linux/limits.h>

#include "base/err.h"

/*
 * The first tracefs of /sys/kernel/tracing, /sys/kernel/debug/tracing, /tracing, /trace,
 * then of /proc/mounts. -ENOENT says how to mount one.
 */
int tracefs_find(char ret[PATH_MAX], struct err *err) must_check;

#endif
