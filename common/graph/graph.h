/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who uses which map, and where: maps, programs, attachments, pins and holders, and what
 * ties them together, as plain arrays. Filled by scan/graph_scan from the running
 * kernel, or by hand in tests; read by the verdict and by every renderer. Knows no
 * kernel, no JSON, no terminal.
 *
 *	graph_add_...()     in any order, duplicates welcome
 *	graph_join_links()  once, when all attachments and links are there
 *	graph_sort()        orders everything and makes one node of one id
 *	graph_find_...()    binary searches, only after graph_sort()
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * Zero or NULL is "not known" in every field. Strings inside a graph are the graph's,
 * which alone frees them; const lets the same structs carry borrowed ones into
 * graph_add_...().
 */
struct graph_map {
	uint32_t id;
	const char *name; /* the kernel's 15 bytes, or whole where BTF has it; "": none */
	bool whole;       /* BTF says that this is all of the name */
	uint32_t type;    /* enum bpf_map_type */
	uint32_t key_size, value_size, max_entries, flags;
	uint32_t btf_id;
	bool counted; /* entries is known */
	uint64_t entries;
};

struct graph_program {
	uint32_t id;
	const char *name; /* whole, where BTF has it */
	bool whole;       /* nothing of it is missing */
	uint32_t type;    /* enum bpf_prog_type */
	uint8_t tag[8];
};

/* In the order in which they are listed. */
enum graph_attach_kind {
	GRAPH_TC,
	GRAPH_TCX,
	GRAPH_NETKIT,
	GRAPH_XDP,
	GRAPH_CGROUP,
	GRAPH_LINK, /* any other kind of link, and those whose place cannot be seen */
};

/* Of clsact and tcx. */
enum graph_hook { GRAPH_HOOK_NONE, GRAPH_INGRESS, GRAPH_EGRESS };

/* One program in one place. */
struct graph_attachment {
	uint32_t program; /* id */
	enum graph_attach_kind kind;
	uint32_t attach_type; /* enum bpf_attach_type; unused in GRAPH_TC */
	uint32_t link_id;     /* 0: attached without a link */

	/* GRAPH_TC, GRAPH_TCX, GRAPH_NETKIT, GRAPH_XDP */
	const char *netns;  /* name, or a path when it has none; NULL: the caller's */
	uint64_t netns_ino; /* the inode number that is its identity */
	const char *dev;
	uint32_t ifindex;
	enum graph_hook hook;
	uint32_t block;  /* shared block the filter stands in; 0: none */
	uint32_t parent; /* GRAPH_HOOK_NONE: the handle of a qdisc or class */
	uint32_t chain, pref, handle;
	/* GRAPH_TCX, GRAPH_NETKIT: it runs as the order-th of so many, from 1. */
	uint32_t order, of;

	/* GRAPH_CGROUP */
	const char *path; /* absolute; NULL: outside of what can be seen */
	uint64_t cgroup_id;
	/* BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI; with GRAPH_XDP XDP_FLAGS_*_MODE */
	uint32_t flags;
	/* The how-manieth time this program stands in this cgroup and type, from 0. */
	uint32_t nth;

	/* GRAPH_LINK */
	uint32_t link_type; /* enum bpf_link_type */

	/* A link whose cgroup, device or namespace is gone: nothing runs there any more. */
	bool dead;
};

/* program refers to map, in its code or bound to it later. */
struct graph_use {
	uint32_t program, map; /* ids */
};

/* An occupied slot: of a prog array, a devmap or cpumap, or of a map of maps. */
struct graph_slot {
	uint32_t map;     /* whose slot */
	uint32_t program; /* in it; or */
	uint32_t inner;   /* the map in it */
	bool has_key;     /* keys that are not 4 bytes wide have no number */
	uint32_t key;
	bool redirect; /* entry of a devmap or cpumap: program runs on what is sent there */
};

/* As the kernel lists links; graph_join_links() makes attachments of them. */
struct graph_link {
	uint32_t id;
	uint32_t type; /* enum bpf_link_type */
	uint32_t program;
	enum graph_attach_kind kind;
	uint32_t attach_type;
	uint32_t ifindex; /* in a network namespace that is not told */
	uint64_t cgroup_id;
	bool dead; /* what it was attached to is gone */
	/* Of a program that extends or watches another one: that one. */
	uint32_t target;
	uint32_t map; /* that it is over, or attached to */
};

/* What a pin or an open file can be of. */
enum graph_object { GRAPH_OF_MAP, GRAPH_OF_PROGRAM, GRAPH_OF_LINK };

/* A path in a BPF file system and the object it names. */
struct graph_pin {
	enum graph_object of;
	uint32_t id;
	const char *path;
	bool migrates; /* a migration of this map has begun, and has not ended */
};

/* A process that has it open. */
struct graph_holder {
	enum graph_object of;
	uint32_t id;
	uint32_t pid;
	const char *comm;
};

/* Where the facts of a graph come from. */
enum graph_source {
	GRAPH_FROM_NET,     /* the hooks of a network namespace */
	GRAPH_FROM_NETNS,   /* which network namespaces there are */
	GRAPH_FROM_CGROUP,  /* the programs of cgroups */
	GRAPH_FROM_LINK,    /* links */
	GRAPH_FROM_PROGRAM, /* programs and the maps they use */
	GRAPH_FROM_SLOT,    /* slots of prog arrays and of maps of maps */
	GRAPH_FROM_PIN,     /* pins */
	GRAPH_FROM_NAME,    /* what the kernel cut off a name */
	GRAPH_FROM_OPEN,    /* open files of processes */
};

/* Something that could not be seen. Where it is about one place only, that place. */
struct graph_hidden {
	enum graph_source source;
	bool placed;       /* about one namespace, device or cgroup alone */
	bool failed;       /* GRAPH_FROM_OPEN: by an error, not refused to whoever asks */
	const char *netns; /* GRAPH_FROM_NET, placed: as in graph_attachment */
	uint64_t netns_ino;
	const char *dev; /* NULL: all devices of the namespace */
	uint64_t cgroup_id;
	/* GRAPH_FROM_PROGRAM, GRAPH_FROM_SLOT: the program, the map; 0: not of one alone */
	uint32_t id;
	const char *text; /* a sentence */
};

struct graph {
	struct graph_map *maps;
	size_t nr_maps;
	struct graph_program *programs;
	size_t nr_programs;
	struct graph_attachment *attachments;
	size_t nr_attachments;
	struct graph_use *uses;
	size_t nr_uses;
	struct graph_slot *slots;
	size_t nr_slots;
	struct graph_link *links;
	size_t nr_links;
	struct graph_pin *pins;
	size_t nr_pins;
	struct graph_holder *holders;
	size_t nr_holders;
	uint64_t *netns; /* inode numbers of the network namespaces that were read */
	size_t nr_netns;
	/* There may be more: of processes, files and sockets that nobody here can list. */
	bool netns_unlisted;
	size_t nr_devices, nr_cgroups; /* that were asked */
	struct graph_hidden *hidden;
	size_t nr_hidden;
};

#define GRAPH_INIT           \
	{                    \
		.maps = NULL \
	}
#define auto_graph auto_release(graph_release) struct graph

/* Values are copied, strings too: what is passed in stays the caller's. */
void graph_add_map(struct graph *g, const struct graph_map *map);
void graph_add_program(struct graph *g, const struct graph_program *program);
void graph_add_attachment(struct graph *g, const struct graph_attachment *at);
void graph_add_use(struct graph *g, uint32_t program, uint32_t map);
void graph_add_slot(struct graph *g, const struct graph_slot *slot);
void graph_add_link(struct graph *g, const struct graph_link *link);
void graph_add_pin(struct graph *g, enum graph_object of, uint32_t id, const char *path);
void graph_add_migrating_pin(struct graph *g, uint32_t map, const char *path);
void graph_add_holder(struct graph *g, const struct graph_holder *holder);
void graph_add_hidden(struct graph *g, enum graph_source source, const char *fmt, ...)
	printf_like(3, 4);
/* The same of one place; text of hidden is not read. */
void graph_add_hidden_at(struct graph *g, const struct graph_hidden *hidden,
			 const char *fmt, ...) printf_like(3, 4);

/* False: it was read already. */
bool graph_add_netns(struct graph *g, uint64_t netns);
bool graph_has_netns(const struct graph *g, uint64_t netns);

/* Forgets the attachments from index nr on: a dump that has to be repeated. */
void graph_drop_attachments(struct graph *g, size_t nr);

/* Forgets programs by index (nr_programs of drop), with the uses they are in. */
void graph_drop_programs(struct graph *g, const bool *drop);

/* Moves everything from other into g and leaves other empty. */
void graph_merge(struct graph *g, struct graph *other);

/*
 * Every link that stands for an attachment seen by query gives it its link_id; the others
 * become attachments of their own: dead ones of their kind, a cgroup without path,
 * GRAPH_LINK for all the rest.
 */
void graph_join_links(struct graph *g);

/*
 * Maps and programs by id, uses by program and map, slots by map and key, pins and
 * holders by object, attachments by program and place. Nodes with one id become one: what
 * one of them knows fills the gaps of the other. Equal edges, attachments and sentences
 * become one.
 */
void graph_sort(struct graph *g);

/* NULL: not there. Borrowed until the next change. */
const struct graph_map *graph_find_map(const struct graph *g, uint32_t id);
const struct graph_program *graph_find_program(const struct graph *g, uint32_t id);
/* In a row: the first of *nr; NULL with *nr == 0. */
const struct graph_use *graph_find_uses(const struct graph *g, uint32_t program,
					size_t *nr);
const struct graph_attachment *graph_find_attachments(const struct graph *g,
						      uint32_t program, size_t *nr);
const struct graph_slot *graph_find_slots(const struct graph *g, uint32_t map,
					  size_t *nr);
const struct graph_pin *graph_find_pins(const struct graph *g, enum graph_object of,
					uint32_t id, size_t *nr);
/* Those of a few maps that migrate, in an array that is the caller's; how many. */
size_t graph_find_migrating(const struct graph *g, const uint32_t *maps, size_t nr_maps,
			    const struct graph_pin ***ret);
const struct graph_holder *graph_find_holders(const struct graph *g, enum graph_object of,
					      uint32_t id, size_t *nr);

/* Kind, namespace, device, hook, block, chain, pref, handle; path, type: for qsort(3). */
int graph_compare_places(const struct graph_attachment *a,
			 const struct graph_attachment *b);

/* Takes a half-built graph. */
void graph_release(struct graph *g);

#endif
