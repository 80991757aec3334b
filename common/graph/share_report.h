/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The proof: do the attached programs that use a map of one name use one map? A graph and
 * a question in, the verdict and its evidence out. Looks at nothing but the graph.
 */
#ifndef GRAPH_SHARE_REPORT_H
#define GRAPH_SHARE_REPORT_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "graph/graph_names.h"
#include "graph/graph_reach.h"

enum share_verdict {
	SHARE_UNUSED,  /* no attached program uses a map of this name */
	SHARE_SINGLE,  /* one program does */
	SHARE_SPLIT,   /* several maps: what one side writes the other does not read */
	SHARE_SHARED,  /* two programs or more, one map */
	SHARE_UNKNOWN, /* something that could change the answer was not seen */
};

/* "shared" … as output writes them. */
const char *share_verdict_name(enum share_verdict verdict);

/* Where to look: one device or one cgroup. */
struct share_place {
	enum graph_attach_kind kind; /* GRAPH_TC: a device, whatever hook; GRAPH_CGROUP */
	char netns[256];             /* as in graph_attachment, "": the caller's */
	uint64_t netns_ino;
	uint32_t ifindex;
	char dev[16]; /* its own name, whatever it was called by; "": not known */
	uint64_t cgroup_id;
	const char *name; /* as typed: the device or the cgroup's path; borrowed */
};

struct share_question {
	const char *name; /* borrowed */
	uint32_t map;     /* this map counts whatever its name is; 0: none */
	const struct share_place *places; /* attachments in one of these; borrowed */
	size_t nr_places;                 /* 0: everywhere */
	const struct graph_reach
		*reach; /* of the graph; NULL: computed for this question */
};

/* One program that uses one such map, in one place. All borrowed from the graph. */
struct share_user {
	uint32_t map; /* id */
	const struct graph_program *program;
	/* Where it is attached, or the program is whose tail call leads to it. */
	const struct graph_attachment *at;
	const struct graph_slot *call;  /* that tail call, the last one; NULL: none */
	const struct graph_slot *inner; /* the slot of an outer map that holds map */
};

/* A link that runs nothing any more, of a program that uses such a map. Borrowed. */
struct share_dead {
	uint32_t map;
	const struct graph_program *program;
	const struct graph_attachment *at;
	const struct graph_pin *pin; /* one of the link's; NULL: none seen */
};

/* A program that uses such a map and whose attachment was not found. Borrowed. */
struct share_unseen {
	uint32_t map;
	const struct graph_program *program;
};

struct share_report {
	const char *name; /* owned */
	enum share_verdict verdict;
	/* The maps behind the users, ascending; without users all maps of the name. */
	uint32_t *ids;
	size_t nr_ids;
	/* By map, program, place. Of the ways to one program by tail calls the first ones,
	 * nr_more is the number of the others. */
	struct share_user *users;
	size_t nr_users, nr_more;
	size_t nr_programs; /* distinct ones among the users */
	uint32_t *idle;     /* maps of the name that none of the users uses */
	size_t nr_idle;
	struct share_dead *dead; /* not counted */
	size_t nr_dead;
	/* Without places they make the verdict unknown, unless it is split already. */
	struct share_unseen *unseen;
	size_t nr_unseen;
	bool netns_unlisted; /* the graph's */
	/*
	 * Programs that use one of idle, could be attached by netlink and are explained by
	 * a pin or an open file alone. Not counted: a network namespace that only a socket
	 * keeps is the one place where they could run unseen.
	 */
	struct share_unseen *resting;
	size_t nr_resting;
	/* Pins of maps of the name whose migration has not ended; no verdict changes by it. */
	const struct graph_pin **migrating;
	size_t nr_migrating;
	size_t *missing; /* indexes of the question's places without a program */
	size_t nr_missing;
	const struct graph_hidden **hidden; /* what the question needs and was not seen */
	size_t nr_hidden;
	const struct share_place *places; /* the question's; borrowed */
	/*
	 * The name is longer than the kernel keeps and a map was taken for it by its
	 * first GRAPH_KERNEL_NAME bytes, because no pin or BTF tells its whole name.
	 */
	bool cut;
};

/*
 * A map is of this name if it is pinned under it, or if the kernel's name is the same as
 * far as the kernel keeps one; a pin that continues the kernel's cut name tells the whole
 * one. g is sorted and outlives ret. -ENOENT: there is no such map.
 */
int share_report_init(struct share_report *ret, const struct graph *g,
		      const struct share_question *question) must_check;
void share_report_release(struct share_report *r);

#endif
