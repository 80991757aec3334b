/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"

enum {
	KERNEL_ENOTSUPP = 524,
	BATCH_BYTES = 256 * 1024, /* larger ones save no time that could be measured */
};

bool map_io_is_percpu(const struct bpf_map_info *info)
{
	return mapdef_type_is_percpu(info->type);
}

size_t map_io_stride(const struct bpf_map_info *info)
{
	return ((size_t)info->value_size + 7) / 8 * 8;
}

size_t map_io_value_bytes(const struct bpf_map_info *info)
{
	return map_io_is_percpu(info) ? map_io_stride(info) * possible_cpus()
				      : info->value_size;
}

bool map_io_sized(const struct bpf_map_info *info)
{
	return !map_io_is_percpu(info) || possible_cpus() > 0;
}

int map_io_lookup(int fd, const void *key, void *value)
{
	return bpf_map_lookup_elem(fd, key, value) < 0 ? -errno : 0;
}

int map_io_next_key(int fd, const void *key, void *next)
{
	return bpf_map_get_next_key(fd, key, next) < 0 ? -errno : 0;
}

/* Behind a key that is not there the walk of a trie begins anew (trie_get_next_key()). */
static int map_io_trie_has(int fd, const struct bpf_map_info *info, const void *key)
{
	auto_free char *first = xcalloc(1, info->key_size);
	auto_free char *next = xcalloc(1, info->key_size);
	int r = map_io_next_key(fd, NULL, first);

	if (r < 0)
		return r;
	r = map_io_next_key(fd, key, next);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return memcmp(first, next, info->key_size) == 0 ? -ENOENT : 0;
}

int map_io_lookup_exact(int fd, const struct bpf_map_info *info, const void *key,
			void *value)
{
	int r = info->type == BPF_MAP_TYPE_LPM_TRIE ? map_io_trie_has(fd, info, key) : 0;

	return r < 0 ? r : map_io_lookup(fd, key, value);
}

int map_io_update(int fd, const void *key, const void *value, uint64_t flags)
{
	return bpf_map_update_elem(fd, key, value, flags) < 0 ? -errno : 0;
}

int map_io_delete(int fd, const void *key)
{
	return bpf_map_delete_elem(fd, key) < 0 ? -errno : 0;
}

int map_io_pop(int fd, const void *key, void *value)
{
	return bpf_map_lookup_and_delete_elem(fd, key, value) < 0 ? -errno : 0;
}

int map_io_freeze(int fd)
{
	return bpf_map_freeze(fd) < 0 ? -errno : 0;
}

/* Is a slot without a value nothing to speak of? Fixed slots (devmap …) are shown as
 * empty. */
static bool absent_is_nothing(uint32_t type)
{
	const struct mapdef def = {.type = type};

	return mapdef_is_data(&def) || mapdef_is_outer(&def) ||
	       type == BPF_MAP_TYPE_PROG_ARRAY;
}

/* From the first key on, or from behind one (may be NULL). */
static int dump_by_key(int fd, const struct bpf_map_info *info, const void *behind,
		       map_io_fn fn, void *ctx)
{
	auto_free char *key =
		behind ? xmemdup(behind, info->key_size) : xcalloc(1, info->key_size);
	auto_free char *value = xcalloc(1, map_io_value_bytes(info));
	/*
	 * A key that vanishes under the walk makes the kernel start again at the first,
	 * so a busy map could keep us here for ever.
	 */
	uint64_t steps = (uint64_t)info->max_entries * 4 + 64;
	bool first = !behind;

	for (; steps > 0; steps--) {
		int r = map_io_next_key(fd, first ? NULL : key, key);

		if (r < 0)
			return r == -ENOENT ? 0 : r;
		first = false;
		r = map_io_lookup(fd, key, value);
		if (r == -ENOENT && absent_is_nothing(info->type))
			continue;
		r = fn(key, r < 0 ? NULL : value, r, ctx);
		if (r != 0)
			return r;
	}
	return -EAGAIN;
}

/*
 * Prog arrays: no kernel has batches for them, and their keys are known, which halves the
 * calls.
 */
static int dump_by_index(int fd, const struct bpf_map_info *info, map_io_fn fn, void *ctx)
{
	auto_free char *value = xcalloc(1, map_io_value_bytes(info));

	for (uint32_t key = 0; key < info->max_entries; key++) {
		int r = map_io_lookup(fd, &key, value);

		if (r == -ENOENT)
			continue;
		r = fn(&key, r < 0 ? NULL : value, r, ctx);
		if (r != 0)
			return r;
	}
	return 0;
}

struct batch {
	size_t key_bytes, value_bytes;
	uint32_t rows; /* there is room for */
	char *keys, *values;
	/*
	 * Where the next one starts. Opaque: hashes keep a bucket number in it, whatever
	 * the key's size, so it has 4 bytes at least.
	 */
	char *cursor;
	bool started;
	char *last; /* the key that was read last; NULL: none yet */
};

static void map_io_batch_release(struct batch *b)
{
	free(b->keys);
	free(b->values);
	free(b->cursor);
	free(b->last);
}

static void batch_room(struct batch *b, uint32_t rows)
{
	b->rows = rows;
	b->keys = xrealloc(b->keys, rows, b->key_bytes);
	b->values = xrealloc(b->values, rows, b->value_bytes);
}

/* Reads up to b->rows elements behind the cursor; *nr is how many, whatever is returned.
 */
static int batch_read(struct batch *b, int fd, uint32_t *nr)
{
	uint32_t count = b->rows;
	int r = bpf_map_lookup_batch(fd, b->started ? b->cursor : NULL, b->cursor,
				     b->keys, b->values, &count, NULL);

	r = r < 0 ? -errno : 0;
	/* Refused before anything was read: the kernel left count as it was. */
	*nr = r == 0 || r == -ENOENT || r == -EINTR ? count : 0;
	return r;
}

static int batch_deliver(struct batch *b, uint32_t nr, map_io_fn fn, void *ctx)
{
	for (uint32_t i = 0; i < nr; i++) {
		int r = fn(b->keys + i * b->key_bytes, b->values + i * b->value_bytes, 0,
			   ctx);

		if (r != 0)
			return r;
	}
	if (nr) {
		free(b->last);
		b->last = xmemdup(b->keys + (nr - 1) * b->key_bytes, b->key_bytes);
	}
	return 0;
}

static int dump_by_batch(int fd, const struct bpf_map_info *info, map_io_fn fn, void *ctx)
{
	auto_release(map_io_batch_release) struct batch b = {
		.key_bytes = info->key_size,
		.value_bytes = map_io_value_bytes(info),
	};
	uint64_t left = (uint64_t)info->max_entries * 4 + 64;
	size_t rows = BATCH_BYTES / (b.key_bytes + b.value_bytes + 1);

	if (rows > info->max_entries)
		rows = info->max_entries;
	batch_room(&b, rows ? (uint32_t)rows : 1);
	b.cursor = xcalloc(1, b.key_bytes < sizeof(uint32_t) ? sizeof(uint32_t)
							     : b.key_bytes);
	for (;;) {
		uint32_t nr;
		int r = batch_read(&b, fd, &nr), delivered;

		/* One bucket of the hash is larger than the room. */
		if (r == -ENOSPC && b.rows <= (uint64_t)info->max_entries * 2) {
			batch_room(&b, b.rows * 2);
			continue;
		}
		delivered = batch_deliver(&b, nr, fn, ctx);
		if (delivered != 0 || r == -ENOENT)
			return delivered;
		/*
		 * -EINTR: an element vanished just there; the cursor has moved on. Before
		 * Linux 6.15 it does not get over an empty slot of an array of maps.
		 */
		if (r == -EINTR && nr == 0)
			return dump_by_key(fd, info, b.last, fn, ctx);
		if (r < 0 && r != -EINTR)
			return r;
		if (left <= nr)
			return -EAGAIN;
		left -= nr + 1;
		/* Nothing read: the cursor may not have been written yet. */
		b.started = b.started || nr > 0;
	}
}

/* Answers of kernels and map types that have no batches. */
static bool without_batches(int r)
{
	return r == -EINVAL || r == -EOPNOTSUPP || r == -KERNEL_ENOTSUPP;
}

struct counted {
	map_io_fn fn;
	void *ctx;
	uint64_t nr;
};

static int count_and_pass(const void *key, const void *value, int error, void *ctx)
{
	struct counted *counted = ctx;

	counted->nr++;
	return counted->fn(key, value, error, counted->ctx);
}

int map_io_dump(int fd, const struct bpf_map_info *info, map_io_fn fn, void *ctx)
{
	struct counted counted = {.fn = fn, .ctx = ctx};
	int r;

	if (!map_io_sized(info))
		return -ENODATA;
	if (info->type == BPF_MAP_TYPE_PROG_ARRAY && info->key_size == sizeof(uint32_t))
		return dump_by_index(fd, info, fn, ctx);
	r = dump_by_batch(fd, info, count_and_pass, &counted);
	if (counted.nr == 0 && without_batches(r))
		return dump_by_key(fd, info, NULL, fn, ctx);
	return r;
}

static int store_by_key(int fd, const struct bpf_map_info *info,
			const struct map_io_rows *rows, uint64_t flags, uint32_t *done)
{
	size_t value_bytes = map_io_value_bytes(info);
	const char *keys = rows->keys, *values = rows->values;

	for (; *done < rows->nr; ++*done) {
		int r = map_io_update(fd, keys + (size_t)*done * info->key_size,
				      values + *done * value_bytes, flags);

		if (r < 0)
			return r;
	}
	return 0;
}

int map_io_store(int fd, const struct bpf_map_info *info, const struct map_io_rows *rows,
		 uint64_t flags, uint32_t *done)
{
	uint32_t count = rows->nr;
	int r;

	*done = 0;
	if (!map_io_sized(info))
		return -ENODATA;
	/* Batches know no "only if it is new". */
	if (flags != BPF_ANY || rows->nr == 0)
		return store_by_key(fd, info, rows, flags, done);
	r = bpf_map_update_batch(fd, rows->keys, rows->values, &count, NULL);
	r = r < 0 ? -errno : 0;
	/*
	 * Refused as a whole, the kernel may leave count as it was; whatever was stored,
	 * storing it again does no harm, and names the element that cannot be.
	 */
	if (r < 0)
		return store_by_key(fd, info, rows, flags, done);
	*done = rows->nr;
	return 0;
}
