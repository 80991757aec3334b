/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs tc's batch files; verbs/batch_file.h has their grammar.
 */
#ifndef TC_LOADER_BATCH_H
#define TC_LOADER_BATCH_H

#include <stdbool.h>

#include "base/args.h"

/* Printing is main's. */
struct batch_calls {
	/* Runs one command and returns its exit status; it has printed its own error. */
	int (*line)(struct args *a, void *ctx);
	/* Prints an error: what is wrong with a line, "Command failed FILE:LINE". */
	void (*say)(struct err *err, void *ctx);
	void *ctx;
};

/*
 * Runs the lines of path ("-": stdin). The first that fails ends the batch, unless force;
 * each that fails is said, with the number of its last line. TC_FATAL ends it in any
 * case, and says nothing, as in tc. Returns 0, tc's exit status for a batch with a failed
 * command, TC_FATAL, or -errno where path cannot be read.
 */
int batch_run(const char *path, bool force, const struct batch_calls *calls,
	      struct err *err) must_check;

#endif
