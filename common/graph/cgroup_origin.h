/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which cgroup each program that runs for a cgroup comes from. The kernel tells the order
 * in which programs run, and each cgroup's own list, not how the two belong together.
 */
#ifndef GRAPH_CGROUP_ORIGIN_H
#define GRAPH_CGROUP_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One cgroup's own list for one attach type. */
struct cgroup_level {
	const uint32_t *ids; /* borrowed */
	size_t nr;
	bool multi;
};

/*
 * levels: the cgroup itself first, then each ancestor. Writes for each of the nr effective
 * ids the index of its level to ret, -1 where none fits (lists changed meanwhile).
 *
 * Programs attached with preorder (6.15) run first, root to leaf; the others after them,
 * leaf to root. Which is which is not reported, so the border is searched for: the first
 * one with which every list is used up in its own order.
 */
void cgroup_origin(const struct cgroup_level *levels, size_t nr_levels,
		   const uint32_t *effective, size_t nr, int *ret);

#endif
