/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Results in bpftool's words: text with its columns and trailing blanks, JSON with its
 * keys in its order. Everything is handed over as values; nothing is asked here.
 */
#ifndef CGROUP_LOADER_PRINT_H
#define CGROUP_LOADER_PRINT_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "kernel/link_details.h"
#include "kernel/link_fd.h"
#include "view/btf_metadata.h"

struct attach_type;
struct tool;

/* One program in a cgroup's list. */
struct attached {
	const struct attach_type *type;
	uint32_t id, flags;
	char *name;     /* owned */
	char *btf_name; /* kernel function an LSM program stands on; owned; NULL: no
			   kernel BTF */
	uint32_t btf_obj_id, btf_id;
	char *from; /* the cgroup an effective program comes from; owned; NULL: not asked */
};

struct cgroup_rows {
	char *path;            /* owned */
	int depth;             /* 0: where the walk began */
	struct attached *rows; /* owned */
	size_t nr;
};

void cgroup_rows_release(struct cgroup_rows *cg);

/* An empty cgroup prints nothing, or []. effective drops the flags. */
void print_cgroup(struct tool *tool, const struct cgroup_rows *cg, bool effective);
/* Cgroups without rows are passed over. */
void print_cgroup_tree(struct tool *tool, const struct cgroup_rows *cgs, size_t nr,
		       bool effective);

struct program_row {
	struct bpf_prog_info info;
	char *name;        /* owned; NULL or empty: it has none */
	uint32_t *map_ids; /* owned */
	size_t nr_maps;
	uint64_t memlock;  /* 0: unknown */
	int64_t loaded_at; /* seconds since 1970 */
	char **pins;       /* owned, each of them too */
	size_t nr_pins;
	struct metadata metadata;
};

void program_row_release(struct program_row *row);

/* list: a JSON array whatever the number. pins: "pinned" belongs to every JSON object. */
void print_programs(struct tool *tool, const struct program_row *rows, size_t nr,
		    bool list, bool pins);

struct link_row {
	struct link_fd_info info;
	const char *type;        /* NULL: has no name */
	const char *attach_type; /* NULL: has none, or one without a name */
	struct link_details details;
	char *devname; /* owned; of LINK_FD_XDP, _TCX, _NETKIT; NULL: none of ours has it */
	uint32_t prog_type; /* of links that trace; 0: unknown */
	const char **pins;  /* owned, the paths are borrowed */
	size_t nr_pins;
};

void link_row_release(struct link_row *row);

/* As print_programs(). */
void print_links(struct tool *tool, const struct link_row *rows, size_t nr, bool list,
		 bool pins);

/* The fields of kprobe_multi, uprobe_multi and perf_event links, for print_link.c. */
struct json_object;
void print_probes_add(struct strbuf *out, uint32_t link_type,
		      const struct link_probes *p);
void print_probes_json(struct json_object *o, uint32_t link_type,
		       const struct link_probes *p);

/* Both versions and what was built in, as `bpftool version` lists it. */
void print_version(struct tool *tool, const char *version, const char *libbpf);

/* For the print*.c files: a whole answer, and members of an object. */
/* A whole answer, on tool->out; root stays the caller's. */
void print_text(struct tool *tool, const struct strbuf *text);
void print_json(struct tool *tool, struct json_object *root);
/* One more member of o; value is copied. */
void print_add_string(struct json_object *o, const char *key, const char *value);
void print_add_number(struct json_object *o, const char *key, uint64_t value);

/* Done, and nothing to tell: null in JSON. */
void print_done(struct tool *tool);

#endif
