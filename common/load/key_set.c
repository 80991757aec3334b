/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "load/key_set.h"

enum { KEY_SET_MOST = 1 << 20, KEY_SET_LEAST = 64 };

/*
 * A slot holds b, or 0 while it is free. The two lowest bits are not the key's: it is used, it was
 * seen. a says where the search for its slot begins.
 */
enum { PRINT_USED = 1, PRINT_SEEN = 2 };

/* --- SipHash-1-3 with an output of 128 bits (Aumasson, Bernstein) --- */

static inline uint64_t sip_turn(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

/* Whose call takes as long as it does, and there are some for each key. */
#define sip_inline __attribute__((always_inline)) static inline

sip_inline void sip_round(uint64_t v[4])
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

sip_inline void sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_round(v);
	v[0] ^= block;
}

sip_inline uint64_t sip_end(uint64_t v[4])
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
	/* Most keys are one of those: a size that is known needs no call. */
	if (s->key_size - at == sizeof(uint32_t))
		memcpy(&block, (const char *)key + at, sizeof(uint32_t));
	else
		memcpy(&block, (const char *)key + at, s->key_size - at);
	sip_block(v, block ^ (uint64_t)s->key_size << 56);
	v[2] ^= 0xee;
	ret.a = sip_end(v);
	v[1] ^= 0xdd;
	ret.b = (sip_end(v) & ~(uint64_t)PRINT_SEEN) | PRINT_USED;
	return ret;
}

/* --- */

/* Slots are at random places: with small pages each one costs a walk of the page table too. */
static void set_large_pages(const struct key_set *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)s->slots + page - 1) / page * page;
	uintptr_t end = (uintptr_t)(s->slots + s->room) / page * page;

	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

void key_set_init(struct key_set *ret, size_t key_size, uint64_t nr)
{
	*ret = (struct key_set){.key_size = key_size};
	/* As early as the kernel has no answer nobody sends packets yet. */
	if (getrandom(ret->seed, sizeof(ret->seed), GRND_NONBLOCK) < 0)
		ret->seed[0] = (uintptr_t)ret;
	ret->nr_parts = (uint32_t)(nr / KEY_SET_MOST + 1);
	nr /= ret->nr_parts;
	ret->room = (nr < KEY_SET_LEAST ? KEY_SET_LEAST : nr) * 2;
	ret->slots = xcalloc(ret->room, sizeof(*ret->slots));
	set_large_pages(ret);
}

void key_set_release(struct key_set *s)
{
	free(s->slots);
	s->slots = NULL;
}

void key_set_begin(struct key_set *s, uint32_t part)
{
	s->part = part;
	if (s->nr)
		memset(s->slots, 0, s->room * sizeof(*s->slots));
	memset(s->ahead, 0, sizeof(s->ahead));
	s->nr = s->nr_seen = 0;
}

static bool set_keeps(const struct key_set *s, const struct key_print *print)
{
	return (uint32_t)((print->b >> 32) * s->nr_parts >> 32) == s->part;
}

/* Where its slot is looked for. */
static uint64_t set_home(const struct key_set *s, const struct key_print *print)
{
	return (print->a >> 32) * s->room >> 32;
}

/* Its slot, or the free one where it would be. */
static uint64_t *set_slot(const struct key_set *s, const struct key_print *print)
{
	uint64_t i = set_home(s, print);

	while (s->slots[i] && (s->slots[i] ^ print->b) & ~(uint64_t)PRINT_SEEN)
		i = i + 1 < s->room ? i + 1 : 0;
	return &s->slots[i];
}

/* --- what waits for its slot --- */

static void set_put(struct key_set *s, const struct key_print *print)
{
	uint64_t *slot = set_slot(s, print);

	if (*slot)
		return;
	/* One stays free, where a search ends: what has no slot is never seen. */
	if (s->nr + 1 < s->room)
		*slot = print->b;
	s->nr++;
}

static void set_mark(struct key_set *s, const struct key_print *print)
{
	uint64_t *slot = set_slot(s, print);

	if (!*slot || *slot & PRINT_SEEN)
		return;
	*slot |= PRINT_SEEN;
	s->nr_seen++;
}

static void set_do(struct key_set *s, struct key_print *print)
{
	bool sees = print->b & PRINT_SEEN;

	if (!print->b)
		return;
	print->b &= ~(uint64_t)PRINT_SEEN;
	if (sees)
		set_mark(s, print);
	else
		set_put(s, print);
	print->b = 0;
}

/* The last one that came is there for as long as any is. */
static void set_finish(struct key_set *s)
{
	if (!s->ahead[(s->next + KEY_SET_AHEAD - 1) % KEY_SET_AHEAD].b)
		return;
	for (size_t i = 0; i < KEY_SET_AHEAD; i++) {
		set_do(s, &s->ahead[s->next]);
		s->next = (s->next + 1) % KEY_SET_AHEAD;
	}
}

/* op: 0, or PRINT_SEEN. Its slot is asked for now, and used once the ring has come round. */
static void set_later(struct key_set *s, const void *key, uint64_t op)
{
	struct key_print print = key_print(s, key);

	if (!set_keeps(s, &print))
		return;
	__builtin_prefetch(&s->slots[set_home(s, &print)], 1);
	set_do(s, &s->ahead[s->next]);
	s->ahead[s->next] = (struct key_print){print.a, print.b | op};
	s->next = (s->next + 1) % KEY_SET_AHEAD;
}

/* --- */

void key_set_add(struct key_set *s, const void *key)
{
	set_later(s, key, 0);
}

void key_set_see(struct key_set *s, const void *key)
{
	set_later(s, key, PRINT_SEEN);
}

uint64_t key_set_missing(struct key_set *s)
{
	set_finish(s);
	return s->nr - s->nr_seen;
}

bool key_set_misses(struct key_set *s, const void *key)
{
	const struct key_print print = key_print(s, key);

	set_finish(s);
	return set_keeps(s, &print) && !(*set_slot(s, &print) & PRINT_SEEN);
}
