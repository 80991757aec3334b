/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The second sweep. A hash lists its elements bucket by bucket, and an element never leaves its
 * bucket: so a second walk tells what the first one did in nearly the same order, and the row
 * of an element is found next to that of the one before. Elements whose row is not there are
 * put aside, and once the walk is over the rows that no element had tell the rest: each is
 * looked up by its key.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/stop_hold.h"
#include "load/migrate_private.h"

enum { SWEEP_LOOK = 64, SWEEP_STEP = 16384 };

struct sweep {
	struct migration *m;
	struct err *err;
	struct migrate_merge *merge;
	unsigned char *seen; /* a bit for each row */
	uint64_t nr_rows;    /* that were there as it began */
	uint64_t cursor;     /* behind the row that was found last */
	int late_fd;         /* a set of keys without a row next to them; -1: none yet */
	char *value;         /* of a lookup */
	uint64_t walked;
	uint64_t left; /* evicted from the old map, or deleted: nobody can tell which */
};

static void sweep_release(struct sweep *s)
{
	migrate_merge_freep(&s->merge);
	free(s->seen);
	free(s->value);
	cleanup_close(&s->late_fd);
}

static bool sweep_was_seen(const struct sweep *s, uint64_t row)
{
	return s->seen[row / 8] & (1u << (row % 8));
}

/* --- rows of elements --- */

/* 1: row i is that key's; 0: it is not. */
static int sweep_row_is(struct sweep *s, uint64_t i, const void *key)
{
	struct migrate_shadow *shadow = &s->m->shadow;
	char *row = migrate_shadow_row(shadow, i, s->err);

	if (!row)
		return s->err->code;
	return memcmp(migrate_row_key(row), key, shadow->key_size) == 0;
}

/* 1: found; 0: not next to the cursor. */
static int sweep_find(struct sweep *s, const void *key, uint64_t *ret)
{
	uint32_t index;

	if (migrate_is_array(s->m->old.type)) {
		memcpy(&index, key, sizeof(index));
		*ret = index;
		return index < s->nr_rows;
	}
	for (uint64_t i = 0; i < SWEEP_LOOK; i++) {
		int r = s->cursor + i < s->nr_rows ? sweep_row_is(s, s->cursor + i, key)
						   : 0;

		*ret = s->cursor + i;
		if (r == 0 && i < s->cursor) {
			*ret = s->cursor - i - 1;
			r = sweep_row_is(s, *ret, key);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

/* --- one element --- */

/* value: what it is in the old map; NULL: deleted. */
static int sweep_compare(struct sweep *s, uint64_t i, const void *key, const void *value)
{
	struct migrate_shadow *shadow = &s->m->shadow;
	char *row = migrate_shadow_row(shadow, i, s->err);

	if (!row)
		return s->err->code;
	s->seen[i / 8] |= (unsigned char)(1u << (i % 8));
	/* Made again after it was deleted: a new element. */
	if (value && *migrate_row_state(row) == MIGRATE_ROW_GONE) {
		memset(migrate_row_value(shadow, row), 0, shadow->value_bytes);
		*migrate_row_state(row) = MIGRATE_ROW_BORN;
	}
	if (value &&
	    (*migrate_row_state(row) == MIGRATE_ROW_COPIED ||
	     *migrate_row_state(row) == MIGRATE_ROW_EVICTED) &&
	    memcmp(migrate_row_value(shadow, row), value, shadow->value_bytes) == 0)
		return 0;
	if (!value && *migrate_row_state(row) == MIGRATE_ROW_GONE)
		return 0;
	return migrate_merge_add(s->merge, i, key, value, s->err);
}

static int sweep_put_aside(struct sweep *s, const void *key)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	static const char here = 1;
	int r;

	if (s->late_fd < 0) {
		s->late_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "mapshare_late",
					    s->m->old.key_size, 1, s->m->old.max_entries,
					    &opts);
		if (s->late_fd < 0)
			return err_set(s->err, -errno, "make a set of keys");
	}
	r = map_io_update(s->late_fd, key, &here, BPF_ANY);
	return r < 0 ? err_set(s->err, r, "remember a key") : 0;
}

static int sweep_take(const void *key, const void *value, int error, void *ctx)
{
	struct sweep *s = ctx;
	uint64_t row;
	int r;

	if (!value)
		return error == -ENOENT ? 0 : err_set(s->err, error, "read an element");
	if (++s->walked % SWEEP_STEP == 0 && s->m->opts->progress)
		s->m->opts->progress(s->m->opts->ctx, "compared", s->walked);
	r = sweep_find(s, key, &row);
	if (r < 0)
		return r;
	if (r == 0)
		return sweep_put_aside(s, key);
	s->cursor = row + 1;
	return sweep_compare(s, row, key, value);
}

/* --- what the walk left --- */

/* -ENOENT: it is not there. */
static int sweep_lookup(struct sweep *s, const void *key)
{
	int r = map_io_lookup(s->m->old_fd, key, s->value);

	return r < 0 && r != -ENOENT ? err_set(s->err, r, "read an element") : r;
}

/*
 * 1: it is in the old map, and in value. A trie is looked up by the longest prefix, so there
 * the walk alone says what is in it.
 */
static int sweep_is_there(struct sweep *s, const void *key)
{
	int r = s->late_fd >= 0 ? map_io_delete(s->late_fd, key) : -ENOENT;

	/* Left in the set it would count as a new element, too. */
	if (r < 0 && r != -ENOENT)
		return err_set(s->err, r, "take a key from the set");
	if (s->m->old.type == BPF_MAP_TYPE_LPM_TRIE && r < 0)
		return 0;
	r = sweep_lookup(s, key);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int sweep_rest(struct sweep *s)
{
	auto_free char *key = xcalloc(1, s->m->shadow.key_size);

	for (uint64_t i = 0; i < s->nr_rows; i++) {
		char *row;
		int r;

		if (sweep_was_seen(s, i))
			continue;
		row = migrate_shadow_row(&s->m->shadow, i, s->err);
		if (!row)
			return s->err->code;
		memcpy(key, migrate_row_key(row), s->m->shadow.key_size);
		r = sweep_is_there(s, key);
		if (r < 0)
			return r;
		/* A map that forgets did so, as far as anybody can tell. */
		if (r == 0 && migrate_is_lru(s->m->old.type)) {
			s->left += *migrate_row_state(row) != MIGRATE_ROW_GONE;
			continue;
		}
		r = sweep_compare(s, i, key, r == 1 ? s->value : NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int sweep_born(const void *key, const void *value, int error, void *ctx)
{
	struct sweep *s = ctx;
	struct migrate_shadow *shadow = &s->m->shadow;
	uint64_t i;
	char *row;
	int r;

	(void)value;
	(void)error;
	r = sweep_lookup(s, key);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = migrate_shadow_add(shadow, &i, s->err);
	row = r < 0 ? NULL : migrate_shadow_row(shadow, i, s->err);
	if (!row)
		return s->err->code;
	memcpy(migrate_row_key(row), key, shadow->key_size);
	*migrate_row_state(row) = MIGRATE_ROW_BORN;
	return migrate_merge_add(s->merge, i, key, s->value, s->err);
}

static int sweep_late(struct sweep *s)
{
	struct bpf_map_info info;
	int r;

	if (s->late_fd < 0)
		return 0;
	r = map_fd_info(s->late_fd, &info);
	if (r == 0)
		r = map_io_dump(s->late_fd, &info, sweep_born, s);
	return r < 0 && !s->err->code ? err_set(s->err, r, "read a set of keys") : r;
}

int migrate_sweep(struct migration *m, struct err *err)
{
	auto_release(sweep_release) struct sweep s = {
		.m = m,
		.err = err,
		.late_fd = -1,
		.nr_rows = m->shadow.nr,
	};
	int r;

	s.merge = migrate_merge_new(m, err);
	if (!s.merge)
		return err->code;
	s.seen = xcalloc(s.nr_rows / 8 + 1, 1);
	s.value = xcalloc(1, map_io_value_bytes(&m->old));
	r = map_io_dump(m->old_fd, &m->old, sweep_take, &s);
	if (r < 0 && !err->code)
		return err_set(err, r, "read the map again");
	if (r == 0)
		r = sweep_rest(&s);
	if (r == 0)
		r = sweep_late(&s);
	if (r == 0)
		r = migrate_merge_flush(s.merge, err);
	return r < 0 ? r : migrate_lru_count(m, s.left, err);
}
