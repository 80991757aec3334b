/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tail-call examples count what ran, slot by slot, in a map of this shape. */
#ifndef LEGACY_STAGES_H
#define LEGACY_STAGES_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "legacy/legacy_maps.h"

enum stage { STAGE_ENTRY, STAGE_FIRST, STAGE_SECOND, STAGE_GRAFTED, STAGES };

#define STAGES_MAP(name, scope)                 \
	struct bpf_elf_map SEC("maps") name = { \
		.type = BPF_MAP_TYPE_ARRAY,     \
		.size_key = sizeof(__u32),      \
		.size_value = sizeof(__u64),    \
		.max_elem = STAGES,             \
		.pinning = scope,               \
	}

/* MAP_ID is the number before the slash of the sections that fill the slots. */
#define JUMP_MAP(name, map_id, slots, scope)     \
	struct bpf_elf_map SEC("maps") name = {  \
		.type = BPF_MAP_TYPE_PROG_ARRAY, \
		.size_key = sizeof(__u32),       \
		.size_value = sizeof(__u32),     \
		.max_elem = slots,               \
		.id = map_id,                    \
		.pinning = scope,                \
	}

static __always_inline void stage_ran(void *map, __u32 stage)
{
	__u64 *n = bpf_map_lookup_elem(map, &stage);

	if (n)
		__sync_fetch_and_add(n, 1);
}

#endif
