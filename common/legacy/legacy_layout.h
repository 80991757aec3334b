/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bytes of one legacy map definition -> mapdef. Every dialect begins with the same five
 * 32-bit words {type, key size, value size, max entries, flags}; what follows differs:
 *
 *	bytes  20    24        28        32
 *	  36   id    pinning   inner_id  inner_idx     struct bpf_elf_map
 *	  28   id    pinning                           its ancestor, tc 4.6 to 4.12
 *	  28   inner_map_idx  numa_node                kernel samples' struct bpf_map_def
 *	  24   pinning                                 private loaders' struct bpf_map_def
 *	  20                                           struct bpf_map_def of libbpf < 1.0
 *
 * The bpf_elf_map of 24 bytes (tc 4.5) had no flags: {type, key, value, max, id, pinning}.
 */
#ifndef LEGACY_LEGACY_LAYOUT_H
#define LEGACY_LEGACY_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "btf/btf_vars.h"
#include "legacy/object_def.h"

struct legacy_layout_opts {
	enum maps_layout layout;
	enum maps_reader reader;
	size_t nr_maps; /* definitions in the section: bounds an inner_map_idx */
};

struct legacy_words {
	struct mapdef def;   /* without name; inner is -1 */
	int64_t inner_index; /* inner_map_idx of an outer map in the samples layout; else
				-1 */
};

/* Bytes: type, key, value and entries are in every dialect. */
enum { LEGACY_LAYOUT_MIN = 16 };

/*
 * A layout that opts names counts before everything else; 32 and 36 bytes are bpf_elf_map
 * all the same. Then BTF's members, if there are any (nr > 0), are read by name, in whatever
 * order they stand; names that nobody knows leave it to the bytes, as without BTF, where
 * those can mean one thing only. Else the size decides, opts settles what it leaves open,
 * and what nobody can tell is refused together with the option that tells. -EINVAL also for
 * bytes that are not zero where the layout has no member.
 */
int legacy_layout_read(struct legacy_words *ret, const unsigned char *bytes, size_t size,
		       const struct btf_var_member *members, size_t nr,
		       const struct legacy_layout_opts *opts, struct err *err) must_check;

#endif
