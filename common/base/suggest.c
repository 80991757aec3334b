/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/suggest.h"

/* Longer names are not typed by hand, and the tables below stay small. */
enum { SUGGEST_MAX = 64 };

static unsigned int suggest_min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool suggest_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Letters added, removed, changed, or swapped with their neighbour that make b of a. Row
 * by row; the row before the last is needed for the swaps.
 */
static unsigned int suggest_distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int rows[3][SUGGEST_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		const unsigned int *swap = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
		unsigned int *row = rows[i % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned int change = !suggest_same(a[i - 1], b[j - 1]);

			row[j] = suggest_min(suggest_min(row[j - 1], above[j]) + 1,
					     above[j - 1] + change);
			if (i > 1 && j > 1 && suggest_same(a[i - 1], b[j - 2]) &&
			    suggest_same(a[i - 2], b[j - 1]))
				row[j] = suggest_min(row[j], swap[j - 2] + 1);
		}
	}
	return rows[na % 3][nb];
}

/* Mistakes that a word of n letters may hold and still be meant. */
static unsigned int suggest_limit(size_t n)
{
	return n < 3 ? 0 : n < 6 ? 1 : (unsigned int)(n / 3);
}

/* One is the other's beginning: "in" of "ingress", and "hashmap" has "hash" in front. */
static bool suggest_begins(const char *word, size_t nw, const char *name, size_t nn)
{
	size_t n = nw < nn ? nw : nn;

	return n >= (nw < nn ? 2 : 4) && strncasecmp(word, name, n) == 0;
}

void suggest_offer(struct suggest *s, const char *name)
{
	size_t nw = strlen(s->word), nn = name ? strlen(name) : 0;
	unsigned int d;

	if (nw == 0 || nn == 0 || nw > SUGGEST_MAX || nn > SUGGEST_MAX ||
	    strcmp(s->word, name) == 0)
		return;
	d = suggest_distance(s->word, nw, name, nn);
	if (d > suggest_limit(nn < nw ? nw : nn)) {
		/* Cut short, or written on: further away than any slip. */
		if (!suggest_begins(s->word, nw, name, nn))
			return;
		d = 2 * SUGGEST_MAX;
	}
	if (s->best && d >= s->mistakes)
		return;
	s->best = name;
	s->mistakes = d;
}

void suggest_hint(const struct suggest *s, struct strbuf *out)
{
	if (s->best)
		sb_addf(out, "; did you mean '%s'?", s->best);
}
