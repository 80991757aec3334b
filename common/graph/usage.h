/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who still uses a map or a program: the question behind every removal. An object is used
 * by whatever comes to it: from a program through its maps, from a map through the
 * programs and maps in its slots. That it exists says nothing: a program in a slot of its
 * own prog array keeps itself alive.
 */
#ifndef GRAPH_USAGE_H
#define GRAPH_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "graph/graph.h"

/* In falling strength: of several users the strongest is told. */
enum usage_by {
	USAGE_NONE,
	USAGE_ATTACHED, /* an attached program comes to it */
	USAGE_OPEN,     /* a process has it open, or a program or map that leads to it */
	USAGE_LINK,     /* a link stands for it: an iterator, a sockmap's or struct_ops */
	USAGE_POLICY,   /* a program is attached to the map itself */
	USAGE_STRUCT_OPS, /* registered with the kernel, without a link */
	USAGE_MAPPED,     /* may be what a process has mapped into its memory */
	USAGE_SET_ASIDE,  /* an interrupted apply keeps it to put it back */
	USAGE_MIGRATES,   /* an interrupted migration needs it to be finished */
	/*
	 * A program comes to it that is neither attached nor open, pinned nor in a slot
	 * as far as one can see: something that cannot be seen keeps it.
	 */
	USAGE_UNSEEN,
	USAGE_PINNED_PROGRAM, /* a pinned program, attached nowhere, comes to it */
	USAGE_PINNED_MAP,     /* another pinned map holds it in a slot */
	USAGE_UNTOLD,         /* nothing that was seen, and not all of it was */
};

struct usage_mark {
	enum usage_by by;
	uint32_t id;      /* program, process, link or map */
	const char *comm; /* USAGE_OPEN; the graph's */
};

/* What holds a map and is no part of a graph. */
struct usage_tie {
	uint32_t map;
	struct usage_mark mark;
};

struct usage_ask {
	/* What this process has open does not count; 0: every process counts. */
	uint32_t ignore_pid;
	/*
	 * Pins of other objects count too, USAGE_PINNED_...; except those of skip, which
	 * has nr_pins of the graph and may be NULL. Pins of kept prog arrays
	 * (.../tc/keep/...) never do.
	 */
	bool pins;
	const bool *skip;
	const struct usage_tie *ties; /* borrowed */
	size_t nr_ties;
	/* Programs that were detached a moment ago: a slot of what is kept explains them. */
	const uint32_t *detached; /* borrowed */
	size_t nr_detached;
};

/*
 * An object may be reached from many pins. Two of them are enough to tell whether one is
 * of another object than itself.
 */
struct usage_roots {
	struct usage_mark first, second;
};

struct usage {
	const struct graph *g;
	struct usage_mark *maps, *programs; /* owned; by index in g */
	struct usage_roots *pinned_maps, *pinned_programs;
};

/* g is sorted, has slots, pins and holders, and outlives ret. */
void usage_init(struct usage *ret, const struct graph *g, const struct usage_ask *ask);
void usage_release(struct usage *u);
#define auto_usage auto_release(usage_release) struct usage

/* USAGE_NONE also for an object that is not there. */
struct usage_mark usage_of_map(const struct usage *u, uint32_t id);
struct usage_mark usage_of_program(const struct usage *u, uint32_t id);

/* Anything but USAGE_NONE and pins: it works for somebody now. */
bool usage_is_live(struct usage_mark mark);

/* "attached program id 7 uses it". */
void usage_words(struct strbuf *out, struct usage_mark mark);

#endif
