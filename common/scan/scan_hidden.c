/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "kernel/caps.h"
#include "kernel/proc.h"
#include "scan/scan_hidden.h"
#include "scan/scan_net.h"

void scan_hidden_processes(struct graph *g, enum graph_source source, const char *what,
			   const struct proc_unseen *unseen)
{
	struct graph_hidden hidden = {.source = source};
	auto_err err = ERR_INIT;

	if (unseen->nr == 0)
		return;
	err_set(&err, unseen->why, "%s of %zu process%s", what, unseen->nr,
		unseen->nr == 1 ? "" : "es");
	caps_explain(&err, CAPS_PTRACE);
	hidden.failed = !proc_unseen_is_refused(unseen);
	graph_add_hidden_at(g, &hidden, "%s", err.text);
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
