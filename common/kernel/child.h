/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Another program as a filter: text in, text out. Started directly, never through a
 * shell, and without any capability: it is a guest that needs none.
 */
#ifndef KERNEL_CHILD_H
#define KERNEL_CHILD_H

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Runs argv[0] (looked for in PATH) with in on its standard input and appends what it
 * writes to out; its stderr stays ours. -ENOENT: there is no such program. -EIO: it ended
 * with another status than 0. out is written only on success.
 */
int child_filter(const char *const argv[], const char *in, struct strbuf *out,
		 struct err *err) must_check;

#endif
