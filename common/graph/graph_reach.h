/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which program comes to which map, and from where: by its own code, through the slot of
 * a map of maps, and when it runs only because an attached program calls it through a
 * prog array. One list of a sorted graph, computed once, for verdict and renderers alike.
 */
#ifndef GRAPH_GRAPH_REACH_H
#define GRAPH_GRAPH_REACH_H

#include "graph/graph.h"

/* All pointers are borrowed from the graph. */
struct graph_user {
	uint32_t map, program;
	/* The attached program whose run it is: program itself, or the one that begins
	 * the tail calls. 0: nothing attached leads here. A dead link is no attachment. */
	uint32_t root;
	/* No attachment of root was found, and nothing says that there is none. */
	bool unseen;
	const struct graph_slot *call; /* the tail call that leads to program, or NULL */
	const struct graph_slot
		*inner; /* the slot of an outer map that holds map, or NULL */
};

struct graph_reach {
	struct graph_user *users; /* by map, program, root; one for each such triple */
	size_t nr_users;
};

/* g is sorted and outlives ret, which needs graph_reach_release(). */
void graph_reach_init(struct graph_reach *ret, const struct graph *g);
void graph_reach_release(struct graph_reach *r);

/*
 * maps (ids, in any order) and those that lead to them or hang in their slots: the prog
 * arrays and outer maps through which their users come, and so on. Ascending, *ret is the
 * caller's to free; their number.
 */
size_t graph_reach_widen(const struct graph_reach *r, const struct graph *g,
			 const uint32_t *maps, size_t nr, uint32_t **ret);

/* The users of one map, in a row; NULL with *nr == 0. */
const struct graph_user *graph_reach_find(const struct graph_reach *r, uint32_t map,
					  size_t *nr);

#endif
