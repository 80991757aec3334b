/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What keeps a loaded program: the kernel frees one that nothing refers to, so a program
 * that nothing seen here leads to is attached, or held, somewhere that was not seen.
 */
#ifndef GRAPH_GRAPH_EXPLAIN_H
#define GRAPH_GRAPH_EXPLAIN_H

#include "graph/graph.h"

/*
 * By index of program: does an attachment, a dead link, a pin or an open file lead to it,
 * through slots too? A slot that only the program itself leads to explains nothing. skip
 * (may be NULL) has nr_pins of g: pins that are not to count. g is sorted; the caller
 * frees.
 */
bool *graph_explain(const struct graph *g, const bool *skip);

/*
 * Can programs of this type (enum bpf_prog_type) be attached where no query lists them?
 * Socket filters, SO_REUSEPORT groups, light-weight tunnels, perf events, tc actions,
 * sockmaps, flow dissectors. What pins or holds one of these does not say that it is
 * attached nowhere.
 */
bool graph_type_may_hide(uint32_t prog_type);

/* Is it of a type that netlink attaches to a device: a classifier or an XDP program? */
bool graph_type_is_netlink(uint32_t prog_type);

/*
 * May this program of g be attached out of sight? Those of graph_type_may_hide(), and where
 * not every network namespace could be listed those that netlink attaches, whatever pins or
 * holds them: links and cgroups are found without the processes of their namespaces.
 */
bool graph_program_may_hide(const struct graph *g, const struct graph_program *program);

#endif
