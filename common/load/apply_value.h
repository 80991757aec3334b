/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A mapping of a file of apply read by a table: a row per key, as base/args.h does it for
 * command lines. Only apply's readers know it.
 */
#ifndef LOAD_APPLY_VALUE_H
#define LOAD_APPLY_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/apply_node.h"

struct apply_reader {
	const char *file; /* as messages call it */
	const char *dir;  /* absolute: what relative files are relative to */
	struct apply_conf *conf;
};

struct apply_row {
	const char *name;
	/*
	 * Reads value into the struct at into, mostly its field at row->offset. An error says
	 * where and what, see apply_value_refuse().
	 */
	int (*set)(const struct apply_row *row, const struct apply_reader *rd,
		   const struct apply_node *value, void *into, struct err *err);
	const char *value; /* how the page and messages write it */
	size_t offset;
	bool required;
	uint64_t min, max;        /* of numbers */
	const char *const *words; /* of choices, in the order of the enum; NULL ends */
};

/*
 * Every key of mapping, in the order of rows (name NULL ends). what is how messages call the
 * mapping: "a tc entry". No two keys are alike in it already.
 */
int apply_value_mapping(const struct apply_row *rows, const char *what,
			const struct apply_reader *rd, const struct apply_node *mapping,
			void *into, struct err *err) must_check;

/* "FILE:LINE:COLUMN: KEY: TEXT"; returns -EINVAL. */
int apply_value_refuse(const struct apply_reader *rd, const struct apply_row *row,
		       const struct apply_node *value, struct err *err, const char *fmt,
		       ...) printf_like(5, 6);
/* "...: 'VALUE' is not WHAT", with the nearest of the names that near was offered. */
struct suggest;
int apply_value_unknown(const struct apply_reader *rd, const struct apply_row *row,
			const struct apply_node *value, const struct suggest *near,
			const char *what, struct err *err);

/* -EINVAL unless it is of the kind, and says something. */
int apply_value_is(const struct apply_row *row, const struct apply_reader *rd,
		   const struct apply_node *value, enum apply_node_kind kind,
		   struct err *err) must_check;

struct apply_word apply_value_copy(const struct apply_node *value);

/* [A-Za-z0-9._-]+, at most 64 bytes, not hidden and no option: fit for a file's name. */
bool apply_value_is_name(const char *text);

/* The setters that sections share; each writes the field that its name says. */
#define APPLY_SET(name)                                                                  \
	int apply_set_##name(const struct apply_row *row, const struct apply_reader *rd, \
			     const struct apply_node *value, void *into,                 \
			     struct err *err)
APPLY_SET(word);     /* struct apply_word */
APPLY_SET(name);     /* struct apply_word: apply_value_is_name() */
APPLY_SET(patterns); /* struct apply_words: a text or a list of them */
APPLY_SET(yes);      /* bool */
APPLY_SET(u16);      /* uint16_t within min and max */
APPLY_SET(u32);      /* uint32_t */
APPLY_SET(choice);   /* an enum: the place of the word in words */

#endif
