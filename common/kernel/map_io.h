/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is in a map: one element, the next key, all of it. Buffers are the caller's; keys
 * of maps without keys (queues) are NULL.
 */
#ifndef KERNEL_MAP_IO_H
#define KERNEL_MAP_IO_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* Values are one per possible CPU. */
bool map_io_is_percpu(const struct bpf_map_info *info);
/*
 * Bytes a value has in user space: value_size; per-CPU maps have one for each possible
 * CPU, map_io_stride() bytes apart. 0: there is no telling, see map_io_sized().
 */
size_t map_io_value_bytes(const struct bpf_map_info *info);
size_t map_io_stride(const struct bpf_map_info *info); /* value_size rounded up to 8 */
/*
 * Is it known how many bytes the kernel writes for a value? Not for per-CPU maps where
 * possible_cpus() is unknown: nothing may be looked up there; dump and store refuse with
 * -ENODATA.
 */
bool map_io_sized(const struct bpf_map_info *info);

/* -ENOENT: no such element; -524 (ENOTSUPP): the type cannot be read. */
int map_io_lookup(int fd, const void *key, void *value) must_check;
/* A trie is looked up by the longest prefix: there only what is at the very key is found. */
int map_io_lookup_exact(int fd, const struct bpf_map_info *info, const void *key,
			void *value) must_check;
/* key NULL: the first. -ENOENT: that was the last. key and next may be the same buffer.
 */
int map_io_next_key(int fd, const void *key, void *next) must_check;

/*
 * flags: BPF_ANY, BPF_EXIST, BPF_NOEXIST. value holds map_io_value_bytes(); outer maps
 * and prog arrays take an fd. -E2BIG: full, or no such index; -EPERM: frozen.
 */
int map_io_update(int fd, const void *key, const void *value, uint64_t flags) must_check;
int map_io_delete(int fd, const void *key) must_check;
/* Takes the element out: queues and stacks, hashes since 5.14. */
int map_io_pop(int fd, const void *key, void *value) must_check;
/* No more writes from user space. */
int map_io_freeze(int fd) must_check;

/*
 * Stores nr elements that lie one behind the other in keys and values, at once where the
 * kernel and the type can (hash and array since 5.6), else one by one. *done: how many
 * are in, all of them on success; the one behind them is what -errno is about.
 */
struct map_io_rows {
	const void *keys, *values;
	uint32_t nr;
};
int map_io_store(int fd, const struct bpf_map_info *info, const struct map_io_rows *rows,
		 uint64_t flags, uint32_t *done) must_check;

/*
 * One element. error 0: value holds map_io_value_bytes(); else value is NULL and error
 * says why this slot cannot be read. A non-zero return ends the dump.
 */
typedef int (*map_io_fn)(const void *key, const void *value, int error, void *ctx);

/*
 * fn for every element, in the map's own order: by batches where the kernel has them
 * (hash and array since 5.6), else key by key. Elements that come or go meanwhile may be
 * missed. Elements that vanish, and empty slots of outer maps and prog arrays, are passed
 * over. Returns 0, fn's non-zero, or -errno: the map cannot be walked (queue, ring
 * buffer), or -EAGAIN when it changes faster than it can be read.
 */
int map_io_dump(int fd, const struct bpf_map_info *info, map_io_fn fn,
		void *ctx) must_check;

#endif
