/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user asked, nothing resolved: plain values that point into argv, one type for
 * each verb. The parser writes them; once it has returned nobody does. Every field is read
 * by its verb: tests/lint/request_fields.sh.
 */
#ifndef CGROUP_LOADER_REQUEST_H
#define CGROUP_LOADER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "load/placement.h"

struct attach_type;

/* Several programs may have one tag or name. */
enum prog_ref_kind { PROG_REF_ID, PROG_REF_TAG, PROG_REF_NAME, PROG_REF_PINNED };

/* PROG := {id N|tag HEX16|name NAME|pinned PATH} */
struct prog_ref {
	enum prog_ref_kind kind;
	uint32_t id;
	uint8_t tag[8];
	const char *what; /* the word behind the kind, as typed */
};

/* CGROUP := PATH | pid N | unit NAME */
enum cgroup_ref_kind { CGROUP_REF_PATH, CGROUP_REF_PID, CGROUP_REF_UNIT };

struct cgroup_ref {
	enum cgroup_ref_kind kind;
	uint32_t pid;
	const char *what; /* path or unit; NULL: the root of the v2 tree */
};

/* LINK := {id N|pinned PATH} */
struct link_ref {
	uint32_t id;
	const char *path; /* NULL: by id */
};

/* link show|list [LINK] */
struct link_show_request {
	bool given;
	struct link_ref link;
};

/* link pin LINK PATH */
struct link_pin_request {
	struct link_ref link;
	const char *path;
};

/* link detach LINK */
struct link_detach_request {
	struct link_ref link;
};

/* link update LINK PROG [old PROG] */
struct link_update_request {
	struct link_ref link;
	struct prog_ref prog;
	bool checked; /* old was said */
	struct prog_ref old;
};

/* prog load|loadall OBJ PATH ... */
struct load_request {
	const char *object, *path;
	bool all;   /* loadall */
	bool typed; /* type T was said: */
	uint32_t prog_type, attach_type;
	struct map_overrides maps;
	struct constants constants; /* set NAME=VALUE */
	const char *pinmaps;        /* NULL: not asked for */
	bool autoattach;
	struct cgroup_ref cgroup; /* for those that attach to cgroups; what NULL: none */
};

/* prog pin PROG PATH */
struct prog_pin_request {
	struct prog_ref prog;
	const char *path;
};

/* prog show|list [PROG] */
struct prog_show_request {
	bool given;
	struct prog_ref prog;
};

/* cgroup show|list|tree */
struct cgroup_show_request {
	struct cgroup_ref cgroup;
	bool tree; /* with every cgroup below */
	bool effective;
};

/* cgroup attach */
struct attach_request {
	struct cgroup_ref cgroup;
	bool each; /* every leaf below */
	const struct attach_type *type;
	const char *object; /* obj FILE; NULL: prog says which */
	struct prog_ref prog;
	const char *section,
		*program; /* which of the object's programs; NULL: not said */
	struct map_overrides maps;
	struct constants constants; /* set NAME=VALUE */
	bool multi, override, replace;
	bool swap; /* replace PROG: */
	struct prog_ref swapped;
	bool preorder;
	bool before, after, anchored; /* anchored: before or after this one: */
	struct prog_ref anchor;       /* of a link: its id or pin */
	const char *link_pin;         /* link pinned PATH */
};

/* cgroup detach */
struct detach_request {
	struct cgroup_ref cgroup;
	bool each; /* every leaf below */
	const struct attach_type *type;
	const char *object; /* obj FILE; NULL: prog or link says which */
	struct prog_ref prog;
	const char *section,
		*program; /* which of the object's programs; NULL: not said */
	struct map_overrides maps;
	struct constants constants; /* set NAME=VALUE */
	bool by_link;               /* link LINK */
	struct link_ref link;
	const char *ignored; /* the first word behind PROG; NULL: none */
};

#endif
