/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random types: structs, unions, arrays and bit-fields in each other, as a compiler would
 * lay them out. The same seed makes the same types.
 */
#ifndef TESTS_BTF_RANDOM_H
#define TESTS_BTF_RANDOM_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct btf_random {
	struct btf *btf;
	uint64_t seed;
	unsigned int names; /* given so far, all different */
	bool floats;
	int index;       /* type of array indices */
	int scalars[12]; /* the last ones are no place for bit-fields */
	int nr_scalars, nr_bitfields;
};

struct random_type {
	int id;
	uint32_t size, align;
};

static inline uint32_t btf_random_below(struct btf_random *r, uint32_t n)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(r->seed >> 33) % n;
}

static inline void btf_random_init(struct btf_random *r, uint64_t seed)
{
	int n = 0;

	*r = (struct btf_random){.btf = btf__new_empty(), .seed = seed};
	r->index = btf__add_int(r->btf, "unsigned int", 4, 0);
	r->scalars[n++] = r->index;
	r->scalars[n++] = btf__add_int(r->btf, "unsigned char", 1, 0);
	r->scalars[n++] = btf__add_int(r->btf, "short", 2, BTF_INT_SIGNED);
	r->scalars[n++] = btf__add_int(r->btf, "int", 4, BTF_INT_SIGNED);
	r->scalars[n++] = btf__add_int(r->btf, "unsigned long", 8, 0);
	r->scalars[n++] = btf__add_int(r->btf, "long", 8, BTF_INT_SIGNED);
	r->scalars[n++] = btf__add_int(r->btf, "_Bool", 1, BTF_INT_BOOL);
	r->nr_bitfields = n;
	r->scalars[n++] = btf__add_int(r->btf, "char", 1, BTF_INT_SIGNED | BTF_INT_CHAR);
	r->scalars[n++] = btf__add_float(r->btf, "double", 8);
	r->scalars[n++] = btf__add_float(r->btf, "float", 4);
	r->nr_scalars = n;
}

static inline struct random_type btf_random_type(struct btf_random *r, int depth);

static inline struct random_type btf_random_scalar(struct btf_random *r, int nr)
{
	int id = r->scalars[btf_random_below(r, (uint32_t)nr)];
	uint32_t size = (uint32_t)btf__resolve_size(r->btf, (uint32_t)id);

	return (struct random_type){id, size, size};
}

static inline struct random_type btf_random_composite(struct btf_random *r, int depth)
{
	bool is_union = btf_random_below(r, 3) == 0;
	uint32_t nr = 1 + btf_random_below(r, 4), bit = 0, align = 1, most = 0, size;
	struct {
		struct random_type type;
		uint32_t bit, bits;
		char name[16];
	} members[4];
	int id;

	for (uint32_t i = 0; i < nr; i++) {
		bool is_bits = btf_random_below(r, 4) == 0;
		struct random_type t = is_bits ? btf_random_scalar(r, r->nr_bitfields)
					       : btf_random_type(r, depth - 1);
		bool is_bool = is_bits && t.id == r->scalars[r->nr_bitfields - 1];
		uint32_t bits = !is_bits  ? 0
				: is_bool ? 1
					  : 1 + btf_random_below(r, t.size * 8 - 1);

		bool nameless = !is_bits && btf_random_below(r, 4) == 0 &&
				btf_is_composite(btf__type_by_id(r->btf, (uint32_t)t.id));

		if (is_union)
			bit = 0;
		/* As gcc and clang do: a bit-field never crosses a unit of its type. */
		if (!bits || bit / (t.size * 8) != (bit + bits - 1) / (t.size * 8))
			bit = (bit + t.align * 8 - 1) / (t.align * 8) * (t.align * 8);
		members[i].type = t;
		members[i].bit = bit;
		members[i].bits = bits;
		members[i].name[0] = '\0';
		if (!nameless)
			snprintf(members[i].name, sizeof(members[i].name), "m%u",
				 r->names);
		r->names++;
		bit += bits ? bits : t.size * 8;
		if (t.align > align)
			align = t.align;
		if (bit > most)
			most = bit;
	}
	size = (most + align * 8 - 1) / (align * 8) * align;
	id = is_union ? btf__add_union(r->btf, NULL, size)
		      : btf__add_struct(r->btf, NULL, size);
	for (uint32_t i = 0; i < nr; i++)
		btf__add_field(r->btf, members[i].name[0] ? members[i].name : NULL,
			       members[i].type.id, members[i].bit, members[i].bits);
	return (struct random_type){id, size, align};
}

static inline struct random_type btf_random_type(struct btf_random *r, int depth)
{
	struct random_type of;
	uint32_t kind = depth ? btf_random_below(r, 4) : 0, nr;

	if (kind == 0)
		return btf_random_scalar(r,
					 r->floats ? r->nr_scalars : r->nr_scalars - 2);
	if (kind > 1)
		return btf_random_composite(r, depth);
	of = btf_random_type(r, depth - 1);
	nr = 1 + btf_random_below(r, 3);
	return (struct random_type){btf__add_array(r->btf, r->index, of.id, nr),
				    of.size * nr, of.align};
}

#endif
