/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines that are not ours, run by the real tc where the user asks for it (--hand-over PATH,
 * MAPSHARE_TC): a script, or a batch, that also has other qdiscs and filters then runs as a
 * whole. tc gets the line's words as they are, without a shell, and those options that are
 * tc's too.
 */
#ifndef TC_LOADER_HAND_OVER_H
#define TC_LOADER_HAND_OVER_H

#include <stddef.h>

#include "base/args.h"

struct tc;

struct hand_over {
	const char *path;     /* borrowed; NULL: not asked for */
	int fd;               /* the program, once it was needed; owned */
	const char **options; /* the words borrowed */
	size_t nr;
};

#define HAND_OVER_INIT    \
	{                 \
		.fd = -1, \
	}

void hand_over_release(struct hand_over *h);
/* MAPSHARE_TC, unless the caller has fewer rights than we. */
void hand_over_from_environment(struct hand_over *h);
/* A word among the options that tc is to get, too. */
void hand_over_add_option(struct hand_over *h, const char *word);

/* Looks at the program and keeps it open: it is as kernel/root_file.h wants it. */
int hand_over_open(struct hand_over *h, struct err *err) must_check;

/*
 * Runs one line: in place of this process, or, in a batch, as a child whose exit status is
 * returned. -errno: it could not be run.
 */
int hand_over_line(struct tc *tc, const struct args *line, struct err *err) must_check;

#endif
