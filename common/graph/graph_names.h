/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What maps are called. The kernel keeps 15 bytes of a name; pins and BTF know the rest,
 * and a pin may give a map a second name. Two maps with one name are twins: often one map
 * that was meant to be shared and was not.
 */
#ifndef GRAPH_GRAPH_NAMES_H
#define GRAPH_GRAPH_NAMES_H

#include "base/strbuf.h"
#include "graph/graph.h"

/* What the kernel keeps of a name, without NUL. */
enum { GRAPH_KERNEL_NAME = 15 };

/* The last part of a path. Borrowed from path. */
const char *graph_base_name(const char *path);

/*
 * The best name known for a map: what BTF says, the pin that continues the kernel's name,
 * the kernel's, the pin of a map without a name (old tc gave none). "" for nothing.
 * Borrowed from g.
 */
const char *graph_map_name(const struct graph *g, uint32_t map);

/* Adds "; did you mean 'NAME'?" if some map is called nearly like name (base/suggest.h). */
void graph_map_near(const struct graph *g, const char *name, struct strbuf *out);

/* Does name fill the kernel's room, and neither BTF nor a pin says that this is all? */
bool graph_map_is_cut(const struct graph *g, const struct graph_map *map);

/* The same for programs. */
const char *graph_program_name(const struct graph *g, uint32_t program);
bool graph_program_is_cut(const struct graph *g, const struct graph_program *program);

/*
 * Is the map of this name: pinned under it, or called so as far as the kernel keeps a
 * name? *cut is set where only the kernel's bytes could be compared.
 */
bool graph_map_has_name(const struct graph *g, const struct graph_map *map,
			const char *name, bool *cut);

/* The variables of an object (".rodata" and such), which belong to one load. */
bool graph_map_is_data_section(const struct graph_map *map);

/* A name that a map has. Strings are borrowed from the graph. */
struct graph_name {
	const char *name;
	uint32_t map;
	uint32_t type; /* of the map */
	bool pinned;   /* a pin carries it */
	/*
	 * The directory of that pin, if it is somebody's own; dir_len 0: a directory where
	 * loaders look for maps to share, or no pin.
	 */
	const char *dir;
	size_t dir_len;
};

/* Names that at least two maps have, data sections and nameless maps left out. */
struct graph_names {
	struct graph_name *items; /* owned; by name, type, directory and map */
	size_t nr;
};

/* g is sorted and outlives ret. */
void graph_twins_init(struct graph_names *ret, const struct graph *g);
void graph_names_release(struct graph_names *n);

/*
 * Could the two be meant to be one map? Of one name and one type; and two that are pinned in
 * two directories of somebody's own are not.
 */
bool graph_names_are_twins(const struct graph_name *a, const struct graph_name *b);

/* So many are named in a sentence, the rest is counted. */
enum { GRAPH_TWINS_LISTED = 8 };

/* The first of them, ascending, and how many there are. */
struct graph_twins {
	uint32_t maps[GRAPH_TWINS_LISTED];
	size_t nr, total;
};

/* The other maps that could be meant to be the same as map. */
void graph_twins_of(const struct graph_names *n, const struct graph *g, uint32_t map,
		    struct graph_twins *ret);

#endif
