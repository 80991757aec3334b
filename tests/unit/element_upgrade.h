/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two versions of a struct with values of both, and the plan from one to the other.
 * MAPSHARE_SEED=N makes the same ones, MAPSHARE_ROUNDS=N so many.
 */
#ifndef TESTS_ELEMENT_UPGRADE_H
#define TESTS_ELEMENT_UPGRADE_H

#include "btf/element_plan.h"
#include "element_model_btf.h"
#include "element_model_random.h"

/* A struct, its BTF, and one value of it as numbers with paths. */
struct numbers {
	struct {
		uint32_t path_hash, unit_hash;
		char path[MODEL_PATH + 12];
		char row[MODEL_PATH + 12], unit[MODEL_PATH + 12]; /* row_path() */
		uint64_t number;                                  /* sign-extended */
		uint64_t bit;
		uint32_t bits;
		const struct model_member *m;
	} * items;
	size_t nr;
};

struct type {
	struct model_struct *s;
	struct btf *btf;
	uint32_t id;
	struct numbers places;
};

/* "m1[2].m4[0][1]" is told in the row "m1[].m4"; a union's byte in that of the union. */
static inline void row_path(const char *path, bool is_array, char *ret, char *ret_unit)
{
	char *to = ret;
	const char *at = strchr(path, '@');
	size_t len = at ? (size_t)(at - path) : strlen(path);

	/* An array of scalars is merged as one. */
	while (is_array && len && path[len - 1] == ']')
		while (path[--len] != '[')
			;
	memcpy(ret_unit, path, len);
	ret_unit[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (path[i] != '[') {
			*to++ = path[i];
			continue;
		}
		if (to[-1] != ']') {
			*to++ = '[';
			*to++ = ']';
		}
		while (path[i] != ']')
			i++;
	}
	*to = '\0';
}

static inline uint32_t text_hash(const char *text)
{
	uint32_t hash = 5381;

	while (*text)
		hash = hash * 33 + (unsigned char)*text++;
	return hash;
}

static inline void numbers_add(void *ctx, const char *path, uint64_t bit, uint32_t bits,
			       const struct model_member *m)
{
	struct numbers *n = ctx;

	n->items = realloc(n->items, (n->nr + 1) * sizeof(*n->items));
	n->items[n->nr].number = 0;
	n->items[n->nr].bit = bit;
	n->items[n->nr].bits = bits;
	n->items[n->nr].m = m;
	snprintf(n->items[n->nr].path, sizeof(n->items[n->nr].path), "%s", path);
	row_path(path, m->nr[0], n->items[n->nr].row, n->items[n->nr].unit);
	n->items[n->nr].path_hash = text_hash(path);
	n->items[n->nr].unit_hash = text_hash(n->items[n->nr].unit);
	n->nr++;
}

static inline struct type type_of(struct model_struct *s)
{
	struct type t = {.s = s, .btf = btf__new_empty()};

	model_place(s, false);
	t.id = (uint32_t)model_btf(t.btf, s, false);
	model_each(s, "", 0, numbers_add, &t.places);
	return t;
}

static inline void type_free(struct type *t)
{
	model_free(t->s);
	btf__free(t->btf);
	free(t->places.items);
}

static inline uint64_t extended(uint64_t number, uint32_t bits, bool is_signed)
{
	if (bits < 64) {
		number &= (UINT64_C(1) << bits) - 1;
		if (is_signed && number >> (bits - 1))
			number |= UINT64_MAX << bits;
	}
	return number;
}

/* Any bits, but a bool is 0 or 1. */
static inline void value_random(struct model_random *r, const struct type *t,
				unsigned char *bytes, bool few)
{
	if (!few)
		memset(bytes, 0, t->s->size);
	for (size_t i = 0; i < t->places.nr; i++) {
		uint64_t number = (uint64_t)model_below(r, UINT32_MAX) << 33 ^
				  (uint64_t)model_below(r, UINT32_MAX) << 8 ^
				  model_below(r, 256);
		uint64_t bit = t->places.items[i].bit;

		if (few && model_below(r, 3))
			continue;
		if (t->places.items[i].m->kind == MODEL_BOOL)
			number &= 1;
		model_put(bytes, bit, t->places.items[i].bits, number);
	}
}

static inline uint64_t number_at(const struct type *t, size_t i,
				 const unsigned char *bytes)
{
	return extended(model_get(bytes, t->places.items[i].bit, t->places.items[i].bits),
			t->places.items[i].bits, t->places.items[i].m->is_signed);
}

/* SIZE_MAX: there is none of that path. */
static inline size_t place_of(const struct type *t, const char *path)
{
	uint32_t hash = text_hash(path);

	for (size_t i = 0; i < t->places.nr; i++)
		if (t->places.items[i].path_hash == hash &&
		    strcmp(t->places.items[i].path, path) == 0)
			return i;
	return SIZE_MAX;
}

static inline uint64_t number_of(const struct type *t, const char *path,
				 const unsigned char *bytes)
{
	size_t i = place_of(t, path);

	return i == SIZE_MAX ? 0 : number_at(t, i, bytes);
}

static inline void model_convert(const struct type *from, const unsigned char *old,
				 const struct type *to, unsigned char *ret)
{
	memset(ret, 0, to->s->size);
	for (size_t i = 0; i < to->places.nr; i++)
		model_put(ret, to->places.items[i].bit, to->places.items[i].bits,
			  number_of(from, to->places.items[i].path, old));
}

/* --- plans ----------------------------------------------------------------------------- */

static inline bool any_adds(void *ctx, uint32_t offset, uint32_t size)
{
	return (offset / 4 + size + *(uint32_t *)ctx) % 3 != 0;
}

static inline struct element_side side_of(const struct type *t, uint32_t *salt)
{
	return (struct element_side){
		.btf = t->btf,
		.key_type = t->id,
		.value_type = t->id,
		.key_size = t->s->size,
		.value_size = t->s->size,
		.adds = any_adds,
		.adds_ctx = salt,
	};
}

/* For keys nothing may be removed, so the value alone has the upgrade then. */
static inline void plan_make(struct element_plan *ret, const struct type *from,
			     const struct type *to, bool with_key,
			     const char *const *merge, size_t nr_merge)
{
	uint32_t salt = 1;
	struct element_side old_side = side_of(from, &salt),
			    new_side = side_of(to, &salt);
	const struct element_options options = {
		.merge = merge, .nr_merge = nr_merge, .index_key = !with_key};
	auto_err err = ERR_INIT;

	if (!with_key)
		old_side.key_size = new_side.key_size = 4;
	if (element_plan_init(ret, &old_side, &new_side, &options, &err) < 0 ||
	    element_plan_check(ret, &err) < 0)
		fail_msg("%s", err.text);
}

/* What a plan with that text of merge comes to. */
static inline int plan_tried(const struct type *from, const struct type *to,
			     const char *merge)
{
	uint32_t salt = 1;
	struct element_side old_side = side_of(from, &salt),
			    new_side = side_of(to, &salt);
	const struct element_options options = {
		.merge = &merge, .nr_merge = 1, .index_key = true};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	old_side.key_size = new_side.key_size = 4;
	return element_plan_init(&plan, &old_side, &new_side, &options, &err);
}

static inline uint64_t round_seed(int round)
{
	const char *seed = getenv("MAPSHARE_SEED");

	return (seed ? strtoull(seed, NULL, 0) : 1) * 1000003 + (uint64_t)round;
}

static inline int rounds(int most)
{
	const char *nr = getenv("MAPSHARE_ROUNDS");

	return nr ? atoi(nr) : most;
}

static inline void bytes_are(const unsigned char *got, const unsigned char *want,
			     const struct type *t, int round)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (number_at(t, i, got) != number_at(t, i, want))
			fail_msg("round %d: %s is %llx, not %llx", round,
				 t->places.items[i].path,
				 (unsigned long long)number_at(t, i, got),
				 (unsigned long long)number_at(t, i, want));
	assert_memory_equal(got, want, t->s->size);
}

#endif
