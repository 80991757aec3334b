/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "kernel/caps.h"
#include "scan/scan_hidden.h"
#include "scan/scan_net.h"

void scan_hidden_processes(struct graph *g, enum graph_source source, const char *what,
			   size_t nr)
{
	auto_err err = ERR_INIT;

	if (nr == 0)
		return;
	err_set(&err, -EACCES, "%s of %zu process%s", what, nr, nr == 1 ? "" : "es");
	caps_explain(&err, CAPS_PTRACE);
	graph_add_hidden(g, source, "%s", err.text);
}

void scan_hidden_net(const struct scan_net *net, const char *what, const char *dev,
		     const char *why)
{
	graph_add_hidden_at(net->g,
			    &(struct graph_hidden){.source = GRAPH_FROM_NET,
						   .placed = true,
						   .netns = net->netns,
						   .netns_ino = net->ino,
						   .dev = dev},
			    "%s of %s%s%s%s%s%s: %s", what,
			    dev ? "device '" : "all devices", dev ? dev : "",
			    dev ? "'" : "", net->netns ? " in network namespace '" : "",
			    net->netns ? net->netns : "", net->netns ? "'" : "", why);
}
