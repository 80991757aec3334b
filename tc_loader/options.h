/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words in front of the command: tc's options, with tc's abbreviations, and the
 * --options both tools share. No system calls.
 */
#ifndef TC_LOADER_OPTIONS_H
#define TC_LOADER_OPTIONS_H

#include <stdbool.h>

#include "base/args.h"
#include "tc.h"

/* What main hands on, and what is not needed after it. */
struct cli {
	struct tc tc;
	const char *netns; /* -n; NULL: stay */
	bool version, help;
};

/* Consumes the options; the rest is the command. -EINVAL for an unknown one. */
int options_parse(struct cli *cli, struct args *a, struct err *err) must_check;
void options_usage(struct strbuf *out);
/* "[-json] ...": all of them, for completion. */
void options_words(struct strbuf *out);

#endif
