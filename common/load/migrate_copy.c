/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first copy: every element of the old map into the new one, in batches. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/cpu_stay.h"
#include "kernel/cpus.h"
#include "kernel/map_count.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/stop_hold.h"
#include "load/migrate_private.h"

enum { COPY_BATCH_BYTES = 256 * 1024, COPY_SINGLES = 4096, COPY_COUNTED = 32768 };

struct copy {
	struct migration *m;
	struct err *err;
	char *keys, *values; /* of the new map, not stored yet */
	size_t value_bytes;
	uint32_t nr, room;
	bool single; /* each by itself, only if it is new: it may be told twice */
	char *last; /* of a trie: the key that is the last in its order; NULL: none yet */
};

static void copy_release(struct copy *c)
{
	free(c->keys);
	free(c->values);
	free(c->last);
}

/*
 * A walk key by key begins again where its key was deleted, and what it tells twice must not
 * be copied twice.
 */
static bool walks_by_key(uint32_t type)
{
	return type == BPF_MAP_TYPE_LPM_TRIE || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* --- storing --- */

static int copy_refuse(const struct copy *c, int r)
{
	const struct migration *m = c->m;

	if (mapdef_is_outer(&m->old_def) && r == -EINVAL)
		return err_say(
			c->err, -EOPNOTSUPP,
			"the inner maps are not what the object defines; a changed inner definition cannot be migrated");
	return err_set(c->err, r, "store an element in the new map");
}

static int copy_refuse_keys(const struct copy *c, uint64_t nr)
{
	return err_say(
		c->err, -EOPNOTSUPP,
		"%" PRIu64
		" elements would have the key of another one: their keys differ in bytes between the members alone, which the new definition does not keep",
		nr);
}

static int copy_flush(struct copy *c)
{
	struct migration *m = c->m;
	uint32_t at = 0;

	while (at < c->nr) {
		const struct map_io_rows rows = {
			.keys = c->keys + (size_t)at * m->new.key_size,
			.values = c->values + at * c->value_bytes,
			.nr = c->nr - at,
		};
		uint32_t done = 0;
		int r = map_io_store(m->new_fd, &m->new, &rows, BPF_ANY, &done);

		m->report->copied += done;
		at += done;
		if (r == 0)
			break;
		if (r != -E2BIG)
			return copy_refuse(c, r);
		m->report->dropped++;
		at++;
	}
	c->nr = 0;
	if (m->opts->progress)
		m->opts->progress(m->opts->ctx, "copied", m->report->copied);
	return stop_hold_check(c->err);
}

static int copy_store_one(struct copy *c, bool *stored)
{
	struct migration *m = c->m;
	uint32_t id;
	int r;

	memcpy(&id, c->values, sizeof(id));
	r = mapdef_is_outer(&m->old_def)
		    ? migrate_store_inner(m, c->keys, id,
					  migrate_is_array(m->new.type) ? BPF_ANY
									: BPF_NOEXIST)
		    : map_io_update(m->new_fd, c->keys, c->values, BPF_NOEXIST);
	/* Told twice; or the inner map went while it was read. What has no room has a row. */
	*stored = r == 0 || r == -E2BIG || r == -ENOSPC;
	if (r == -EEXIST && mapdef_is_outer(&m->old_def) && !m->report->plan.key_same)
		return copy_refuse_keys(c, 1);
	if (r == -EEXIST || (r == -ENOENT && mapdef_is_outer(&m->old_def)))
		return 0;
	if (r == -E2BIG || r == -ENOSPC) {
		m->report->dropped++;
		return 0;
	}
	if (r < 0)
		return copy_refuse(c, r);
	m->report->copied++;
	return 0;
}

/* --- reading --- */

/* An element of an array behind the new one's end; one that was never written is nothing. */
static bool copy_is_behind(struct copy *c, const void *key, const void *value)
{
	const struct migration *m = c->m;
	uint32_t index;

	if (!migrate_is_array(m->old.type))
		return false;
	memcpy(&index, key, sizeof(index));
	if (index < m->new.max_entries)
		return false;
	if (!migrate_is_zero(value, map_io_value_bytes(&m->old)))
		c->m->report->dropped++;
	return true;
}

static int copy_remember(struct copy *c, const void *key, const void *value)
{
	struct migrate_shadow *s = &c->m->shadow;
	uint64_t i;
	char *row;
	int r = migrate_shadow_add(s, &i, c->err);

	row = r < 0 ? NULL : migrate_shadow_row(s, i, c->err);
	if (!row)
		return c->err->code;
	memcpy(migrate_row_key(row), key, s->key_size);
	memcpy(migrate_row_value(s, row), value, s->value_bytes);
	*migrate_row_state(row) = MIGRATE_ROW_COPIED;
	return 0;
}

/* Slots that are empty, or that were passed over, have a row too: its number is the index. */
static int copy_fill_rows(struct copy *c, uint32_t index)
{
	struct migrate_shadow *s = &c->m->shadow;

	while (s->nr < index) {
		uint64_t i;
		int r = migrate_shadow_add(s, &i, c->err);
		char *row = r < 0 ? NULL : migrate_shadow_row(s, i, c->err);

		if (!row)
			return c->err->code;
		*(uint32_t *)(void *)migrate_row_key(row) = (uint32_t)i;
		*migrate_row_state(row) = MIGRATE_ROW_GONE;
	}
	return 0;
}

/*
 * Does a key of a trie come behind the other in its order? What is more specific comes first, then
 * the bits decide.
 */
static bool trie_is_behind(const char *key, const char *other)
{
	const unsigned char *a = (const unsigned char *)key + sizeof(uint32_t);
	const unsigned char *b = (const unsigned char *)other + sizeof(uint32_t);
	uint32_t a_bits, b_bits, both;
	size_t at = 0;

	memcpy(&a_bits, key, sizeof(a_bits));
	memcpy(&b_bits, other, sizeof(b_bits));
	both = a_bits < b_bits ? a_bits : b_bits;
	for (; at < both / 8 && a[at] == b[at]; at++)
		;
	if (at < both / 8)
		return a[at] > b[at];
	if (both % 8) {
		int shift = 8 - (int)(both % 8);

		if (a[at] >> shift != b[at] >> shift)
			return a[at] >> shift > b[at] >> shift;
	}
	return a_bits < b_bits;
}

/*
 * Behind all that came so far it did not come yet, in whatever order the kernel walks; and there is
 * room for it.
 */
static bool copy_is_first(struct copy *c, const void *key)
{
	const struct migration *m = c->m;

	if (m->old.type != BPF_MAP_TYPE_LPM_TRIE || !m->report->plan.key_same)
		return false;
	if (c->last && !trie_is_behind(key, c->last))
		return false;
	if (!c->last)
		c->last = xcalloc(1, m->old.key_size);
	memcpy(c->last, key, m->old.key_size);
	return m->report->copied + c->nr < m->new.max_entries;
}

static int copy_take(const void *key, const void *value, int error, void *ctx)
{
	struct copy *c = ctx;
	struct migration *m = c->m;
	bool stored = true, single = c->single && !copy_is_first(c, key);
	int r = 0;

	if (!value)
		return error == -ENOENT ? 0 : err_set(c->err, error, "read an element");
	if (migrate_is_array(m->old.type)) {
		uint32_t index;

		memcpy(&index, key, sizeof(index));
		r = copy_fill_rows(c, index);
		if (r < 0)
			return r;
	}
	if (single && c->nr)
		r = copy_flush(c);
	if (r == 0 && !copy_is_behind(c, key, value)) {
		migrate_convert(m, key, value, c->keys + (size_t)c->nr * m->new.key_size,
				c->values + c->nr * c->value_bytes);
		if (single)
			r = copy_store_one(c, &stored);
		else
			c->nr++;
	}
	if (r == 0 && stored)
		r = copy_remember(c, key, value);
	if (r == 0 && (single ? m->report->copied % COPY_SINGLES == 0 : c->nr == c->room))
		r = copy_flush(c);
	return r;
}

/* --- what did not fit --- */

static int copy_count(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	++*(uint64_t *)ctx;
	return 0;
}

static int copy_kept(struct copy *c, uint64_t *ret)
{
	struct migration *m = c->m;
	int r;

	if (m->report->copied >= COPY_COUNTED && map_count(m->new_fd, &m->new, ret) == 0)
		return 0;
	*ret = 0;
	r = map_io_dump(m->new_fd, &m->new, copy_count, ret);
	return r < 0 ? err_set(c->err, r, "count the elements of the new map") : 0;
}

/*
 * A map that forgets takes whatever comes, and does not say what it forgot; and two keys that
 * became one are two elements that became one. No program writes to the new map yet.
 */
static int copy_count_kept(struct copy *c)
{
	struct migration *m = c->m;
	bool forgets = migrate_is_lru(m->new.type);
	uint64_t kept, rows = m->report->copied;
	int r = 0;

	if (!forgets && (m->report->plan.key_same || migrate_is_array(m->new.type)))
		return 0;
	if (forgets)
		r = migrate_lru_store_first(m, c->err);
	if (r == 0)
		r = copy_kept(c, &kept);
	if (r == 0 && forgets && kept < rows) {
		r = migrate_lru_settle(m, c->err);
		if (r == 0)
			r = copy_kept(c, &kept);
		rows -= m->report->evicted;
	}
	if (r < 0 || kept >= rows)
		return r;
	return copy_refuse_keys(c, rows - kept);
}

static int copy_check_room(const struct migration *m, struct err *err)
{
	uint64_t lost = m->report->dropped + m->report->evicted;

	if (!lost || m->opts->drop)
		return 0;
	return err_say(
		err, -ENOSPC,
		"%" PRIu64
		" elements do not fit in the new map (max_entries %u); --drop leaves them out",
		lost, m->new.max_entries);
}

int migrate_copy(struct migration *m, struct err *err)
{
	auto_release(copy_release) struct copy c = {.m = m, .err = err};
	auto_cpu_stay stay = CPU_STAY_INIT;
	size_t row;
	int r;

	c.value_bytes = map_io_value_bytes(&m->new);
	c.single = walks_by_key(m->old.type) || mapdef_is_outer(&m->old_def);
	row = m->new.key_size + c.value_bytes;
	c.room = row > COPY_BATCH_BYTES ? 1 : (uint32_t)(COPY_BATCH_BYTES / row);
	c.keys = xcalloc(c.room, m->new.key_size);
	c.values = xcalloc(c.room, c.value_bytes);
	migrate_lru_stay(m, &stay);
	r = map_io_dump(m->old_fd, &m->old, copy_take, &c);
	if (r < 0 && !err->code)
		return err_set(err, r, "read the map");
	if (r == 0 && migrate_is_array(m->old.type))
		r = copy_fill_rows(&c, m->old.max_entries);
	if (r == 0)
		r = copy_flush(&c);
	if (r == 0)
		r = copy_count_kept(&c);
	return r < 0 ? r : copy_check_room(m, err);
}
