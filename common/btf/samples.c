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
	s->rows = alloc_grow(s->rows, s->nr, row_size(s));
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

static int by_key(const void *a, const void *b, void *ctx)
{
	const unsigned char *const *x = a, *const *y = b;
	const struct samples *s = ctx;

	return memcmp(*x, *y, s->key_size);
}

void samples_sort(struct samples *s)
{
	free(s->sorted);
	s->sorted = xcalloc(s->nr + 1, sizeof(*s->sorted));
	for (size_t i = 0; i < s->nr; i++)
		s->sorted[i] = samples_key(s, i);
	qsort_r(s->sorted, s->nr, sizeof(*s->sorted), by_key, s);
}

const void *samples_find(const struct samples *s, const void *key)
{
	size_t low = 0, high = s->sorted ? s->nr : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(s->sorted[middle], key, s->key_size);

		if (order == 0)
			return s->sorted[middle] + s->key_size;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
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
	cleanup_free(&s->sorted);
	s->sorted = NULL;
	cleanup_free(&s->rows);
	s->rows = NULL;
	s->nr = 0;
	s->more = 0;
}

void samples_release(struct samples *s)
{
	samples_clear(s);
}
