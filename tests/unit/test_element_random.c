/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Thousands of random upgrades of a struct, against a plain model of values.
 * MAPSHARE_SEED=N makes the same ones, MAPSHARE_ROUNDS=N so many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "btf/element_plan.h"
#include "element_model.h"

/* A struct, its BTF, and one value of it as numbers with paths. */
struct numbers {
	struct {
		char path[MODEL_PATH + 12];
		uint64_t number; /* sign-extended */
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

static void numbers_add(void *ctx, const char *path, uint64_t bit, uint32_t bits,
			const struct model_member *m)
{
	struct numbers *n = ctx;

	n->items = realloc(n->items, (n->nr + 1) * sizeof(*n->items));
	n->items[n->nr].number = 0;
	n->items[n->nr].bit = bit;
	n->items[n->nr].bits = bits;
	n->items[n->nr].m = m;
	snprintf(n->items[n->nr].path, sizeof(n->items[n->nr].path), "%s", path);
	n->nr++;
}

static struct type type_of(struct model_struct *s)
{
	struct type t = {.s = s, .btf = btf__new_empty()};

	model_place(s, false);
	t.id = (uint32_t)model_btf(t.btf, s, false);
	model_each(s, "", 0, numbers_add, &t.places);
	return t;
}

static void type_free(struct type *t)
{
	model_free(t->s);
	btf__free(t->btf);
	free(t->places.items);
}

static uint64_t extended(uint64_t number, uint32_t bits, bool is_signed)
{
	if (bits < 64) {
		number &= (UINT64_C(1) << bits) - 1;
		if (is_signed && number >> (bits - 1))
			number |= UINT64_MAX << bits;
	}
	return number;
}

/* Any bits, but a bool is 0 or 1. */
static void value_random(struct model_random *r, const struct type *t,
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
		for (uint32_t k = 0; k < t->places.items[i].bits; k++)
			bytes[(bit + k) / 8] &= (unsigned char)~(1 << (bit + k) % 8);
		model_put(bytes, bit, t->places.items[i].bits, number);
	}
}

static uint64_t number_at(const struct type *t, size_t i, const unsigned char *bytes)
{
	return extended(model_get(bytes, t->places.items[i].bit, t->places.items[i].bits),
			t->places.items[i].bits,
			t->places.items[i].m->kind == MODEL_INT &&
				t->places.items[i].m->is_signed);
}

/* SIZE_MAX: there is none of that path. */
static size_t place_of(const struct type *t, const char *path)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (strcmp(t->places.items[i].path, path) == 0)
			return i;
	return SIZE_MAX;
}

static uint64_t number_of(const struct type *t, const char *path,
			  const unsigned char *bytes)
{
	size_t i = place_of(t, path);

	return i == SIZE_MAX ? 0 : number_at(t, i, bytes);
}

static void model_convert(const struct type *from, const unsigned char *old,
			  const struct type *to, unsigned char *ret)
{
	memset(ret, 0, to->s->size);
	for (size_t i = 0; i < to->places.nr; i++)
		model_put(ret, to->places.items[i].bit, to->places.items[i].bits,
			  number_of(from, to->places.items[i].path, old));
}

/* --- plans ----------------------------------------------------------------------------- */

static bool any_adds(void *ctx, uint32_t offset, uint32_t size)
{
	return (offset / 4 + size + *(uint32_t *)ctx) % 3 != 0;
}

static struct element_side side_of(const struct type *t, uint32_t *salt)
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
static void plan_make(struct element_plan *ret, const struct type *from,
		      const struct type *to, bool with_key, const char *const *merge,
		      size_t nr_merge)
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

static uint64_t round_seed(int round)
{
	const char *seed = getenv("MAPSHARE_SEED");

	return (seed ? strtoull(seed, NULL, 0) : 1) * 1000003 + (uint64_t)round;
}

static int rounds(int most)
{
	const char *nr = getenv("MAPSHARE_ROUNDS");

	return nr ? atoi(nr) : most;
}

static void bytes_are(const unsigned char *got, const unsigned char *want,
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

static void upgrades_are_as_modelled(void **state)
{
	(void)state;
	for (int round = 0; round < rounds(4000); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct model_struct *s = model_random_struct(&r, 2, 8);
		struct type from = type_of(s), to;
		bool removes = round % 2;
		auto_element_plan plan = {.nr_rows = 0};
		unsigned char *old, *got, *want;

		s = model_copy(from.s);
		model_upgrade(&r, s, removes);
		to = type_of(s);
		old = calloc(3, from.s->size + to.s->size + 1);
		got = old + from.s->size;
		want = got + to.s->size;
		plan_make(&plan, &from, &to, !removes, NULL, 0);
		for (int i = 0; i < 3; i++) {
			value_random(&r, &from, old, false);
			model_convert(&from, old, &to, want);
			memset(got, 0xff, to.s->size);
			element_plan_value(&plan, old, got);
			bytes_are(got, want, &to, round);
			if (removes)
				continue;
			memset(got, 0xff, to.s->size);
			element_plan_key(&plan, old, got);
			bytes_are(got, want, &to, round);
		}
		free(old);
		type_free(&from);
		type_free(&to);
	}
}

static void five_upgrades_are_one(void **state)
{
	(void)state;
	for (int round = 0; round < rounds(500); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type types[6] = {type_of(model_random_struct(&r, 2, 6))};
		unsigned char *bytes[6], *once;

		bytes[0] = calloc(1, types[0].s->size);
		value_random(&r, &types[0], bytes[0], false);
		for (int i = 1; i < 6; i++) {
			struct model_struct *s = model_copy(types[i - 1].s);
			auto_element_plan plan = {.nr_rows = 0};

			model_upgrade(&r, s, true);
			types[i] = type_of(s);
			bytes[i] = malloc(types[i].s->size);
			plan_make(&plan, &types[i - 1], &types[i], false, NULL, 0);
			element_plan_value(&plan, bytes[i - 1], bytes[i]);
		}
		{
			auto_element_plan plan = {.nr_rows = 0};

			once = malloc(types[5].s->size);
			plan_make(&plan, &types[0], &types[5], false, NULL, 0);
			element_plan_value(&plan, bytes[0], once);
		}
		bytes_are(bytes[5], once, &types[5], round);
		free(once);
		for (int i = 0; i < 6; i++) {
			free(bytes[i]);
			type_free(&types[i]);
		}
	}
}

/* --- merges ---------------------------------------------------------------------------- */

/* "m1[2].m4[0][1]" is told in the row "m1[].m4"; a union's byte in that of the union. */
static void row_path(const char *path, bool is_array, char *ret, char *ret_unit)
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

struct sides {
	const struct type *from, *to;
	const unsigned char *before, *old_now, *new_now; /* before: NULL: was not there */
	unsigned char *converted;                        /* before, in the new type */
};

static bool in_unit(const struct type *t, size_t i, const char *unit)
{
	char row[MODEL_PATH + 12], own[MODEL_PATH + 12];

	row_path(t->places.items[i].path, t->places.items[i].m->nr[0], row, own);
	return strcmp(own, unit) == 0;
}

static bool unit_is_there(const struct type *t, const char *unit)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit))
			return true;
	return false;
}

static bool unit_changed(const struct type *t, const char *unit, const unsigned char *a,
			 const unsigned char *b)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit) && number_at(t, i, a) != number_at(t, i, b))
			return true;
	return false;
}

/* What the i-th number of the new value is after the second sweep. */
static uint64_t model_merge(const struct sides *s, size_t i, enum element_policy policy,
			    const char *unit)
{
	const char *path = s->to->places.items[i].path;
	uint64_t now = number_at(s->to, i, s->new_now);
	uint64_t old_now = number_of(s->from, path, s->old_now);
	bool old_wrote, new_wrote;

	if (policy == ELEMENT_NONE || !unit_is_there(s->from, unit))
		return now;
	if (policy == ELEMENT_ADD)
		return extended(
			now + old_now -
				(s->before ? number_of(s->from, path, s->before) : 0),
			s->to->places.items[i].bits, s->to->places.items[i].m->is_signed);
	old_wrote = !s->before || unit_changed(s->from, unit, s->before, s->old_now);
	new_wrote = !s->before || unit_changed(s->to, unit, s->converted, s->new_now);
	return old_wrote && (policy == ELEMENT_OVERWRITE || !new_wrote) ? old_now : now;
}

static enum element_policy policy_of(const struct element_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (!plan->rows[i].of_key && strcmp(plan->rows[i].path, path) == 0)
			return plan->rows[i].policy;
	return ELEMENT_NONE;
}

static void merge_apply(const struct element_plan *plan,
			const struct element_merge *merge, unsigned char *value)
{
	for (size_t i = 0; i < plan->nr_deltas; i++) {
		const struct element_delta *d = &plan->deltas[i];

		uint64_t number = model_get(value, d->offset * 8ULL, d->size * 8);

		number += merge->add[i];
		memset(value + d->offset, 0, d->size);
		model_put(value, d->offset * 8ULL, d->size * 8, number);
	}
	for (uint32_t i = 0; i < plan->new_value_size; i++)
		value[i] = (unsigned char)((value[i] & ~merge->mask[i]) |
					   (merge->bytes[i] & merge->mask[i]));
}

static void merge_round(struct model_random *r, const struct element_plan *plan,
			struct sides *s, unsigned char *buffer, int round)
{
	uint32_t old_size = s->from->s->size, new_size = s->to->s->size;
	unsigned char *before = buffer, *old_now = before + old_size,
		      *new_now = old_now + old_size, *converted = new_now + new_size,
		      *want = converted + new_size, *got = want + new_size;
	auto_element_merge merge = {.adds = false};

	s->before = model_below(r, 4) ? before : NULL;
	s->old_now = old_now;
	s->new_now = new_now;
	s->converted = converted;
	value_random(r, s->from, before, false);
	memcpy(old_now, before, old_size);
	value_random(r, s->from, old_now, true);
	model_convert(s->from, before, s->to, converted);
	memcpy(new_now, converted, new_size);
	value_random(r, s->to, new_now, true);
	memset(want, 0, new_size);
	for (size_t i = 0; i < s->to->places.nr; i++) {
		char row[MODEL_PATH + 12], unit[MODEL_PATH + 12];

		row_path(s->to->places.items[i].path, s->to->places.items[i].m->nr[0],
			 row, unit);
		model_put(want, s->to->places.items[i].bit, s->to->places.items[i].bits,
			  model_merge(s, i, policy_of(plan, row), unit));
	}
	element_merge_init(&merge, plan);
	element_plan_merge(plan, s->before, old_now, new_now, &merge);
	memcpy(got, new_now, new_size);
	merge_apply(plan, &merge, got);
	bytes_are(got, want, s->to, round);
}

static void merges_are_as_modelled(void **state)
{
	size_t nr_adds = 0;

	(void)state;
	for (int round = 0; round < rounds(2000); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type from = type_of(model_random_struct(&r, 2, 6)), to;
		struct model_struct *s = model_copy(from.s);
		auto_element_plan plain = {.nr_rows = 0}, plan = {.nr_rows = 0};
		char *merge[64];
		size_t nr = 0;
		struct sides sides;
		unsigned char *buffer;

		model_upgrade(&r, s, true);
		to = type_of(s);
		plan_make(&plain, &from, &to, false, NULL, 0);
		for (size_t i = 0; i < plain.nr_rows && nr < 64; i++)
			if (plain.rows[i].policy != ELEMENT_NONE && model_below(&r, 2) &&
			    asprintf(&merge[nr], "%s=%s", plain.rows[i].path,
				     model_below(&r, 2) ? "overwrite" : "keep-new") > 0)
				nr++;
		plan_make(&plan, &from, &to, false, (const char *const *)merge, nr);
		nr_adds += plan.nr_deltas;
		sides = (struct sides){.from = &from, .to = &to};
		buffer = calloc(1, 2 * from.s->size + 4 * to.s->size);
		for (int i = 0; i < 3; i++)
			merge_round(&r, &plan, &sides, buffer, round);
		free(buffer);
		while (nr)
			free(merge[--nr]);
		type_free(&from);
		type_free(&to);
	}
	assert_true(nr_adds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upgrades_are_as_modelled),
		cmocka_unit_test(five_upgrades_are_one),
		cmocka_unit_test(merges_are_as_modelled),
	};

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
