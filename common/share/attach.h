/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where programs are attached: one source per kind of hook, each asking its kernel
 * facility and adding attachments to a graph. A new kind is a new attach_x.c and a row in
 * attach_sources; graph, verdict and renderers learn nothing new.
 *
 * A source skips what vanishes while it looks. What it may not see it says with
 * graph_add_hidden() and goes on; an error means that nothing sensible can be said at
 * all.
 */
#ifndef SHARE_ATTACH_H
#define SHARE_ATTACH_H

#include "base/err.h"
#include "format/graph.h"
#include "format/share_report.h"

struct attach_source {
	const char *name; /* "network" */
	int (*scan)(struct graph *g, struct err *err);
};

/* Every source there is; name NULL ends. */
extern const struct attach_source attach_sources[];

/*
 * In every network namespace that can be reached (the caller's, named ones, those of
 * running processes; each once): filters of kind bpf at every qdisc, shared blocks
 * through each device that uses them; XDP, tcx and netkit. Only the network namespace is
 * entered, and left again.
 */
int attach_net_scan(struct graph *g, struct err *err) must_check;

/* Every type of attach_types[] on every directory of the cgroup v2 tree. */
int attach_cgroup_scan(struct graph *g, struct err *err) must_check;

/* Links of every kind; graph_join_links() ties them to what the others found. */
int attach_link_scan(struct graph *g, struct err *err) must_check;

/*
 * A device by name: in the caller's network namespace, else in the first named one that
 * has it. -ENODEV: "device 'x': No such device".
 */
int attach_dev_place(const char *dev, struct share_place *ret,
		     struct err *err) must_check;

/* A cgroup by path; errors as in cgroup_fd_open(). */
int attach_cgroup_place(const char *path, struct share_place *ret,
			struct err *err) must_check;

#endif
