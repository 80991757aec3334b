/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map definitions as objects carried them before BTF: structs in section "maps". Two
 * families with equal first five members; only member names (with -g) or the reader's
 * choice tell which family an object means.
 */
#ifndef LEGACY_MAPS_H
#define LEGACY_MAPS_H

#include <linux/types.h>

/* tc's family. pinning: where tc keeps the map below its bpffs. */
enum { PIN_NONE, PIN_OBJECT_NS, PIN_GLOBAL_NS };

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id; /* tail calls: section "ID/KEY"; map-in-map: what inner_id names */
	__u32 pinning;
	__u32 inner_id;  /* an outer map: the id of its template */
	__u32 inner_idx; /* an inner map: its slot in the outer one, -1 for none */
};

/* tc's form before map-in-map. */
struct bpf_elf_map_28 {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
};

/* libbpf's family: no word about pinning. */
struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

/* The form of the kernel's samples. */
struct bpf_map_def_28 {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx;
	unsigned int numa_node;
};

#endif
