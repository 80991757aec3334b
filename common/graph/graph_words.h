/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words that every renderer of the graph uses: places, kinds, types. Pure. */
#ifndef GRAPH_GRAPH_WORDS_H
#define GRAPH_GRAPH_WORDS_H

#include "base/strbuf.h"
#include "graph/graph.h"

/*
 * "tc ingress dev eth0 netns x block 5 chain 2 pref 1 handle 0x1", without what does not
 * apply; "xdp drv dev eth0"; "cgroup /path cgroup_inet_egress link 5"; "link 7
 * trace_fentry".
 */
void graph_words_place(struct strbuf *out, const struct graph_attachment *at);

/*
 * The place, and how program comes to run or to find the map there: ", by tail call from
 * program 41 (map 12 slot 0)", ", through map 5 slot 3". call and inner may be NULL.
 */
void graph_words_user(struct strbuf *out, const struct graph_attachment *at,
		      uint32_t program, const struct graph_slot *call,
		      const struct graph_slot *inner);

/* "tc", "tcx" … "link" */
const char *graph_words_kind(enum graph_attach_kind kind);
/* "1:7", as tc writes handles of qdiscs and classes. */
void graph_words_handle(struct strbuf *out, uint32_t handle);

/* "ingress", "egress"; NULL for none. */
const char *graph_words_hook(enum graph_hook hook);
/* "multi", "override"; of XDP "drv", "skb", "hw"; NULL: neither. */
const char *graph_words_flags(const struct graph_attachment *at);
/* What the link stands for, with or without an attach type; NULL: unknown. */
const char *graph_words_attach_type(const struct graph_attachment *at);

/* What to do about a pin that migrates, and why: "'PATH': a 'map migrate' of it …". */
void graph_words_migrates(struct strbuf *out, const struct graph_pin *pin);

/* The name, else "type N" in scratch. */
const char *graph_words_prog_type(uint32_t type, struct strbuf *scratch);
const char *graph_words_map_type(uint32_t type, struct strbuf *scratch);

#endif
