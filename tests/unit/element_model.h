/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A plain model of values: a struct is written down, laid out as a compiler would, and its bytes
 * are made number by number. A number has a path with indices, "m3[2].m7", and is asked by it:
 * what a number becomes in another struct is what the same path has there, else 0. Nothing of
 * this knows what the code under test does.
 */
#ifndef TESTS_ELEMENT_MODEL_H
#define TESTS_ELEMENT_MODEL_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum model_kind { MODEL_INT, MODEL_BOOL, MODEL_ENUM, MODEL_STRUCT, MODEL_UNION };
enum { MODEL_MEMBERS = 10, MODEL_PATH = 128 };

struct model_struct;

struct model_member {
	unsigned int name;
	enum model_kind kind;
	uint32_t size; /* bytes of one element */
	bool is_signed;
	uint32_t bits;  /* of a bit-field; 0: none */
	uint32_t nr[2]; /* dimensions; 0: not that one */
	struct model_struct *of;
	uint32_t bit; /* where it is; by model_place() */
};

struct model_struct {
	unsigned int nr;
	struct model_member members[MODEL_MEMBERS];
	uint32_t size, align;
};

struct model_random {
	uint64_t seed;
	unsigned int names;
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
	return (m->nr[0] ? m->nr[0] : 1) * (m->nr[1] ? m->nr[1] : 1);
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
		/* A bit-field never crosses a unit of its type. */
		if (!m->bits || bit / (m->size * 8) != (bit + bits - 1) / (m->size * 8))
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

/* --- random structs -------------------------------------------------------------------- */

static inline struct model_struct *model_random_struct(struct model_random *r, int depth,
						       unsigned int most);

static inline struct model_member model_random_member(struct model_random *r, int depth)
{
	struct model_member m = {.name = r->names++, .size = 1U << model_below(r, 4)};
	uint32_t what = model_below(r, depth ? 12 : 8);

	m.is_signed = model_below(r, 2);
	if (what < 2) {
		m.bits = 1 + model_below(r, m.size * 8 - 1);
	} else if (what == 2) {
		m.kind = MODEL_BOOL;
		m.size = 1;
		m.is_signed = false;
	} else if (what == 3) {
		m.kind = MODEL_ENUM;
		m.size = 4;
		m.is_signed = false;
	} else if (what >= 8) {
		m.kind = what == 11 ? MODEL_UNION : MODEL_STRUCT;
		m.of = model_random_struct(r, depth - 1, 4);
		m.is_signed = false;
	}
	if (!m.bits && model_below(r, 3) == 0) {
		m.nr[0] = 1 + model_below(r, 4);
		m.nr[1] = model_below(r, 3) == 0 ? 1 + model_below(r, 3) : 0;
	}
	return m;
}

static inline struct model_struct *model_random_struct(struct model_random *r, int depth,
						       unsigned int most)
{
	struct model_struct *s = calloc(1, sizeof(*s));

	for (s->nr = 0; s->nr < 1 + model_below(r, most); s->nr++)
		s->members[s->nr] = model_random_member(r, depth);
	return s;
}

static inline void model_upgrade(struct model_random *r, struct model_struct *s,
				 bool may_remove);

/* What a next version of a program does to a member, and loses nothing by it. */
static inline void model_upgrade_member(struct model_random *r, struct model_member *m,
					bool may_remove)
{
	if (m->kind == MODEL_STRUCT && model_below(r, 2))
		model_upgrade(r, m->of, may_remove);
	for (int i = 0; i < 2; i++)
		if (m->nr[i] && model_below(r, 3) == 0)
			m->nr[i] += model_below(r, 3);
	if (m->kind != MODEL_INT || model_below(r, 2))
		return;
	if (m->bits && m->bits < m->size * 8) {
		m->bits++;
		m->is_signed |= model_below(r, 4) == 0;
	} else if (m->size < 8) {
		m->size *= 2;
		m->bits = 0;
		m->is_signed |= model_below(r, 4) == 0;
	}
}

static inline void model_upgrade(struct model_random *r, struct model_struct *s,
				 bool may_remove)
{
	for (unsigned int i = 0; i < s->nr; i++)
		model_upgrade_member(r, &s->members[i], may_remove);
	if (may_remove && s->nr > 1 && model_below(r, 3) == 0) {
		unsigned int at = model_below(r, s->nr);

		model_free(s->members[at].of);
		memmove(&s->members[at], &s->members[at + 1],
			(s->nr - at - 1) * sizeof(s->members[0]));
		s->nr--;
	}
	if (s->nr < MODEL_MEMBERS && model_below(r, 2)) {
		unsigned int at = model_below(r, s->nr + 1);

		memmove(&s->members[at + 1], &s->members[at],
			(s->nr - at) * sizeof(s->members[0]));
		s->members[at] = model_random_member(r, 1);
		s->nr++;
	}
	if (s->nr > 1 && model_below(r, 3) == 0) {
		unsigned int a = model_below(r, s->nr), b = model_below(r, s->nr);
		struct model_member swap = s->members[a];

		s->members[a] = s->members[b];
		s->members[b] = swap;
	}
}

/* --- types ----------------------------------------------------------------------------- */

static inline int model_btf_scalar(struct btf *btf, const struct model_member *m)
{
	char name[16];

	snprintf(name, sizeof(name), "%c%u", m->is_signed ? 's' : 'u', m->size * 8);
	if (m->kind == MODEL_BOOL)
		return btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL);
	if (m->kind == MODEL_INT)
		return btf__add_int(btf, name, m->size,
				    m->is_signed ? BTF_INT_SIGNED : 0);
	snprintf(name, sizeof(name), "e%u", m->name);
	m->size == 4 ? (void)0 : abort();
	int id = btf__add_enum(btf, name, m->size);

	btf__add_enum_value(btf, "IDLE", 0);
	return id;
}

static inline int model_btf(struct btf *btf, const struct model_struct *s, bool is_union)
{
	int types[MODEL_MEMBERS], id;
	char name[16];

	for (unsigned int i = 0; i < s->nr; i++) {
		const struct model_member *m = &s->members[i];

		types[i] = m->of ? model_btf(btf, m->of, m->kind == MODEL_UNION)
				 : model_btf_scalar(btf, m);
		for (int k = 1; k >= 0; k--)
			if (m->nr[k])
				types[i] =
					btf__add_array(btf, types[i], types[i], m->nr[k]);
	}
	id = is_union ? btf__add_union(btf, NULL, s->size)
		      : btf__add_struct(btf, NULL, s->size);
	for (unsigned int i = 0; i < s->nr; i++) {
		snprintf(name, sizeof(name), "m%u", s->members[i].name);
		btf__add_field(btf, name, types[i], s->members[i].bit,
			       s->members[i].bits);
	}
	return id;
}

/* --- bytes ----------------------------------------------------------------------------- */

/* The number of a path; of a union "m3" each byte: "m3@0". */
typedef uint64_t (*model_number_fn)(void *ctx, const char *path);

static inline void model_put(unsigned char *bytes, uint64_t bit, uint32_t bits,
			     uint64_t number)
{
	for (uint32_t i = 0; i < bits; i++)
		if (number >> i & 1)
			bytes[(bit + i) / 8] |= (unsigned char)(1 << (bit + i) % 8);
}

static inline uint64_t model_get(const unsigned char *bytes, uint64_t bit, uint32_t bits)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < bits; i++)
		number |= (uint64_t)(bytes[(bit + i) / 8] >> (bit + i) % 8 & 1) << i;
	return number;
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
					 *path ? "." : "", m->name);

			if (m->nr[0])
				n += snprintf(at + n, sizeof(at) - (size_t)n, "[%u]",
					      k / inner);
			if (m->nr[1])
				snprintf(at + n, sizeof(at) - (size_t)n, "[%u]",
					 k % inner);
			if (m->kind == MODEL_STRUCT) {
				model_each(m->of, at, bit, fn, ctx);
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
