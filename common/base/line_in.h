/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines of a file that somebody else may have written: one of /dev/zero never ends. */
#ifndef BASE_LINE_IN_H
#define BASE_LINE_IN_H

#include <stdio.h>

#include "base/strbuf.h"

/* More than a command line of Linux holds. */
enum { LINE_IN_MAX = 4 << 20 };

/*
 * Reads one line with its newline, if it has one, in place of what line held; it may hold NUL
 * bytes. 1: there is one, 0: the end. -EFBIG: it has more than LINE_IN_MAX bytes; -errno.
 */
int line_in_read(FILE *file, struct strbuf *line) must_check;

#endif
