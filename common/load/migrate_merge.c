/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the old programs wrote after the copy, into the new map: some elements at a time, so
 * that those of per-CPU maps can be done CPU by CPU.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/cpu_stay.h"
#include "kernel/cpus.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/stop_hold.h"
#include "load/migrate_adder.h"
#include "load/migrate_private.h"
#include "load/object.h"

enum { MERGE_BYTES = 1 << 20 };

struct waiting {
	uint64_t row;
	bool gone;    /* deleted from the old map */
	bool missing; /* not in the new map */
	bool done;    /* something of it came over */
	bool raced;   /* both sides wrote a member, on a CPU at least */
};

struct migrate_merge {
	struct migration *m;
	struct migrate_adder adder;
	struct element_merge merge;
	struct waiting *items; /* owned */
	char *keys, *now;      /* of each, in the old map; owned */
	size_t nr, room;
	size_t now_bytes;
	unsigned int slots;
	bool *left; /* of each slot: it was said that something was not brought over; owned */
	char *new_key, *new_value, *before_value; /* of one element; owned */
	bool direct; /* no program may write to the new map: only user space does */
};

void migrate_merge_freep(struct migrate_merge **merge)
{
	struct migrate_merge *g = *merge;

	if (!g)
		return;
	migrate_adder_release(&g->adder);
	element_merge_release(&g->merge);
	free(g->items);
	free(g->keys);
	free(g->now);
	free(g->left);
	free(g->new_key);
	free(g->new_value);
	free(g->before_value);
	free(g);
}

struct migrate_merge *migrate_merge_new(struct migration *m, struct err *err)
{
	auto_release(migrate_merge_freep) struct migrate_merge *g =
		xcalloc(1, sizeof(*g));
	size_t row;

	g->m = m;
	g->adder = (struct migrate_adder)MIGRATE_ADDER_INIT;
	element_merge_init(&g->merge, &m->report->plan);
	g->direct = migrate_is_direct(m);
	g->slots = map_io_is_percpu(&m->old) ? possible_cpus() : 1;
	g->now_bytes = map_io_value_bytes(&m->old);
	row = m->old.key_size + g->now_bytes;
	g->room = row < MERGE_BYTES ? MERGE_BYTES / row : 1;
	g->items = xcalloc(g->room, sizeof(*g->items));
	g->keys = xcalloc(g->room, m->old.key_size);
	g->left = xcalloc(g->slots, sizeof(*g->left));
	g->now = xcalloc(g->room, g->now_bytes);
	g->new_key = xcalloc(1, m->new.key_size);
	g->new_value = xcalloc(1, map_io_value_bytes(&m->new));
	g->before_value = xcalloc(1, map_io_value_bytes(&m->new));
	g->adder.plan = &m->report->plan;
	g->adder.shadow = &m->shadow;
	g->adder.new_fd = m->new_fd;
	g->adder.slots = g->slots;
	g->adder.lock_at = m->new_lock_at;
	if (!g->direct && migrate_adder_init(&g->adder, err) < 0)
		return NULL;
	return take_ptr(g);
}

bool migrate_is_direct(const struct migration *m)
{
	return mapdef_is_outer(&m->old_def) ||
	       migrate_objects_map(m)->def.map_flags & BPF_F_RDONLY_PROG;
}

int migrate_merge_try(struct migration *m, struct err *err)
{
	auto_release(migrate_merge_freep) struct migrate_merge *g =
		migrate_merge_new(m, err);

	if (!g)
		return err->code;
	return g->direct ? 0 : migrate_adder_try(&g->adder, err);
}

static char *merge_now(const struct migrate_merge *g, size_t i)
{
	return g->now + i * g->now_bytes;
}

static const char *merge_key(const struct migrate_merge *g, size_t i)
{
	return g->keys + i * g->m->old.key_size;
}

/* --- elements that came or went --- */

/* Numbers that are added begin with 0: what they are now comes by the program. */
static void clear_added(const struct migrate_merge *g, char *value)
{
	const struct element_plan *plan = &g->m->report->plan;
	size_t stride = map_io_stride(&g->m->new);

	for (unsigned int slot = 0; slot < g->slots; slot++)
		for (size_t i = 0; i < plan->nr_deltas; i++)
			memset(value + slot * stride + plan->deltas[i].offset, 0,
			       plan->deltas[i].size);
}

/* The element is in the new map then, or there is no room for it. */
static int merge_make(struct migrate_merge *g, size_t i, struct err *err)
{
	struct migration *m = g->m;
	int r;

	migrate_convert(m, merge_key(g, i), merge_now(g, i), g->new_key, g->new_value);
	clear_added(g, g->new_value);
	r = map_io_update(m->new_fd, g->new_key, g->new_value, BPF_NOEXIST);
	if (r == 0)
		m->report->born++;
	if (r == 0 || r == -EEXIST)
		return 0;
	if (r != -E2BIG && r != -ENOSPC)
		return err_set(err, r, "store an element in the new map");
	m->report->dropped++;
	g->items[i].missing = true;
	return 0;
}

/* On kernels without a program for it: what is added between the two is lost. */
static int merge_delete_slowly(struct migrate_merge *g)
{
	struct migration *m = g->m;
	int r = map_io_lookup_exact(m->new_fd, &m->new, g->new_key, g->new_value);

	if (r < 0)
		return r == -ENOENT ? MIGRATE_ADDER_MISSING : r;
	if (memcmp(g->new_value, g->before_value, map_io_value_bytes(&m->new)) != 0)
		return MIGRATE_ADDER_CHANGED;
	r = map_io_delete(m->new_fd, g->new_key);
	return r == 0 ? MIGRATE_ADDER_DONE : r == -ENOENT ? MIGRATE_ADDER_MISSING : r;
}

/* Deleted from the old map, and the new programs did not touch it: it goes. */
static int merge_delete(struct migrate_merge *g, size_t i, char *row, struct err *err)
{
	struct migration *m = g->m;
	int r;

	migrate_convert(m, merge_key(g, i), migrate_row_value(&m->shadow, row),
			g->new_key, g->before_value);
	r = g->direct ? -EOPNOTSUPP
		      : migrate_adder_delete(&g->adder, g->items[i].row, g->new_key,
					     g->before_value, err);
	if (r == -EOPNOTSUPP)
		r = merge_delete_slowly(g);
	if (r < 0)
		return err->code ? r
				 : err_set(err, r, "delete an element of the new map");
	m->report->deleted += r == MIGRATE_ADDER_DONE;
	if (r == MIGRATE_ADDER_CHANGED)
		return 0;
	g->items[i].missing = true;
	row = migrate_shadow_row(&m->shadow, g->items[i].row, err);
	if (!row)
		return err->code;
	*migrate_row_state(row) = MIGRATE_ROW_GONE;
	return 0;
}

static int merge_prepare(struct migrate_merge *g, size_t i, struct err *err)
{
	char *row = migrate_shadow_row(&g->m->shadow, g->items[i].row, err);

	if (!row)
		return err->code;
	if (*migrate_row_state(row) == MIGRATE_ROW_BORN && !g->items[i].gone)
		return merge_make(g, i, err);
	return g->items[i].gone ? merge_delete(g, i, row, err) : 0;
}

/* --- elements that changed --- */

static void merge_find_key(struct migrate_merge *g, size_t i)
{
	const struct element_plan *plan = &g->m->report->plan;

	if (plan->key_same)
		memcpy(g->new_key, merge_key(g, i), plan->new_key_size);
	else
		element_plan_key(plan, merge_key(g, i), g->new_key);
}

static void merge_say_left(struct migrate_merge *g, unsigned int slot)
{
	struct migrate_report *report = g->m->report;

	if (g->left[slot])
		return;
	g->left[slot] = true;
	array_grow(report->unseen, report->nr_unseen);
	report->unseen[report->nr_unseen++] = xasprintf(
		"CPU %u is not available to this process: what the old programs wrote there last, and is not added up, stays as it was copied",
		slot);
}

/* 1: there is something to bring over, in g->merge; 0: nothing. */
static int merge_look(struct migrate_merge *g, size_t i, unsigned int slot, bool here,
		      struct err *err)
{
	struct migration *m = g->m;
	char *row = migrate_shadow_row(&m->shadow, g->items[i].row, err), *before;
	const char *now = merge_now(g, i) + slot * map_io_stride(&m->old);
	bool fresh;
	int r;

	if (!row)
		return err->code;
	before = migrate_row_value(&m->shadow, row) + slot * map_io_stride(&m->old);
	if (memcmp(before, now, m->old.value_size) == 0)
		return 0;
	/* Of a new element that was added already the row says so. */
	fresh = *migrate_row_state(row) == MIGRATE_ROW_BORN &&
		migrate_is_zero(before, m->old.value_size);
	merge_find_key(g, i);
	r = map_io_lookup_exact(m->new_fd, &m->new, g->new_key, g->new_value);
	if (r == -ENOENT) {
		/* Behind the end of an array: counted as it was copied if it held something. */
		if (migrate_is_array(m->new.type) &&
		    migrate_is_zero(migrate_row_value(&m->shadow, row), g->now_bytes))
			m->report->dropped++;
		g->items[i].missing = true;
		return 0;
	}
	if (r < 0)
		return err_set(err, r, "read an element of the new map");
	element_plan_merge(&m->report->plan, fresh ? NULL : before, now,
			   g->new_value + slot * map_io_stride(&m->new), &g->merge);
	/* The CPU is offline, or not ours to run on: its numbers count on another one. */
	if (g->merge.sets && !here)
		merge_say_left(g, slot);
	g->merge.sets &= here;
	return g->merge.adds || g->merge.sets;
}

static int merge_slot(struct migrate_merge *g, size_t i, unsigned int slot, bool here,
		      struct err *err)
{
	struct migration *m = g->m;
	int r;

	do {
		g->merge.nr_raced = 0;
		r = merge_look(g, i, slot, here, err);
		if (r <= 0)
			break;
		r = migrate_adder_run(
			&g->adder,
			&(struct migrate_addition){
				.key = g->new_key,
				.merge = &g->merge,
				.old_now =
					merge_now(g, i) + slot * map_io_stride(&m->old),
				.new_now = g->new_value + slot * map_io_stride(&m->new),
				.row = g->items[i].row,
				.slot = slot,
			},
			err);
		g->items[i].missing |= r == MIGRATE_ADDER_MISSING;
		g->items[i].done |= r == MIGRATE_ADDER_DONE;
	} while (r == MIGRATE_ADDER_CHANGED);
	g->items[i].raced |= g->merge.nr_raced > 0;
	return r < 0 ? r : 0;
}

static int merge_percpu(struct migrate_merge *g, struct err *err)
{
	auto_cpu_stay stay = CPU_STAY_INIT;
	int r = 0, left;

	cpu_stay_begin(&stay, g->slots);
	for (unsigned int cpu = 0; cpu < g->slots && r == 0; cpu++) {
		bool here = cpu_stay_on(&stay, cpu);

		for (size_t i = 0; i < g->nr && r == 0; i++)
			r = g->items[i].missing ? 0 : merge_slot(g, i, cpu, here, err);
	}
	left = cpu_stay_end(&stay);
	return r == 0 && left < 0 ? err_set(err, left, "leave the CPU") : r;
}

/* --- without a program --- */

/* Nobody but user space writes to the new map: the element becomes what the old one is. */
static int merge_directly(struct migrate_merge *g, size_t i, struct err *err)
{
	struct migration *m = g->m;
	char *row = migrate_shadow_row(&m->shadow, g->items[i].row, err);
	uint32_t now, before, there;
	int r;

	if (!row)
		return err->code;
	migrate_convert(m, merge_key(g, i), merge_now(g, i), g->new_key, g->new_value);
	if (!mapdef_is_outer(&m->old_def)) {
		r = map_io_update(m->new_fd, g->new_key, g->new_value, BPF_ANY);
	} else {
		memcpy(&now, merge_now(g, i), sizeof(now));
		memcpy(&before, migrate_row_value(&m->shadow, row), sizeof(before));
		r = map_io_lookup(m->new_fd, g->new_key, &there);
		/* Another map was put there meanwhile: that one stays. */
		if (r == 0 && there != before && there != now)
			g->items[i].raced = true;
		else
			r = migrate_store_inner(m, g->new_key, now, BPF_ANY);
	}
	if (r == -E2BIG) {
		/* It was counted as it was copied, unless it came later. */
		m->report->dropped += *migrate_row_state(row) == MIGRATE_ROW_BORN;
		g->items[i].missing = true;
		return 0;
	}
	if (r < 0)
		return err_set(err, r, "store an element in the new map");
	g->items[i].done = true;
	memcpy(migrate_row_value(&m->shadow, row), merge_now(g, i), g->now_bytes);
	return 0;
}

/* --- */

static void merge_count(struct migrate_merge *g, size_t i)
{
	g->m->report->added += g->items[i].done;
	g->m->report->raced += g->items[i].raced;
}

int migrate_merge_flush(struct migrate_merge *g, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < g->nr && r == 0; i++)
		if (!g->direct || g->items[i].gone)
			r = merge_prepare(g, i, err);
	for (size_t i = 0; i < g->nr && r == 0; i++)
		if (g->direct && !g->items[i].missing && !g->items[i].gone)
			r = merge_directly(g, i, err);
	for (size_t i = 0; i < g->nr && r == 0 && !g->direct && g->slots == 1; i++)
		r = g->items[i].missing ? 0 : merge_slot(g, i, 0, true, err);
	if (r == 0 && !g->direct && g->slots > 1)
		r = merge_percpu(g, err);
	for (size_t i = 0; i < g->nr && r == 0; i++)
		merge_count(g, i);
	g->nr = 0;
	return r;
}

int migrate_merge_add(struct migrate_merge *g, uint64_t row, const void *key,
		      const void *now, struct err *err)
{
	size_t i = g->nr++;

	g->items[i] = (struct waiting){.row = row, .gone = !now};
	memcpy(g->keys + i * g->m->old.key_size, key, g->m->old.key_size);
	if (now)
		memcpy(merge_now(g, i), now, g->now_bytes);
	else
		memset(merge_now(g, i), 0, g->now_bytes);
	return g->nr == g->room ? migrate_merge_flush(g, err) : 0;
}
