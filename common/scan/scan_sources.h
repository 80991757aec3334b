/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where programs are attached: one source per kind of hook, each asking its kernel
 * facility and adding attachments to a graph. A new kind is a new scan_x.c and a row in
 * scan_sources, and its words in graph/graph_words.c; the verdict learns nothing new.
 *
 * A source skips what vanishes while it looks. What it may not see it says with
 * graph_add_hidden() and goes on; an error means that nothing sensible can be said at
 * all.
 */
#ifndef SCAN_SCAN_SOURCES_H
#define SCAN_SCAN_SOURCES_H

#include "base/err.h"
#include "graph/graph.h"
#include "graph/share_report.h"

struct scan_source {
	const char *name; /* "network" */
	int (*scan)(struct graph *g, struct err *err);
	/* Can a program of this type be attached there? NULL: of any type. */
	bool (*takes)(uint32_t prog_type);
};

/*
 * Adds an attachment and, if its program came after the programs were listed, the program:
 * it may be gone again in a moment.
 */
void scan_found(struct graph *g, const struct graph_attachment *at);

/* Every source there is; name NULL ends. */
extern const struct scan_source scan_sources[];

/*
 * In every network namespace that can be reached (the caller's, named ones, those of
 * running processes and threads, mounted ones; each once): filters of kind bpf at every
 * qdisc, shared blocks through each device that uses them; XDP, tcx and netkit. Only the
 * network namespace is entered, and left again.
 */
int scan_nets(struct graph *g, struct err *err) must_check;

/* One more namespace, unless its inode number says that it was read; path leads to it. */
void scan_netns(struct graph *g, uint64_t netns, const char *path);

/* Every type of attach_types[] on every directory of the cgroup v2 tree. */
int scan_cgroups(struct graph *g, struct err *err) must_check;

/* Links of every kind; graph_join_links() ties them to what the others found. */
int scan_links(struct graph *g, struct err *err) must_check;

/*
 * A device by name: in netns (a name, or a path), or if that is NULL in the caller's network
 * namespace, else in the only named one that has it. -ENODEV: "device 'x': No such device";
 * several, or one without a name, are an error that says what to add.
 */
int scan_dev_place(const char *dev, const char *netns, struct share_place *ret,
		   struct err *err) must_check;

/*
 * The programs of one place that scan_sources may have passed by: a cgroup outside of the
 * tree seen here. Devices are always found where they are named.
 */
void scan_place(struct graph *g, const struct share_place *place);

/* A cgroup by path; errors as in cgroup_fd_open(). */
int scan_cgroup_place(const char *path, struct share_place *ret,
		      struct err *err) must_check;

#endif
