/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of commands: bpftool's objects first, then ours, so that a letter means here
 * what it means there. Each command is parsed and run: parse.h, run.h.
 */
#ifndef CGROUP_LOADER_COMMANDS_H
#define CGROUP_LOADER_COMMANDS_H

#include "base/args.h"

struct tool;

/* bpftool ends with this whatever went wrong. */
enum { COMMANDS_FAILED = 255 };

/* Of the shared options the verb uses those that were given. */
int commands_check_options(const struct tool *tool, const struct args *words,
			   struct err *err) must_check;
/* Runs one command line. 0, a positive exit status, or -errno with err filled. */
int commands_run(struct tool *tool, struct args *words, struct err *err) must_check;

/* What the last of the words could become: verbs/complete.h. */
int commands_complete(const struct tool *tool, const struct args *words);

/* What --help asks for, or the words behind help: all, one object, or one command. */
int commands_help(struct tool *tool, struct args *words, struct err *err) must_check;
void commands_usage(const char *name, struct strbuf *out);
void commands_version(struct tool *tool);

#endif
