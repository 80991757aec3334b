/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A synopsis read as the grammar that it is, for completion:
 *
 *	OBJ PATH [type TYPE] [set NAME=VALUE]... {id N|pinned PATH}
 *
 * Lower case is typed as it stands, or a beginning of it; what begins with a capital letter
 * or '@' is any one word. [..] may be left out and stands anywhere behind its place, up to the
 * next word outside of such brackets (unless it begins with a dash), once, with "..." as often
 * as wanted: that is how both tools read their keywords. {..} is one of its alternatives.
 */
#ifndef BASE_SYNOPSIS_H
#define BASE_SYNOPSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct synopsis_atom {
	char *text;    /* "type", "TYPE" */
	bool value;    /* any word fits */
	char *keyword; /* the word in front of it in its alternative; NULL: none */
	char *group;   /* what stands between the innermost brackets around it; "" */
};

struct synopsis;

/* The caller's to free. Unbalanced brackets end where the text ends. */
struct synopsis *synopsis_new(const char *text);
void synopsis_freep(struct synopsis **s); /* for auto_release() */

/*
 * fn for every atom that may stand behind the words, some more than once. taken[i] is the
 * atom that word i was taken for, NULL for a word that fits nowhere: it is passed over.
 */
typedef void (*synopsis_fn)(const struct synopsis_atom *atom, void *ctx);
void synopsis_next(const struct synopsis *s, char *const *words, size_t nr,
		   const struct synopsis_atom **taken, synopsis_fn fn, void *ctx);

#endif
