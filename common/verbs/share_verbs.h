/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The commands of share that have a file of their own; tool.h has the table. */
#ifndef VERBS_SHARE_VERBS_H
#define VERBS_SHARE_VERBS_H

#include "base/args.h"

struct graph;
struct graph_hidden;

/* What could not be seen, a warning each; control bytes in it come out as \xNN. */
void share_say_hidden(const struct graph *g);
void share_say_one(const struct graph_hidden *hidden);
/* The same without what a verdict tells itself; open files play no part at all there. */
void share_say_remarks(const struct graph *g);

/* `share show` and `share gc`, rows of the table in verb_share.c. */
int share_run_show(struct args *a, void *tool, struct err *err) must_check;
int share_run_gc(struct args *a, void *tool, struct err *err) must_check;

/*
 * The text of `share show`, of all maps, and what could not be seen; processes: with the names
 * of those that hold something.
 */
int share_show_report(struct strbuf *out, bool processes, struct err *err) must_check;

#endif
