/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The running kernel as a graph: every program and its maps, every map and what stands in
 * its slots, their pins in every BPF file system that can be reached, the processes that
 * have them open, and what the attachment sources find.
 */
#ifndef SCAN_GRAPH_SCAN_H
#define SCAN_GRAPH_SCAN_H

#include "base/err.h"
#include "graph/graph.h"

struct scan_source;
struct bpf_map_info;
struct share_place;

/*
 * sources (scan/scan_sources.h) end with name NULL. On success *ret is sorted and needs
 * graph_release(); what could not be seen is in ret->hidden. -EPERM names the capability:
 * without CAP_SYS_ADMIN the kernel opens no program by id, and nothing could be told.
 */
int graph_scan(struct graph *ret, const struct scan_source *sources,
	       struct err *err) must_check;

/* All borrowed. */
struct graph_look {
	const struct scan_source *sources;
	/* Cgroups among these are read even where they are not in the tree seen here. */
	const struct share_place *places;
	size_t nr_places;
	/*
	 * With these: only where programs that come to one of these maps can be attached, and
	 * neither pins nor open files, which network namespaces apart attach nothing.
	 */
	const uint32_t *maps;
	size_t nr_maps;
	/*
	 * With these: what the proof for such maps needs. Hooks that no program which comes to
	 * one of them can be attached to are left out; so are, once each such program was found
	 * at a hook, open files and pins of other names.
	 */
	const struct graph_asked *asked;
	size_t nr_asked;
};

/* All maps of a name, or if that is NULL one map. */
struct graph_asked {
	const char *name;
	uint32_t id;
};

/* The same; where programs came and went meanwhile it looks again, a few times. */
int graph_scan_look(struct graph *ret, const struct graph_look *look,
		    struct err *err) must_check;

/* The parts, each in its own file. What they may not see is in g->hidden. */

/* All programs with the maps they use; all maps with what is in their slots. -errno. */
int scan_programs(struct graph *g) must_check;
int scan_maps(struct graph *g) must_check;
/*
 * One program that was not there yet when they were listed, with its maps; nothing for one
 * that is known, or gone; one that cannot be read is hidden. Programs and maps are ascending
 * by id, as listed.
 */
void scan_program(struct graph *g, uint32_t id);
/* Those that uses and slots name and the lists lack. */
void scan_latecomers(struct graph *g);

/* Every program id at one moment. */
struct scan_ids {
	uint32_t *ids; /* owned */
	size_t nr;
};
void scan_ids_read(struct scan_ids *ret);
void scan_ids_release(struct scan_ids *ids);

/*
 * Drops from a sorted graph what was detached while it was read, and waits a moment for what
 * is about to leave. False: a user may have been missed, look again; never so when last,
 * which says in g->hidden what is not known.
 */
bool scan_settle(struct graph *g, const struct scan_ids *before, bool last);

/* Without waiting: what is attached and was not listed is looked for again, unless last. */
bool scan_settle_attached(struct graph *g, bool last);

/*
 * Occupied slots of a prog array or a map of maps, entries of a devmap or cpumap that have a
 * program; nothing for other types.
 */
void scan_slots(struct graph *g, uint32_t id, int fd, const struct bpf_map_info *info);
/* The mounts of our own mount namespace, then what those of other processes add. */
void scan_pins(struct graph *g);
/* Those alone that can tell whether a map has one of the names; NULLs among them are skipped. */
void scan_pins_named(struct graph *g, const struct graph_asked *names, size_t nr);
/* From the open files in /proc; network namespaces among them are read too. */
void scan_holders(struct graph *g);

/* How many elements a map has now: walks it. -errno: it cannot be, or is an array. */
int scan_count(uint32_t map, uint64_t *ret) must_check;

#endif
