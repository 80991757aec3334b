/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Named values that say the same as a text, for a program that reads the answer: members of
 * a JSON object, without JSON. Names are string constants.
 *
 *	facts_text(&f, "map", "stats");
 *	facts_list(&f, "users");                {"map":"stats","users":[{"program":7},
 *	facts_next(&f);                                                 {"program":9}]}
 *	facts_number(&f, "program", 7);
 *	facts_next(&f);
 *	facts_number(&f, "program", 9);
 *	facts_end(&f);
 */
#ifndef BASE_FACTS_H
#define BASE_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct fact {
	const char *list; /* the list it is in; NULL: none */
	size_t element; /* of the list, from 1; 0: the list itself, which may be empty */
	const char *name;
	char *text; /* owned; NULL: a number */
	uint64_t number;
};

struct facts {
	struct fact *items; /* owned */
	size_t nr;
	const char *list; /* where the next one goes */
	size_t element;
};

/* One more value under that name, which is borrowed; text is copied. */
void facts_text(struct facts *f, const char *name, const char *text);
void facts_number(struct facts *f, const char *name, uint64_t number);

/* Begins a list, an element of it, and ends it. Lists do not nest. */
void facts_list(struct facts *f, const char *name);
void facts_next(struct facts *f);
void facts_end(struct facts *f);

/* In place of what dst holds. */
void facts_copy(struct facts *dst, const struct facts *src);

void facts_release(struct facts *f);

#endif
