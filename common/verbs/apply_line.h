/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of plan, apply, check and remove. Parsing reads no file. */
#ifndef VERBS_APPLY_LINE_H
#define VERBS_APPLY_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/args.h"

struct tool;

struct apply_line {
	const char **files; /* owned, the paths are borrowed; at least one */
	size_t nr;
	const char *state_dir; /* NULL: the usual one */
	bool follow;           /* of apply only */
};

#define APPLY_LINE_USAGE   "[-j] [-p] [--state-dir DIR] {FILE|DIR}..."
#define APPLY_FOLLOW_USAGE "[--follow] " APPLY_LINE_USAGE

/*
 * Options may stand before and between the files, up to "--"; -j, -p and the ones both tools
 * share (verbs/tool.h) change tool. ret needs apply_line_release(), in case of an error too.
 */
int apply_line_parse(struct apply_line *ret, const char *verb, struct tool *tool,
		     struct args *a, struct err *err) must_check;
void apply_line_release(struct apply_line *line);
#define auto_apply_line auto_release(apply_line_release) struct apply_line

#endif
