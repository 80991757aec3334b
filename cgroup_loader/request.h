/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user asked, nothing resolved: plain values that point into argv. Parsers write
 * them, run_*.c reads them.
 */
#ifndef CGROUP_LOADER_REQUEST_H
#define CGROUP_LOADER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "share/placement.h"

struct attach_type;

enum prog_ref_kind { PROG_REF_ID, PROG_REF_TAG, PROG_REF_NAME, PROG_REF_PINNED };

/* PROG := {id N|tag HEX16|name NAME|pinned PATH} */
struct prog_ref {
	enum prog_ref_kind kind;
	uint32_t id;
	uint8_t tag[8];
	const char *what; /* the word behind the kind, as typed */
};

/* prog load|loadall OBJ PATH ... */
struct load_request {
	const char *object, *path;
	bool all;   /* loadall */
	bool typed; /* type T was said: */
	uint32_t prog_type, attach_type;
	struct map_overrides maps;
	const char *pinmaps; /* NULL: not asked for */
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
	const char *cgroup; /* NULL: the root of the v2 tree */
	bool effective;
};

/* cgroup attach, cgroup detach */
struct attach_request {
	const char *cgroup;
	const struct attach_type *type;
	const char *object; /* obj FILE; NULL: prog says which */
	struct prog_ref prog;
	const char *section,
		*program; /* which of the object's programs; NULL: not said */
	struct map_overrides maps;
	bool multi, override, replace;
	const char *link_pin; /* link pinned PATH */
};

#endif
