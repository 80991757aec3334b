/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc's batch files: a command per line without the tool's name. '#' begins a comment
 * anywhere, a backslash before the end of the line joins, words are split at blanks, and
 * one word may stand in single or double quotes.
 */
#ifndef TC_LOADER_BATCH_H
#define TC_LOADER_BATCH_H

#include <stdbool.h>

#include "base/args.h"

/* Returns the exit status of one command, which has printed its own error. */
typedef int (*batch_line_fn)(struct args *a, void *ctx);

/*
 * Runs fn for each line of path ("-": stdin). The first that fails ends the batch, unless
 * force; -EINVAL "Command failed FILE:LINE" then, with exit status 1.
 */
int batch_run(const char *path, bool force, batch_line_fn fn, void *ctx,
	      struct err *err) must_check;

/*
 * Splits text, which is written to, into words that point into it. ret is the caller's to
 * free; *nr counts the words.
 */
char **batch_split(char *text, int *nr);

#endif
