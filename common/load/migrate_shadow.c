/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "load/migrate_shadow.h"

enum { SHADOW_MAP_BYTES = 8 << 20 };

static size_t round_up_8(size_t n)
{
	return (n + 7) / 8 * 8;
}

void migrate_shadow_init(struct migrate_shadow *ret, const struct bpf_map_info *info,
			 const char *dir, struct pin_txn *txn)
{
	size_t row;

	*ret = (struct migrate_shadow)MIGRATE_SHADOW_INIT;
	ret->value_bytes = map_io_value_bytes(info);
	ret->key_size = info->key_size;
	ret->value_offset = (uint32_t)(sizeof(uint64_t) + round_up_8(info->key_size));
	row = ret->value_offset + round_up_8(ret->value_bytes);
	ret->row_size = (uint32_t)row;
	ret->map_rows = row < SHADOW_MAP_BYTES ? (uint32_t)(SHADOW_MAP_BYTES / row) : 1;
	/* A small map needs no more rows than it has elements, by its definition. */
	if (info->max_entries < ret->map_rows)
		ret->map_rows = info->max_entries ? info->max_entries : 1;
	ret->dir = xstrdup(dir);
	ret->txn = txn;
}

static size_t mapped_bytes(const struct migrate_shadow *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (size_t)s->map_rows * s->row_size;

	return (bytes + page - 1) / page * page;
}

void migrate_shadow_release(struct migrate_shadow *s)
{
	for (size_t i = 0; i < MIGRATE_SHADOW_WINDOW; i++)
		if (s->window[i].at)
			munmap(s->window[i].at, mapped_bytes(s));
	for (size_t i = 0; i < s->nr_fds; i++)
		cleanup_close(&s->fds[i]);
	free(s->fds);
	free(s->dir);
	*s = (struct migrate_shadow)MIGRATE_SHADOW_INIT;
}

static char *shadow_pin(const struct migrate_shadow *s, size_t map)
{
	return xasprintf("%s/copied_%zu", s->dir, map);
}

/* --- the maps --- */

static int shadow_add_map(struct migrate_shadow *s, struct err *err)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	auto_free char *path = shadow_pin(s, s->nr_fds);
	auto_close int fd = -1;
	struct bpf_map_info info;
	int r;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mapshare_copied", sizeof(uint32_t),
			    s->row_size, s->map_rows, &opts);
	r = fd < 0 ? -errno : map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "make a map for what is copied");
	r = pin_txn_pin(s->txn, fd, info.id, path, err);
	if (r == -EEXIST)
		return err_set(err, r, "pin '%s'", path);
	if (r < 0)
		return r;
	array_grow(s->fds, s->nr_fds);
	s->fds[s->nr_fds++] = take_fd(&fd);
	return 0;
}

/* Rows are taken in order: the first free one ends them. */
static int count_rows(struct migrate_shadow *s, struct err *err)
{
	uint64_t low = 0, high = s->nr_fds * s->map_rows;

	while (low < high) {
		uint64_t i = low + (high - low) / 2;
		char *row = migrate_shadow_row(s, i, err);

		if (!row)
			return err->code;
		if (*migrate_row_state(row) == MIGRATE_ROW_FREE)
			high = i;
		else
			low = i + 1;
	}
	s->nr = low;
	return 0;
}

int migrate_shadow_open(struct migrate_shadow *s, struct err *err)
{
	for (;;) {
		auto_free char *path = shadow_pin(s, s->nr_fds);
		auto_close int fd = pin_dir_get(path, BPF_FD_MAP, err);
		struct bpf_map_info info;
		int r;

		if (fd == -ENOENT)
			break;
		if (fd == PIN_DIR_REFUSED)
			return fd;
		r = fd < 0 ? fd : map_fd_info(fd, &info);
		if (r < 0)
			return err_set(err, r, "pin '%s'", path);
		if (info.value_size != s->row_size || info.max_entries != s->map_rows)
			return err_say(
				err, -EBADMSG,
				"pin '%s' is not what a migration of this map leaves; remove the directory '%s' by hand",
				path, s->dir);
		array_grow(s->fds, s->nr_fds);
		s->fds[s->nr_fds++] = take_fd(&fd);
	}
	return count_rows(s, err);
}

/* --- rows --- */

static char *map_window(struct migrate_shadow *s, size_t map, struct err *err)
{
	size_t oldest = 0;
	void *at;

	for (size_t i = 0; i < MIGRATE_SHADOW_WINDOW; i++) {
		if (s->window[i].at && s->window[i].map == map) {
			s->window[i].used = ++s->clock;
			return s->window[i].at;
		}
		if (s->window[i].used < s->window[oldest].used)
			oldest = i;
	}
	s->last = NULL;
	if (s->window[oldest].at)
		munmap(s->window[oldest].at, mapped_bytes(s));
	s->window[oldest].at = NULL;
	at = mmap(NULL, mapped_bytes(s), PROT_READ | PROT_WRITE, MAP_SHARED, s->fds[map],
		  0);
	if (at == MAP_FAILED) {
		err_set(err, -errno, "map what is copied into memory");
		return NULL;
	}
	s->window[oldest].at = at;
	s->window[oldest].map = map;
	s->window[oldest].used = ++s->clock;
	return at;
}

char *migrate_shadow_row(struct migrate_shadow *s, uint64_t i, struct err *err)
{
	size_t map;

	if (s->last && i - s->last_first < s->map_rows)
		return s->last + (i - s->last_first) * s->row_size;
	map = (size_t)(i / s->map_rows);
	s->last = map_window(s, map, err);
	s->last_first = (uint64_t)map * s->map_rows;
	return s->last ? s->last + (i - s->last_first) * s->row_size : NULL;
}

int migrate_shadow_add(struct migrate_shadow *s, uint64_t *ret, struct err *err)
{
	if (s->nr == s->nr_fds * s->map_rows) {
		int r = shadow_add_map(s, err);

		if (r < 0)
			return r;
	}
	*ret = s->nr++;
	return 0;
}

uint64_t migrate_shadow_bytes(const struct migrate_shadow *s, uint64_t elements)
{
	uint64_t maps = (elements + s->map_rows - 1) / s->map_rows;

	return maps * s->map_rows * s->row_size;
}
