/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The running kernel as a graph: every program and its maps, every map, their pins in
 * every BPF file system that can be seen, and what the attachment sources find.
 */
#ifndef SHARE_GRAPH_SCAN_H
#define SHARE_GRAPH_SCAN_H

#include "base/err.h"
#include "format/graph.h"

struct attach_source;

/*
 * sources (share/attach.h) end with name NULL. On success *ret is sorted and needs
 * graph_release(); what could not be seen is in ret->hidden. -EPERM names the capability:
 * without CAP_SYS_ADMIN the kernel opens no program by id, and nothing could be told.
 */
int graph_scan(struct graph *ret, const struct attach_source *sources,
	       struct err *err) must_check;

#endif
