/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keys, and which of them were seen in a map that was read: a tenth of what a lookup of each by a
 * system call costs, and nothing in the map is marked as used by it. Of a key 62 bits are kept,
 * whatever its size, by a keyed hash (SipHash-1-3), near a place that others of its bits tell: two
 * of a million keys are alike once in 10^12 sets, and nobody who can choose keys can make it so, or
 * make it slow.
 */
#ifndef LOAD_KEY_SET_H
#define LOAD_KEY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* A hash of a key. */
struct key_print {
	uint64_t a, b;
};

enum { KEY_SET_AHEAD = 16 };

/*
 * 16 bytes for each key. Of more than a million a part at a time is kept, of each about as many.
 */
struct key_set {
	uint64_t seed[2];
	size_t key_size;
	uint64_t nr, nr_seen, room;
	uint32_t part, nr_parts; /* the part that is kept */
	uint64_t *slots;         /* owned */
	/* Said, and not done yet: their slots are on the way from memory, all at once. */
	struct key_print ahead[KEY_SET_AHEAD];
	size_t next; /* of those, the oldest */
};

#define auto_key_set auto_release(key_set_release) struct key_set

/* Of nr keys at most. There is room for twice as many of each part; more are never seen. */
void key_set_init(struct key_set *ret, size_t key_size, uint64_t nr);
void key_set_release(struct key_set *s);

/* Forgets all keys, and keeps those of the part from now on: others are passed over. */
void key_set_begin(struct key_set *s, uint32_t part);
void key_set_add(struct key_set *s, const void *key);
/* If it is there it was seen. */
void key_set_see(struct key_set *s, const void *key);

/* How many of them were not seen. */
uint64_t key_set_missing(struct key_set *s);
/* Is it of the part, and was not seen? */
bool key_set_misses(struct key_set *s, const void *key);

#endif
