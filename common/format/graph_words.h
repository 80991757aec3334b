/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Nodes of the graph in words: the same ones in verdicts, listings and JSON. */
#ifndef FORMAT_GRAPH_WORDS_H
#define FORMAT_GRAPH_WORDS_H

#include "base/strbuf.h"
#include "format/graph.h"

/*
 * Where a program is attached, added to out: "tc ingress dev v0 netns a pref 1 handle 0x1",
 * "cgroup /sys/fs/cgroup/x cgroup_inet_egress".
 */
void graph_place_text(struct strbuf *out, const struct graph_attachment *at);

#endif
