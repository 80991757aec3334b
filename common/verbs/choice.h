/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a placeholder of a help text may be, in lines of a terminal:
 *
 *	TYPE := { hash | array | ... |
 *	          queue }
 */
#ifndef VERBS_CHOICE_H
#define VERBS_CHOICE_H

#include <stddef.h>

#include "base/strbuf.h"

struct choice {
	struct strbuf *out; /* borrowed */
	size_t indent, column;
	size_t nr;
};

/* "PLACEHOLDER := { a | b }", broken before the line is full. */
void choice_begin(struct choice *c, const char *placeholder, struct strbuf *out);
void choice_add(struct choice *c, const char *word);
void choice_end(struct choice *c);

/* Types of maps. */
void choice_map_types(struct strbuf *out);

#endif
