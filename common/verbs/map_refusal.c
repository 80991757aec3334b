/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "kernel/features.h"
#include "kernel/map_fd.h"
#include "verbs/map_refusal.h"

enum { TYPE_CGRP_STORAGE = 32 }; /* BPF_MAP_TYPE_CGRP_STORAGE, Linux 6.2 */

/* Key of a trie: how many bits of what follows count. */
static uint32_t prefix_of(const void *key)
{
	return ((const struct bpf_lpm_trie_key *)key)->prefixlen;
}

static bool is_indexed(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return true;
	default:
		return false;
	}
}

static bool is_past_end(const struct bpf_map_info *info, const void *key, uint32_t *index)
{
	if (!key || !is_indexed(info->type) || info->key_size != sizeof(*index))
		return false;
	memcpy(index, key, sizeof(*index));
	return *index >= info->max_entries;
}

#define PAST_END                                                          \
	"index %" PRIu32 " is past the end: map %" PRIu32 " has %" PRIu32 \
	" entries, the first is 0"

void map_refusal_remark(const struct bpf_map_info *info, const void *key)
{
	uint32_t index;

	if (is_past_end(info, key, &index))
		log_info(PAST_END, index, info->id, info->max_entries);
}

/* -E2BIG, and -ENOSPC of tries. */
static int say_too_many(const struct bpf_map_info *info, const void *key, int code,
			const char *what, struct err *err)
{
	uint32_t index;

	if (is_past_end(info, key, &index))
		return err_say(err, code, "%s: " PAST_END, what, index, info->id,
			       info->max_entries);
	if (is_indexed(info->type))
		return err_set(err, code, "%s", what);
	return err_say(err, code,
		       "%s: map %" PRIu32 " is full: it has %" PRIu32 " of %" PRIu32
		       " entries",
		       what, info->id, info->max_entries, info->max_entries);
}

static int say_denied(int fd, const struct bpf_map_info *info, int code, const char *what,
		      struct err *err)
{
	struct map_details details;

	map_fd_details(fd, &details);
	if (details.frozen) {
		err_say(err, code, "%s: map %" PRIu32 " is frozen", what, info->id);
		return err_hint(
			err, "user space cannot undo that; programs still write to it");
	}
	if (code == -EPERM && info->map_flags & BPF_F_RDONLY)
		return err_say(
			err, code,
			"%s: map %" PRIu32
			" was created with BPF_F_RDONLY: only programs write to it",
			what, info->id);
	return err_set(err, code, "%s", what);
}

static int say_invalid(const struct bpf_map_info *info, const void *key, int code,
		       const char *what, struct err *err)
{
	uint32_t most = (info->key_size - (uint32_t)sizeof(uint32_t)) * 8;

	if (key && info->type == BPF_MAP_TYPE_LPM_TRIE && prefix_of(key) > most)
		return err_say(
			err, code,
			"%s: prefix length %" PRIu32 " is more than the %" PRIu32
			" bits of the key; the length comes first, in the byte order of this machine",
			what, prefix_of(key), most);
	if (strcmp(what, "delete failed") == 0 &&
	    (info->type == BPF_MAP_TYPE_ARRAY || info->type == BPF_MAP_TYPE_PERCPU_ARRAY))
		return err_say(err, code,
			       "%s: elements of an array cannot be deleted, only updated",
			       what);
	return err_set(err, code, "%s", what);
}

int map_refusal(int fd, const struct bpf_map_info *info, const void *key, int code,
		const char *what, struct err *err)
{
	bool trie = info->type == BPF_MAP_TYPE_LPM_TRIE;

	if (code == -E2BIG || (code == -ENOSPC && trie))
		return say_too_many(info, key, code, what, err);
	/* A map that is frozen already was EBUSY to older kernels. */
	if (code == -EPERM || code == -EBUSY)
		return say_denied(fd, info, code, what, err);
	if (code == -EINVAL)
		return say_invalid(info, key, code, what, err);
	err_set(err, code, "%s", what);
	if (code == -ENOENT && key)
		err_hint(err, "the map has no such key; 'map dump' lists those it has");
	else if (code == -EEXIST)
		err_hint(err, "'noexist' asks for a key that is new; 'any' overwrites");
	return code;
}

/* --- creating --------------------------------------------------------------------- */

static bool needs_entries(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_LPM_TRIE:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
	case BPF_MAP_TYPE_RINGBUF:
		return true;
	default:
		return is_indexed(type) && type != BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	}
}

static bool needs_key(uint32_t type)
{
	return needs_entries(type) && type != BPF_MAP_TYPE_QUEUE &&
	       type != BPF_MAP_TYPE_STACK && type != BPF_MAP_TYPE_RINGBUF;
}

static bool needs_btf(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_STRUCT_OPS:
	case BPF_MAP_TYPE_SK_STORAGE:
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_TASK_STORAGE:
	case TYPE_CGRP_STORAGE:
		return true;
	default:
		return false;
	}
}

int map_refusal_create(const struct mapdef *def, bool inner, int code, const char *what,
		       struct err *err)
{
	const char *type = mapdef_type_name(def->type);

	type = type ? type : "map";
	err_set(err, code, "%s", what);
	if (code == -ENOMEM)
		return err_hint(err, "fewer entries or smaller values take less memory");
	if (code == -E2BIG)
		return err_hint(err,
				"the kernel has no maps with keys or values so large");
	if (code != -EINVAL)
		return code;
	if (!def->max_entries && needs_entries(def->type))
		return err_say(err, code, "%s: a map of type %s needs 'entries N'", what,
			       type);
	if (def->type == BPF_MAP_TYPE_LPM_TRIE && !(def->map_flags & BPF_F_NO_PREALLOC))
		return err_say(
			err, code,
			"%s: a map of type lpm_trie needs 'flags 1' (BPF_F_NO_PREALLOC)",
			what);
	if (is_indexed(def->type) && def->key_size != sizeof(uint32_t))
		return err_say(err, code,
			       "%s: keys of a map of type %s have 4 bytes, not %" PRIu32,
			       what, type, def->key_size);
	if (!def->value_size && needs_key(def->type))
		return err_say(err, code,
			       "%s: a map of type %s needs 'value BYTES', at least 1",
			       what, type);
	if (!def->key_size && needs_key(def->type))
		return err_hint(err, "a map of this type needs 'key BYTES', at least 1");
	if (def->type == BPF_MAP_TYPE_LPM_TRIE && def->key_size <= sizeof(uint32_t))
		return err_hint(
			err,
			"keys of a trie have 4 bytes of prefix length, then what is compared: 8 for IPv4, 20 for IPv6");
	if (mapdef_is_outer(def) && !inner)
		return err_hint(
			err,
			"a map of this type needs 'inner_map MAP', which says what it may hold");
	if (feature_no_map_type(def->type))
		return err_hint(err, "this kernel has no maps of this type");
	if (needs_btf(def->type))
		return err_hint(
			err,
			"maps of this type need BTF: an object that defines one makes it");
	if (def->type == BPF_MAP_TYPE_BLOOM_FILTER && def->key_size)
		return err_hint(err, "maps of this type have no keys: 'key 0'");
	if (def->type == BPF_MAP_TYPE_RINGBUF)
		return err_hint(
			err,
			"a ring buffer has no key and no value, and its entries are a power of two, and whole pages");
	if (def->key_size && needs_entries(def->type) && !needs_key(def->type))
		return err_hint(err, "maps of this type have no keys: 'key 0'");
	if (def->map_flags & ~BPF_F_NO_PREALLOC)
		return err_hint(
			err,
			"'flags' are those of linux/bpf.h that maps of this type take");
	return code;
}
