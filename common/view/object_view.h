/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an object file defines and what a load would do here, as people and scripts read
 * it. Plain rows in, text out: whoever fills them knows objects and the kernel, this does
 * not.
 */
#ifndef VIEW_OBJECT_VIEW_H
#define VIEW_OBJECT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "def/mapdef.h"
#include "view/json_out.h"

enum object_view_would {
	OBJECT_VIEW_PRIVATE,  /* a fresh map without pin */
	OBJECT_VIEW_USE,      /* id: the map the command line names */
	OBJECT_VIEW_REUSE,    /* id, path */
	OBJECT_VIEW_CREATE,   /* path */
	OBJECT_VIEW_CONFLICT, /* path, id if known, reason */
	OBJECT_VIEW_BLOCKED,  /* reason */
};

/* Everything below is borrowed. */
struct object_view_map {
	const struct mapdef *def;
	const char *inner; /* name of the inner template; NULL: none */
	enum object_view_would would;
	uint32_t id;
	const char *path, *reason;
	const char *split;  /* PRIVATE, REUSE, CREATE: the map it could have been; NULL */
	const char *detail; /* CONFLICT: lines that explain it; NULL */
	const char *unchecked;     /* REUSE: what could not be compared, and why; NULL */
	const struct facts *facts; /* CONFLICT: the same for a program; NULL */
};

struct object_view_program {
	const char *name, *section;
	uint32_t prog_type; /* 0: unknown */
	bool optional;      /* SEC("?..."): only when asked for */
};

/* What the load writes: a program into a prog array, a map into an outer map. */
struct object_view_slot {
	const char *map; /* NULL: the object has no prog array with that id */
	uint32_t map_id; /* bpf_elf_map.id; 0: none */
	uint32_t key;
	const char *program; /* one of the two is NULL */
	const char *inner;
	const char *section; /* "ID/KEY"; NULL: from the map's own values */
};

/* A variable that programs only read. */
struct object_view_constant {
	const char *name, *section;
	const char *type;  /* "int", "char[16]", "struct limits"; NULL: not known */
	const char *value; /* as it can be typed again; NULL: no text tells it */
	const char *json;  /* the same as JSON; NULL */
	bool is_volatile;
};

/* All that is shown of an object; what it points to is borrowed. */
struct object_view {
	const char *path;
	const struct object_view_map *maps;
	size_t nr_maps;
	const struct object_view_program *programs;
	size_t nr_programs;
	const struct object_view_slot *slots;
	size_t nr_slots;
	const struct object_view_constant *constants;
	size_t nr_constants;
};

/* A headline and up to four tables. width as in table_out(). */
void object_view_text(struct strbuf *out, const struct object_view *v,
		      unsigned int width);

/*
 * A list of objects: [{"file","maps":[{"name","dialect","type","key_size","value_size",
 * "max_entries","map_flags","pinning","would":"private|use|reuse|create|conflict|blocked",…}],
 * "programs":[{"name","section","type","attach":[…],"optional"}],
 * "slots":[{"map","key","program"|"inner",…}],
 * "constants":[{"name","section","type","default":any,"volatile":true|false}],
 * "attach_types":[{"program","attach_type"}]}]. Keys that do not apply are absent, lists are
 * always there, but for the last one (view/object_attach.h).
 */
void object_view_json(struct strbuf *out, const struct object_view *views, size_t nr,
		      enum json_layout layout);

/*
 * {"file","lost":[…]}: what a conversion could not keep; lost has a line for each thing.
 */
void object_view_lost_json(struct strbuf *out, const char *file, const char *lost,
			   enum json_layout layout);

#endif
