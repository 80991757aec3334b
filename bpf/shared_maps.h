/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a BPF program describes a map that programs of other loaders share. A definition only
 * describes: the first load makes the map and pins it, every later one finds the pin, compares
 * it, and is refused if anything differs. There are three dialects; tc_loader and cgroup_loader
 * read each of them, also from one another's objects.
 *
 * BTF, for everything new. It takes clang -g. Any libbpf loads it, but pins it where its own
 * caller says; these tools use tc/globals below the BPF file system, as tc does:
 *
 *	struct {
 *		__uint(type, BPF_MAP_TYPE_HASH);
 *		__uint(max_entries, 1024);
 *		__type(key, __u32);
 *		__type(value, struct counters);
 *		__uint(pinning, LIBBPF_PIN_BY_NAME);
 *	} traffic SEC(".maps");
 *
 * which is, in a line,
 *
 *	SHARED_MAP(traffic, BPF_MAP_TYPE_HASH, 1024, __u32, struct counters);
 *
 * struct bpf_elf_map, tc's own; .pinning says where it is shared (mapshare/legacy_maps.h). No tc
 * that uses libbpf 1.0 or later takes it:
 *
 *	struct bpf_elf_map traffic SEC("maps") = {
 *		.type = BPF_MAP_TYPE_HASH,
 *		.size_key = sizeof(__u32),
 *		.size_value = sizeof(struct counters),
 *		.max_elem = 1024,
 *		.pinning = PIN_GLOBAL_NS,
 *	};
 *
 * struct bpf_map_def, which has no word about pinning: cgroup_loader shares it all the same,
 * tc_loader where its line says "map name traffic shared":
 *
 *	struct bpf_map_def traffic SEC("maps") = {
 *		.type = BPF_MAP_TYPE_HASH,
 *		.key_size = sizeof(__u32),
 *		.value_size = sizeof(struct counters),
 *		.max_entries = 1024,
 *	};
 *
 * The name is what programs meet by: the kernel keeps 15 bytes of it. Definitions of one map in
 * several files stand best in a header that all of them include.
 */
#ifndef SHARED_MAPS_H
#define SHARED_MAPS_H

#include <bpf/bpf_helpers.h>

/* A map that is pinned by its name. */
#define SHARED_MAP(name, map_type, entries, key_type, value_type) \
	SHARED_MAP_FLAGS(name, map_type, entries, key_type, value_type, 0)

/* The same with map_flags: BPF_F_NO_PREALLOC, which an LPM trie has to have. */
#define SHARED_MAP_FLAGS(name, map_type, entries, key_type, value_type, flags) \
	struct {                                                               \
		__uint(type, map_type);                                        \
		__uint(max_entries, entries);                                  \
		__uint(map_flags, flags);                                      \
		__type(key, key_type);                                         \
		__type(value, value_type);                                     \
		__uint(pinning, LIBBPF_PIN_BY_NAME);                           \
	} name SEC(".maps")

#endif
