/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who uses which map, and where: maps, programs and attachments, and what ties them
 * together, as plain arrays. Filled by share/graph_scan from the running kernel, or by
 * hand in tests; read by the verdict and by every renderer. Knows no kernel, no JSON, no
 * terminal.
 *
 *	graph_add_...()    in any order, duplicates welcome
 *	graph_sort()       orders everything and makes one node of one id
 *	graph_find_...()   binary searches, only after graph_sort()
 */
#ifndef FORMAT_GRAPH_H
#define FORMAT_GRAPH_H

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
	const char *name; /* the kernel's: at most 15 bytes, "" for none */
	uint32_t type;    /* enum bpf_map_type */
	uint32_t key_size, value_size, max_entries, flags;
	uint32_t btf_id;
};

struct graph_program {
	uint32_t id;
	const char *name; /* whole, where BTF has it */
	uint32_t type;    /* enum bpf_prog_type */
	uint8_t tag[8];
};

enum graph_attach_kind { GRAPH_TC, GRAPH_CGROUP };
enum graph_hook { GRAPH_HOOK_NONE, GRAPH_INGRESS, GRAPH_EGRESS };

/* One program in one place. */
struct graph_attachment {
	uint32_t program; /* id */
	enum graph_attach_kind kind;

	/* GRAPH_TC */
	const char *netns; /* name; NULL: the caller's */
	const char *dev;
	uint32_t ifindex;
	enum graph_hook hook;
	uint32_t block; /* shared block the filter stands in; 0: none */
	uint32_t chain, pref, handle;

	/* GRAPH_CGROUP */
	const char *path; /* absolute */
	uint64_t cgroup_id;
	uint32_t attach_type; /* enum bpf_attach_type */
	uint32_t flags;       /* BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI */
};

/* program refers to map, in its code or bound to it later. */
struct graph_use {
	uint32_t program, map; /* ids */
};

struct graph_pin {
	uint32_t map; /* id */
	const char *path;
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
	struct graph_pin *pins;
	size_t nr_pins;
	char **hidden; /* what could not be seen, a sentence each */
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
void graph_add_pin(struct graph *g, uint32_t map, const char *path);
void graph_add_hidden(struct graph *g, const char *fmt, ...) printf_like(2, 3);

/* Forgets the attachments from index nr on: a dump that has to be repeated. */
void graph_drop_attachments(struct graph *g, size_t nr);

/* Moves everything from other into g and leaves other empty. */
void graph_merge(struct graph *g, struct graph *other);

/*
 * Maps and programs by id, uses by program and map, pins by map and path, attachments by
 * program and place. Nodes with one id become one: what one of them knows fills the gaps
 * of the other. Equal edges, attachments and sentences become one.
 */
void graph_sort(struct graph *g);

/* NULL: not there. Borrowed until the next change. */
const struct graph_map *graph_find_map(const struct graph *g, uint32_t id);
const struct graph_program *graph_find_program(const struct graph *g, uint32_t id);
/* The maps of a program, the pins of a map: first of *nr in a row; NULL with *nr == 0. */
const struct graph_use *graph_find_uses(const struct graph *g, uint32_t program,
					size_t *nr);
const struct graph_pin *graph_find_pins(const struct graph *g, uint32_t map, size_t *nr);

/* Kind, namespace, device, hook, block, chain, pref, handle; path, type: for qsort(3). */
int graph_compare_places(const struct graph_attachment *a,
			 const struct graph_attachment *b);

/* Takes a half-built graph. */
void graph_release(struct graph *g);

#endif
