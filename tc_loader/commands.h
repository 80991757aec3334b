/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of commands: tc's object words first, in tc's abbreviation order, ours behind
 * them, so that "m" stays tc's monitor.
 */
#ifndef TC_LOADER_COMMANDS_H
#define TC_LOADER_COMMANDS_H

#include "base/args.h"

struct tc;
struct tool;

/* Runs one command line and sets tc->json_errors. 0, a positive exit status, or -errno
 * with err filled. */
int commands_run(struct tc *tc, struct args *a, struct err *err) must_check;
/* What the last of the words could become: verbs/complete.h. */
int commands_complete(const struct tool *tool, const struct args *words);

#endif
