/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_set.h"

enum { TEXT_SET_SIZE = 64 };

/* FNV-1a, of 64 bits. */
static uint64_t text_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

/* The slot that has text, or where it would be. Half of them are free. */
static const char **text_set_slot(const struct text_set *set, const char *text)
{
	size_t at = text_hash(text) & (set->size - 1);

	while (set->slots[at] && strcmp(set->slots[at], text) != 0)
		at = (at + 1) & (set->size - 1);
	return &set->slots[at];
}

static void text_set_grow(struct text_set *set)
{
	struct text_set more = {.size = set->size ? set->size * 2 : TEXT_SET_SIZE};

	more.slots = xcalloc(more.size, sizeof(*more.slots));
	more.nr = set->nr;
	for (size_t i = 0; i < set->size; i++)
		if (set->slots[i])
			*text_set_slot(&more, set->slots[i]) = set->slots[i];
	free(set->slots);
	*set = more;
}

void text_set_add(struct text_set *set, const char *text)
{
	const char **slot;

	if (set->nr * 2 >= set->size)
		text_set_grow(set);
	slot = text_set_slot(set, text);
	if (*slot)
		return;
	*slot = text;
	set->nr++;
}

bool text_set_has(const struct text_set *set, const char *text)
{
	return set->nr && *text_set_slot(set, text);
}

void text_set_release(struct text_set *set)
{
	free(set->slots);
	*set = (struct text_set){.nr = 0};
}
