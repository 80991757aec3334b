/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Help as it fits a terminal. */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stdio.h>

#include "base/strbuf.h"

enum { WRAP_COLUMNS = 80 };

/*
 * Appends text, lines of more than columns broken at blanks. What follows a break begins
 * below the line: behind the same tabs, or eight columns further in than its blanks. A word
 * that is longer than a line is left whole. Bytes count as columns, tabs up to the next
 * eighth.
 */
void wrap_add(struct strbuf *out, const char *text, unsigned int columns);

/* Writes text to out as it fits a terminal of WRAP_COLUMNS. */
void wrap_print(const struct strbuf *text, FILE *out);

#endif
