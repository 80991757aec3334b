/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/samples.h"

static size_t row_size(const struct samples *s)
{
	return s->key_size + s->value_size;
}

void samples_add(struct samples *s, const void *key, const void *value)
{
	unsigned char *row;

	if (s->nr == s->most) {
		s->more++;
		return;
	}
	if (s->nr == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->rows = xrealloc(s->rows, s->room, row_size(s));
	}
	row = s->rows + s->nr++ * row_size(s);
	memcpy(row, key, s->key_size);
	memcpy(row + s->key_size, value, s->value_size);
}

const void *samples_key(const struct samples *s, size_t row)
{
	return s->rows + row * row_size(s);
}

const void *samples_value(const struct samples *s, size_t row)
{
	return s->rows + row * row_size(s) + s->key_size;
}

static uint64_t samples_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t samples_slot(const struct samples *s, const unsigned char *key)
{
	uint64_t h = s->key_size + 1, word;

	for (size_t at = 0; at < s->key_size; at += sizeof(word)) {
		size_t left = s->key_size - at;

		word = 0;
		memcpy(&word, key + at, left < sizeof(word) ? left : sizeof(word));
		h = samples_mix(word ^ s->seed[0], h ^ s->seed[1]);
	}
	return (size_t)samples_mix(h, UINT64_C(0x9e3779b97f4a7c15)) & (s->nr_slots - 1);
}

void samples_index(struct samples *s)
{
	size_t want = 16;

	while (want < s->nr * 2)
		want *= 2;
	if (want > s->nr_slots) {
		s->slots = xrealloc(s->slots, want, sizeof(*s->slots));
		s->nr_slots = want;
	}
	memset(s->slots, 0, s->nr_slots * sizeof(*s->slots));
	for (size_t row = 0; row < s->nr; row++) {
		size_t slot = samples_slot(s, samples_key(s, row));

		while (s->slots[slot])
			slot = (slot + 1) & (s->nr_slots - 1);
		s->slots[slot] = (uint32_t)row + 1;
	}
}

const void *samples_find(const struct samples *s, const void *key)
{
	if (!s->nr_slots)
		return NULL;
	for (size_t slot = samples_slot(s, key); s->slots[slot];
	     slot = (slot + 1) & (s->nr_slots - 1)) {
		size_t row = s->slots[slot] - 1;

		if (memcmp(samples_key(s, row), key, s->key_size) == 0)
			return samples_value(s, row);
	}
	return NULL;
}

/* The step of a counter that went round, if it is one; else the change itself. */
static __int128 sample_step(const struct value_field *field, uint64_t before,
			    uint64_t now)
{
	uint32_t bits = field->term_bits ? field->term_bits : field->bit_size;
	__int128 range = (__int128)1 << bits, step = (__int128)now - before;

	if (step < 0 && step + range >= 0 && step + range < range / 16)
		step += range;
	return step;
}

bool samples_rate(const struct value_field *field, const void *before, const void *now,
		  double seconds, double *ret)
{
	uint64_t a = value_field_get(field, before), b = value_field_get(field, now);
	double step;

	if (!(seconds > 0))
		return false;
	if (field->kind == LAYOUT_FLOAT)
		step = value_field_double(field, now) - value_field_double(field, before);
	else if (field->is_signed)
		step = (double)((__int128)(int64_t)b - (int64_t)a);
	else if (b == 0 && a != 0)
		return false;
	else
		step = (double)sample_step(field, a, b);
	*ret = step / seconds;
	return true;
}

void samples_clear(struct samples *s)
{
	if (s->slots)
		memset(s->slots, 0, s->nr_slots * sizeof(*s->slots));
	s->nr = 0;
	s->more = 0;
}

void samples_release(struct samples *s)
{
	cleanup_free(&s->slots);
	cleanup_free(&s->rows);
	s->slots = NULL;
	s->rows = NULL;
	s->nr = s->room = s->nr_slots = 0;
}
