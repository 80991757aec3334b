/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Batch files of tc and bpftool, which have one grammar: a command per line without the
 * tool's name. '#' begins a comment anywhere, a backslash before the end of the line
 * joins, words are split at blanks, and one word may stand in single or double quotes.
 */
#ifndef VERBS_BATCH_FILE_H
#define VERBS_BATCH_FILE_H

#include <stdio.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Reads one command, joined from its lines; *line counts lines read. 1: there is one, 0:
 * the end. -EINVAL: the file ends where the line was to go on; half a command is not run.
 * -EFBIG: it has more than LINE_IN_MAX bytes.
 */
int batch_file_next(FILE *file, struct strbuf *text, size_t *line,
		    struct err *err) must_check;

/*
 * Splits one command, which is written to, into words that point into it. *ret is the
 * caller's to free (NULL without words); *nr counts the words. -EINVAL: a quote is not
 * closed, or a NUL byte would cut the command short, which is then another command.
 */
int batch_file_split(struct strbuf *command, char ***ret, int *nr,
		     struct err *err) must_check;

#endif
