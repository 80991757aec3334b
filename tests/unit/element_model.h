/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A plain model of values: a struct is written down, laid out as a compiler would, and its bytes
 * are made number by number. A number has a path with indices, "m3[2].m7", and is asked by it:
 * what a number becomes in another struct is what the same path has there, else 0. Nothing of
 * this knows what the code under test does.
 */
#ifndef TESTS_ELEMENT_MODEL_H
#define TESTS_ELEMENT_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum model_kind {
	MODEL_INT,
	MODEL_BOOL,
	MODEL_ENUM,
	MODEL_FLOAT,
	MODEL_POINTER,
	MODEL_STRUCT,
	MODEL_UNION
};
enum { MODEL_MEMBERS = 10, MODEL_PATH = 128 };

struct model_struct;

struct model_member {
	unsigned int name;
	enum model_kind kind;
	uint32_t size; /* bytes of one element */
	bool is_signed;
	uint32_t bits;  /* of a bit-field; 0: none */
	uint32_t nr[2]; /* dimensions; 0: not that one */
	bool empty;     /* an array of no elements, whatever nr says */
	bool unnamed; /* of a struct or union: what is in it is told as if it were outside */
	uint32_t
		names; /* of an enum, beside IDLE; shifted by moved, they are other numbers */
	uint32_t moved;
	uint32_t wraps; /* bits of it: typedef, const, volatile */
	struct model_struct *of;
	uint32_t bit; /* where it is; by model_place() */
};

struct model_struct {
	unsigned int nr;
	struct model_member members[MODEL_MEMBERS];
	bool packed; /* bit-fields cross their units, and nothing is aligned */
	uint32_t size, align;
};

struct model_random {
	uint64_t seed;
	unsigned int names;
	bool steady; /* no numbers that get names: those are not widened later */
};

static inline uint32_t model_below(struct model_random *r, uint32_t n)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(r->seed >> 33) % n;
}

static inline void model_free(struct model_struct *s)
{
	for (unsigned int i = 0; s && i < s->nr; i++)
		model_free(s->members[i].of);
	free(s);
}

static inline struct model_struct *model_copy(const struct model_struct *s)
{
	struct model_struct *copy;

	if (!s)
		return NULL;
	copy = malloc(sizeof(*copy));
	*copy = *s;
	for (unsigned int i = 0; i < s->nr; i++)
		copy->members[i].of = model_copy(s->members[i].of);
	return copy;
}

/* --- places ---------------------------------------------------------------------------- */

static inline uint32_t model_elements(const struct model_member *m)
{
	return m->empty ? 0 : (m->nr[0] ? m->nr[0] : 1) * (m->nr[1] ? m->nr[1] : 1);
}

static inline void model_place(struct model_struct *s, bool is_union)
{
	uint32_t bit = 0, most = 0;

	s->align = 1;
	for (unsigned int i = 0; i < s->nr; i++) {
		struct model_member *m = &s->members[i];
		uint32_t align = m->size, bits;

		if (m->of) {
			model_place(m->of, m->kind == MODEL_UNION);
			m->size = m->of->size;
			align = m->of->align;
		}
		bits = m->bits ? m->bits : m->size * model_elements(m) * 8;
		if (is_union)
			bit = 0;
		if (s->packed)
			align = 1;
		/* Without that a bit-field never crosses a unit of its type. */
		if (!m->bits)
			bit = (bit + align * 8 - 1) / (align * 8) * (align * 8);
		else if (!s->packed &&
			 bit / (m->size * 8) != (bit + bits - 1) / (m->size * 8))
			bit = (bit + align * 8 - 1) / (align * 8) * (align * 8);
		m->bit = bit;
		bit += bits;
		if (bit > most)
			most = bit;
		if (align > s->align)
			s->align = align;
	}
	s->size = (most + s->align * 8 - 1) / (s->align * 8) * s->align;
}

/* --- bytes ----------------------------------------------------------------------------- */

/* The number of a path; of a union "m3" each byte: "m3@0". */
typedef uint64_t (*model_number_fn)(void *ctx, const char *path);

/* Bit i of a number, from its lowest: big-endian machines count the places from the highest. */
static inline unsigned char *model_bit(const unsigned char *bytes, uint64_t bit,
				       uint32_t bits, uint32_t i, unsigned char *mask)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint64_t at = big ? bit + bits - 1 - i : bit + i;

	*mask = (unsigned char)(1 << (big ? 7 - at % 8 : at % 8));
	return (unsigned char *)bytes + at / 8;
}

static inline void model_put(unsigned char *bytes, uint64_t bit, uint32_t bits,
			     uint64_t number)
{
	for (uint32_t i = 0; i < bits; i++) {
		unsigned char mask, *at = model_bit(bytes, bit, bits, i, &mask);

		*at = (unsigned char)((*at & ~mask) | (number >> i & 1 ? mask : 0));
	}
}

static inline uint64_t model_get(const unsigned char *bytes, uint64_t bit, uint32_t bits)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < bits; i++) {
		unsigned char mask, *at = model_bit(bytes, bit, bits, i, &mask);

		number |= (uint64_t) !!(*at & mask) << i;
	}
	return number;
}

/* What an unnamed union is called: after the first name in it. */
static inline unsigned int model_label(const struct model_member *m)
{
	return m->unnamed ? model_label(&m->of->members[0]) : m->name;
}

/* What is done with each number: its place, and its path. */
typedef void (*model_place_fn)(void *ctx, const char *path, uint64_t bit, uint32_t bits,
			       const struct model_member *m);

static inline void model_each(const struct model_struct *s, const char *path,
			      uint64_t base, model_place_fn fn, void *ctx)
{
	char at[MODEL_PATH], byte[MODEL_PATH + 12];

	for (unsigned int i = 0; i < s->nr; i++) {
		const struct model_member *m = &s->members[i];
		uint32_t inner = m->nr[1] ? m->nr[1] : 1;

		for (uint32_t k = 0; k < model_elements(m); k++) {
			uint64_t bit = base + m->bit + (uint64_t)k * m->size * 8;
			int n = snprintf(at, sizeof(at), "%s%sm%u", path,
					 *path ? "." : "", model_label(m));

			if (m->nr[0])
				n += snprintf(at + n, sizeof(at) - (size_t)n, "[%u]",
					      k / inner);
			if (m->nr[1])
				snprintf(at + n, sizeof(at) - (size_t)n, "[%u]",
					 k % inner);
			if (m->kind == MODEL_STRUCT) {
				model_each(m->of, m->unnamed ? path : at, bit, fn, ctx);
			} else if (m->kind == MODEL_UNION) {
				for (uint32_t x = 0; x < m->size; x++) {
					snprintf(byte, sizeof(byte), "%s@%u", at, x);
					fn(ctx, byte, bit + x * 8, 8, m);
				}
			} else {
				fn(ctx, at, bit, m->bits ? m->bits : m->size * 8, m);
			}
		}
	}
}

#endif
