/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps that forget: they take whatever comes, and do not say what they forgot for it. A full
 * one forgets more than it has to, since the kernel hands out its free elements to each CPU in
 * portions (128 by default), and makes room for a whole one where the last is short. What that
 * left over on this CPU is there for those that were forgotten for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/cpu_stay.h"
#include "kernel/cpus.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/stop_hold.h"
#include "load/key_set.h"
#include "load/migrate_private.h"

/* Once more each: what is forgotten for those is another one. */
enum { LRU_TRIES = 3, LRU_STEP = 4096, LRU_FIRST = 1024 };

struct lru {
	struct migration *m;
	char *key, *value; /* of the new map; owned */
	struct key_set keys;
	int (*fn)(struct lru *l, char *row); /* of what is missing */
	uint64_t nr_looked;
	bool stops; /* a signal may end it: no program was replaced yet */
};

static void lru_init(struct lru *l, struct migration *m, bool stops)
{
	l->m = m;
	l->stops = stops;
	l->key = xcalloc(1, m->new.key_size);
	l->value = xcalloc(1, map_io_value_bytes(&m->new));
}

static void lru_release(struct lru *l)
{
	free(l->key);
	free(l->value);
	key_set_release(&l->keys);
}

void migrate_lru_stay(const struct migration *m, struct cpu_stay *stay)
{
	int cpu = sched_getcpu();

	if (!migrate_is_lru(m->new.type) || cpu < 0)
		return;
	cpu_stay_begin(stay, possible_cpus());
	/* Elsewhere it works too, and forgets more. */
	(void)cpu_stay_on(stay, (unsigned int)cpu);
}

/* Its key in the new map, in l->key. */
static void lru_find_key(struct lru *l, char *row)
{
	const struct element_plan *plan = &l->m->report->plan;

	if (plan->key_same)
		memcpy(l->key, migrate_row_key(row), plan->new_key_size);
	else
		element_plan_key(plan, migrate_row_key(row), l->key);
}

/* fn for each row that was copied, its key in l->key, until it returns something else than 0. */
static int lru_each_row(struct lru *l, int (*fn)(struct lru *l, char *row),
			struct err *err)
{
	struct migrate_shadow *s = &l->m->shadow;

	for (uint64_t i = 0; i < s->nr; i++) {
		char *row = migrate_shadow_row(s, i, err);
		int r;

		if (!row)
			return err->code;
		if (*migrate_row_state(row) != MIGRATE_ROW_COPIED &&
		    *migrate_row_state(row) != MIGRATE_ROW_BORN)
			continue;
		lru_find_key(l, row);
		r = fn(l, row);
		if (r != 0)
			return r < 0 ? err_set(err, r, "an element of the new map") : r;
		if (l->stops && i % LRU_STEP == 0 && stop_hold_check(err) < 0)
			return err->code;
	}
	return 0;
}

static int lru_expect(struct lru *l, char *row)
{
	(void)row;
	key_set_add(&l->keys, l->key);
	return 0;
}

static int lru_see(const void *key, const void *value, int error, void *ctx)
{
	struct lru *l = ctx;

	(void)value;
	(void)error;
	key_set_see(&l->keys, key);
	return 0;
}

static int lru_try(struct lru *l, char *row)
{
	return key_set_misses(&l->keys, l->key) ? l->fn(l, row) : 0;
}

/*
 * Each row that was copied and is not there; *ret: how many, fn changes that. The map is read as
 * a whole: a lookup of each is what takes the time.
 */
static int lru_each_missing(struct lru *l, int (*fn)(struct lru *l, char *row),
			    uint64_t *ret, struct err *err)
{
	const struct migration *m = l->m;
	int r = 0;

	*ret = 0;
	l->fn = fn;
	if (!l->keys.slots)
		key_set_init(&l->keys, m->new.key_size, m->shadow.nr);
	for (uint32_t part = 0; part < l->keys.nr_parts && r == 0; part++) {
		uint64_t missing;

		key_set_begin(&l->keys, part);
		r = lru_each_row(l, lru_expect, err);
		if (r < 0)
			return r;
		r = map_io_dump(m->new_fd, &m->new, lru_see, l);
		if (r < 0)
			return err_set(err, r, "read the new map");
		missing = key_set_missing(&l->keys);
		*ret += missing;
		r = missing && fn ? lru_each_row(l, lru_try, err) : 0;
	}
	return r;
}

static int lru_store(struct lru *l, char *row)
{
	int r;

	migrate_convert(l->m, migrate_row_key(row), migrate_row_value(&l->m->shadow, row),
			l->key, l->value);
	r = map_io_update(l->m->new_fd, l->key, l->value, BPF_NOEXIST);
	return r == -EEXIST ? 0 : r;
}

static int lru_mark(struct lru *l, char *row)
{
	(void)l;
	*migrate_row_state(row) = MIGRATE_ROW_EVICTED;
	return 0;
}

/* Is it missing? Stored, as long as it is one of the first. */
static int lru_store_missing(struct lru *l, char *row)
{
	int r;

	if (l->nr_looked++ == LRU_FIRST)
		return 1;
	r = map_io_lookup(l->m->new_fd, l->key, l->value);
	return r == -ENOENT ? lru_store(l, row) : r;
}

int migrate_lru_store_first(struct migration *m, struct err *err)
{
	auto_release(lru_release) struct lru l = {.key = NULL};
	int r;

	if (m->shadow.nr > m->new.max_entries)
		return 0;
	lru_init(&l, m, true);
	r = lru_each_row(&l, lru_store_missing, err);
	return r < 0 ? r : 0;
}

int migrate_lru_settle(struct migration *m, struct err *err)
{
	auto_release(lru_release) struct lru l = {.key = NULL};
	bool fits = m->shadow.nr <= m->new.max_entries;
	uint64_t missing = 1;
	int r = 0;

	lru_init(&l, m, true);
	for (int i = 0; fits && i < LRU_TRIES && r == 0 && missing; i++)
		r = lru_each_missing(&l, lru_store, &missing, err);
	return r < 0 || !missing
		       ? r
		       : lru_each_missing(&l, lru_mark, &m->report->evicted, err);
}

int migrate_lru_count(struct migration *m, uint64_t left, struct err *err)
{
	auto_release(lru_release) struct lru l = {.key = NULL};
	struct migrate_report *report = m->report;
	uint64_t missing;
	int r;

	if (!migrate_is_lru(m->new.type))
		return 0;
	lru_init(&l, m, false);
	r = lru_each_missing(&l, NULL, &missing, err);
	if (r < 0)
		return r;
	report->evicted += missing;
	array_grow(report->unseen, report->nr_unseen);
	report->unseen[report->nr_unseen++] = xasprintf(
		"what the kernel evicted from the old map between the two looks at it: elements that came and went, and what was last written to %" PRIu64
		" that are gone",
		left);
	return 0;
}
