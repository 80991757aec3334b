/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "Did you mean": the known name that is nearest to a word nobody knows. Names are offered
 * one after the other, wherever they come from:
 *
 *	struct suggest s = {.word = word};
 *
 *	for (...)
 *		suggest_offer(&s, row->name);
 *	suggest_hint(&s, &hint);            "; did you mean 'ingress'?", or nothing
 *
 * Near is what a typing mistake does: a letter too many, missing, wrong, or swapped with
 * its neighbour; one in short words, up to one in three letters of long ones. Where no name is
 * that near, one that the word begins, or that begins the word. Upper and lower case do not
 * count.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#include "base/strbuf.h"

struct suggest {
	const char *word; /* borrowed: what was typed */
	const char *best; /* borrowed: the nearest name so far, NULL: none is near */
	unsigned int
		mistakes; /* between the two; more than letters: one begins the other */
};

/* name is borrowed until the hint is written; NULL and names equal to word are ignored. */
void suggest_offer(struct suggest *s, const char *name);

/* Adds "; did you mean 'NAME'?" to out, nothing if no name is near. */
void suggest_hint(const struct suggest *s, struct strbuf *out);

#endif
