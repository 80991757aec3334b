/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_places.h"

bool apply_word_is_pattern(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

bool apply_word_fits(const char *word, const char *name)
{
	if (strcmp(word, name) == 0)
		return true;
	return apply_word_is_pattern(word) &&
	       fnmatch(word, name, FNM_NOESCAPE | FNM_PATHNAME | FNM_PERIOD) == 0;
}

void apply_places_add(struct apply_places *places, const struct apply_place *place)
{
	array_grow(places->items, places->nr);
	places->items[places->nr++] = *place;
}

void apply_places_add_pending(struct apply_places *places,
			      const struct apply_pending *pending)
{
	array_grow(places->pending, places->nr_pending);
	places->pending[places->nr_pending++] = *pending;
}
