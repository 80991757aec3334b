/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a proof for a few maps needs: which maps they are, and who of their users is missing. */
#ifndef SCAN_SCAN_ASKED_H
#define SCAN_SCAN_ASKED_H

#include "scan/graph_scan.h"

/*
 * Reads the pins that tell names, sorts g, and sets *ret (the caller's) to the ids of all maps
 * that are asked for, and of their names; how many. Programs and maps are read.
 */
size_t scan_asked_maps(struct graph *g, const struct graph_look *look, uint32_t **ret);

/* Programs that come to one of a few maps, and those that call them. */
struct scan_users {
	uint32_t *ids; /* owned; ascending */
	size_t nr;
};

/* g is sorted; ret needs scan_users_release(). */
void scan_users_init(struct scan_users *ret, const struct graph *g, const uint32_t *maps,
		     size_t nr_maps);
void scan_users_release(struct scan_users *u);

/*
 * Is each of them attached where the sources looked, or called from there, and does no dead
 * link hold one? g need not be sorted for its attachments and links.
 */
bool scan_users_are_found(const struct scan_users *u, const struct graph *g);

#endif
