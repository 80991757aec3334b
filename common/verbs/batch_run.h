/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a batch file as bpftool's `batch file F` does. In text the commands print as they
 * would alone, and the last line counts them. In JSON the answer is one list, whatever
 * happens:
 *
 *	[{"command":["link","show"],"output":[]},{"command":["bogus"],"output":{"error":
 *	"..."}}]
 *
 * The first command that fails ends the batch. A batch may run others, to a depth of 16.
 */
#ifndef VERBS_BATCH_RUN_H
#define VERBS_BATCH_RUN_H

#include "base/args.h"

struct tool;

/* Runs one command; its output goes to tool->out. As struct verb's run. */
typedef int (*batch_run_line_fn)(struct tool *tool, struct args *a, struct err *err);

/*
 * path "-" is stdin. Returns 0, the status of the command that ended the batch, or
 * -errno; in JSON what went wrong stands in the list, and *ret_said is set.
 */
int batch_run_file(struct tool *tool, const char *path, batch_run_line_fn line,
		   bool *ret_said, struct err *err) must_check;

#endif
