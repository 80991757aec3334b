/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "load/key_set.h"

enum { KEY_SET_MOST = 1 << 20, KEY_SET_LEAST = 64 };

/* Of a slot 0 is free. The two lowest bits of b are not the key's: it is used, it was seen. */
struct key_print {
	uint64_t a, b;
};
enum { PRINT_USED = 1, PRINT_SEEN = 2 };

/* --- SipHash-1-3 with an output of 128 bits (Aumasson, Bernstein) --- */

static uint64_t sip_turn(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = sip_turn(v[1], 13) ^ v[0];
	v[0] = sip_turn(v[0], 32);
	v[2] += v[3];
	v[3] = sip_turn(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = sip_turn(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = sip_turn(v[1], 17) ^ v[2];
	v[2] = sip_turn(v[2], 32);
}

static void sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_round(v);
	v[0] ^= block;
}

static uint64_t sip_end(uint64_t v[4])
{
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct key_print key_print(const struct key_set *s, const void *key)
{
	uint64_t v[4] = {
		s->seed[0] ^ 0x736f6d6570736575,
		s->seed[1] ^ 0x646f72616e646f6d ^ 0xee,
		s->seed[0] ^ 0x6c7967656e657261,
		s->seed[1] ^ 0x7465646279746573,
	};
	struct key_print ret;
	uint64_t block;
	size_t at = 0;

	for (; at + sizeof(block) <= s->key_size; at += sizeof(block)) {
		memcpy(&block, (const char *)key + at, sizeof(block));
		sip_block(v, block);
	}
	block = 0;
	memcpy(&block, (const char *)key + at, s->key_size - at);
	sip_block(v, block ^ (uint64_t)s->key_size << 56);
	v[2] ^= 0xee;
	ret.a = sip_end(v);
	v[1] ^= 0xdd;
	ret.b = (sip_end(v) & ~(uint64_t)PRINT_SEEN) | PRINT_USED;
	return ret;
}

/* --- */

void key_set_init(struct key_set *ret, size_t key_size, uint64_t nr)
{
	*ret = (struct key_set){.key_size = key_size};
	/* As early as the kernel has no answer nobody sends packets yet. */
	if (getrandom(ret->seed, sizeof(ret->seed), GRND_NONBLOCK) < 0)
		ret->seed[0] = (uintptr_t)ret;
	ret->nr_parts = (uint32_t)(nr / KEY_SET_MOST + 1);
	nr /= ret->nr_parts;
	ret->room = (nr < KEY_SET_LEAST ? KEY_SET_LEAST : nr) * 5 / 4;
	ret->slots = xcalloc(ret->room, sizeof(*ret->slots));
}

void key_set_release(struct key_set *s)
{
	free(s->slots);
	s->slots = NULL;
}

void key_set_begin(struct key_set *s, uint32_t part)
{
	s->part = part;
	s->nr = s->nr_seen = 0;
	memset(s->slots, 0, s->room * sizeof(*s->slots));
}

static bool set_keeps(const struct key_set *s, const struct key_print *print)
{
	return (uint32_t)((print->b >> 32) * s->nr_parts >> 32) == s->part;
}

/* Its slot, or the free one where it would be. */
static struct key_print *set_slot(const struct key_set *s, const struct key_print *print)
{
	uint64_t i = (print->a >> 32) * s->room >> 32;

	while (s->slots[i].b && (s->slots[i].a != print->a ||
				 (s->slots[i].b ^ print->b) & ~(uint64_t)PRINT_SEEN))
		i = i + 1 < s->room ? i + 1 : 0;
	return &s->slots[i];
}

static void set_grow(struct key_set *s)
{
	struct key_set larger = *s;

	larger.room = s->room * 2;
	larger.slots = xcalloc(larger.room, sizeof(*larger.slots));
	for (uint64_t i = 0; i < s->room; i++)
		if (s->slots[i].b)
			*set_slot(&larger, &s->slots[i]) = s->slots[i];
	key_set_release(s);
	*s = larger;
}

void key_set_add(struct key_set *s, const void *key)
{
	const struct key_print print = key_print(s, key);
	struct key_print *slot;

	if (!set_keeps(s, &print))
		return;
	if (s->nr + s->nr / 8 >= s->room)
		set_grow(s);
	slot = set_slot(s, &print);
	if (slot->b)
		return;
	*slot = print;
	s->nr++;
}

void key_set_see(struct key_set *s, const void *key)
{
	const struct key_print print = key_print(s, key);
	struct key_print *slot = set_keeps(s, &print) ? set_slot(s, &print) : NULL;

	if (!slot || !slot->b || slot->b & PRINT_SEEN)
		return;
	slot->b |= PRINT_SEEN;
	s->nr_seen++;
}

bool key_set_misses(const struct key_set *s, const void *key)
{
	const struct key_print print = key_print(s, key);

	return set_keeps(s, &print) && !(set_slot(s, &print)->b & PRINT_SEEN);
}
