/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words that begin with '-': bpftool's options, and the --options both tools share. No
 * system calls.
 */
#ifndef CGROUP_LOADER_OPTIONS_H
#define CGROUP_LOADER_OPTIONS_H

#include <stdbool.h>

#include "base/args.h"
#include "verbs/tool.h"

/* What main hands on, and what is not needed after it. */
struct cli {
	struct tool tool;
	bool debug, help, version;
};

/*
 * Takes the options out of the words: they may stand anywhere in front of "--"; what is left
 * is the command. -EINVAL for an unknown one.
 */
int options_parse(struct cli *cli, struct args *a, struct err *err) must_check;
void options_usage(struct strbuf *out);
/* "[--json] [-j] ...": all of them, for completion. */
void options_words(struct strbuf *out);

#endif
