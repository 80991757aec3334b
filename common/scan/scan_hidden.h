/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a source may not see, in words that several sources share: an entry in g->hidden. */
#ifndef SCAN_SCAN_HIDDEN_H
#define SCAN_SCAN_HIDDEN_H

#include "graph/graph.h"

struct proc_unseen;
struct scan_net;

/* "WHAT of N processes: Permission denied (missing CAP_SYS_PTRACE)"; nothing for none. */
void scan_hidden_processes(struct graph *g, enum graph_source source, const char *what,
			   const struct proc_unseen *unseen);

/* "filters of device 'x' in network namespace 'y': WHY"; dev NULL: of all devices. */
void scan_hidden_net(const struct scan_net *net, const char *what, const char *dev,
		     const char *why);

#endif
