/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names that are places, counted for the patterns that they fit. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/follow_private.h"

static size_t follow_kid_index(const struct follow_dir *dir, const char *name)
{
	size_t low = 0, high = dir->nr_kids;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(dir->kids[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void follow_kid_drop(const struct follow *f, struct follow_dir *dir, size_t at)
{
	struct follow_kid *kid = &dir->kids[at];

	for (size_t i = 0; i < dir->nr_wants; i++)
		follow_want_word(f, &dir->wants[i])->nr -= kid->in[i];
	free(kid->name);
	free(kid->in);
	dir->nr_kids--;
	memmove(kid, kid + 1, (dir->nr_kids - at) * sizeof(*kid));
}

static struct follow_kid *kid_make(struct follow_dir *dir, size_t at, const char *name,
				   uint64_t id)
{
	struct follow_kid kid = {.id = id};

	array_grow(dir->kids, dir->nr_kids);
	kid.name = xstrdup(name);
	kid.in = xcalloc(dir->nr_wants + 1, sizeof(*kid.in));
	memmove(dir->kids + at + 1, dir->kids + at,
		(dir->nr_kids - at) * sizeof(*dir->kids));
	dir->kids[at] = kid;
	dir->nr_kids++;
	return &dir->kids[at];
}

bool follow_dir_set(struct follow *f, struct follow_dir *dir, const char *name,
		    uint64_t id, bool known, bool *entries)
{
	size_t at = follow_kid_index(dir, name);
	bool there = at < dir->nr_kids && strcmp(dir->kids[at].name, name) == 0;
	bool changed = !there || dir->kids[at].id != id;
	struct follow_kid *kid;
	bool any = false;

	if (there && (!id || dir->kids[at].id != id)) {
		follow_kid_drop(f, dir, at);
		there = false;
	}
	if (!id)
		return changed;
	kid = there ? &dir->kids[at] : kid_make(dir, at, name, id);
	for (size_t i = 0; i < dir->nr_wants; i++) {
		const struct follow_want *want = &dir->wants[i];
		struct follow_word *word = follow_want_word(f, want);
		const char *next;

		if (!follow_want_fits(f, want, name, &next) || *next)
			continue;
		if (!kid->in[i] && !known && word->nr >= follow_want_limit(f, want)) {
			follow_want_say_full(f, want);
			continue;
		}
		changed |= !kid->in[i];
		word->nr += !kid->in[i];
		kid->in[i] = any = true;
		entries[want->entry] = true;
	}
	/* Whoever makes more than the limit fills no memory with them. */
	if (!any)
		follow_kid_drop(f, dir, at);
	return changed && any;
}

uint64_t follow_kid_id(const struct follow_dir *dir, const char *name)
{
	size_t at = follow_kid_index(dir, name);

	return at < dir->nr_kids && strcmp(dir->kids[at].name, name) == 0
		       ? dir->kids[at].id
		       : 0;
}
