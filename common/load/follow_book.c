/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/follow_private.h"

struct follow_key follow_key_of(const struct apply_made *made)
{
	return made->is_tc ? (struct follow_key){made->netns_ino, (uint64_t)made->ifindex}
			   : (struct follow_key){0, made->cgroup_id};
}

static int follow_key_compare(struct follow_key a, struct follow_key b)
{
	if (a.netns != b.netns)
		return a.netns < b.netns ? -1 : 1;
	return (a.id > b.id) - (a.id < b.id);
}

/* Where it is, or would be. */
static size_t book_index(const struct follow_book *book, struct follow_key key)
{
	size_t low = 0, high = book->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (follow_key_compare(book->spots[middle]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct follow_spot *follow_book_find(const struct follow_book *book,
				     struct follow_key key)
{
	size_t at = book_index(book, key);

	return at < book->nr && follow_key_compare(book->spots[at]->key, key) == 0
		       ? book->spots[at]
		       : NULL;
}

static struct follow_spot *book_spot(struct follow_book *book, struct follow_key key)
{
	struct follow_spot *spot = follow_book_find(book, key);
	size_t at = book_index(book, key);

	if (spot)
		return spot;
	array_grow(book->spots, book->nr);
	spot = xcalloc(1, sizeof(*spot));
	spot->key = key;
	memmove(book->spots + at + 1, book->spots + at,
		(book->nr - at) * sizeof(*book->spots));
	book->spots[at] = spot;
	book->nr++;
	return spot;
}

void follow_book_add(struct follow_book *book, struct apply_made *made)
{
	struct follow_spot *spot = book_spot(book, follow_key_of(made));

	array_grow(spot->made, spot->nr);
	spot->made[spot->nr++] = *made;
	spot->seen = true;
	book->nr_made[made->is_tc]++;
	*made = (struct apply_made){.object = NULL};
}

void follow_book_refuse(struct follow_book *book, struct follow_key key)
{
	struct follow_spot *spot = book_spot(book, key);

	spot->nr_refused++;
	spot->seen = true;
	book->nr_refused++;
}

void follow_book_take(struct follow_book *book, struct follow_key key,
		      struct apply_record *to)
{
	size_t at = book_index(book, key);
	struct follow_spot *spot = follow_book_find(book, key);

	if (!spot)
		return;
	for (size_t i = 0; i < spot->nr; i++) {
		array_grow(to->made, to->nr_made);
		to->made[to->nr_made++] = spot->made[i];
		book->nr_made[spot->made[i].is_tc]--;
		spot->made[i] = (struct apply_made){.object = NULL};
	}
	book->nr_refused -= spot->nr_refused;
	book->nr--;
	memmove(book->spots + at, book->spots + at + 1,
		(book->nr - at) * sizeof(*book->spots));
	free(spot->made);
	free(spot);
}

void follow_book_release(struct follow_book *book)
{
	for (size_t i = 0; i < book->nr; i++) {
		for (size_t m = 0; m < book->spots[i]->nr; m++)
			apply_made_release(&book->spots[i]->made[m]);
		free(book->spots[i]->made);
		free(book->spots[i]);
	}
	free(book->spots);
	*book = (struct follow_book){.spots = NULL};
}
