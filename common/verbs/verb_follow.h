/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* apply --follow: the files stay applied until a signal ends it. */
#ifndef VERBS_VERB_FOLLOW_H
#define VERBS_VERB_FOLLOW_H

#include "base/err.h"

struct apply_line;
struct apply_opts;
struct tool;

/* 0: asked to end, all of it stays attached. An error: the files could not be applied at first. */
int follow_files(struct tool *tool, const struct apply_line *line,
		 const struct apply_opts *opts, struct err *err) must_check;

#endif
