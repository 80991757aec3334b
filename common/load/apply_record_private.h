/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fields of a record, one row each, read and written by apply_record_{read,json}.c. */
#ifndef LOAD_APPLY_RECORD_PRIVATE_H
#define LOAD_APPLY_RECORD_PRIVATE_H

#include <stddef.h>

#include "load/apply_record.h"

enum { RECORD_VERSION = 1 };

enum record_kind {
	RECORD_TEXT,
	RECORD_PLACE,    /* a text that each item has, whatever the one before it has */
	RECORD_OPTIONAL, /* a text that may be missing */
	RECORD_U16,
	RECORD_U32,
	RECORD_U64,
	RECORD_INT,
	RECORD_BOOL,
	RECORD_FLAG, /* true, or missing */
	RECORD_TAG,  /* of a program, in hex */
};

extern const size_t record_kind_size[]; /* 0: a text */

struct record_field {
	const char *name; /* NULL ends a table */
	enum record_kind kind;
	size_t offset;
};

extern const struct record_field record_identity_fields[];
extern const struct record_field record_program_fields[];
extern const struct record_field record_map_fields[];
extern const struct record_field record_slot_fields[];
extern const struct record_field record_load_fields[];
extern const struct record_field record_made_fields[];
extern const struct record_field record_tc_fields[];
extern const struct record_field record_cgroup_fields[];
extern const struct record_field record_head_fields[];

/*
 * What the item at index leaves out where it is the same there: the one in front of it, if that
 * is of the same kind. NULL: there is none, and all is written.
 */
const struct apply_made *record_made_before(const struct apply_record *record,
					    size_t index);

#endif
