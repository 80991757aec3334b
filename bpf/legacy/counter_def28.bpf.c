/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts what a cgroup sends; the definition of the kernel's samples (28 bytes). */
#include "counter_prog.h"
#include "legacy/legacy_maps.h"

struct bpf_map_def_28 SEC("maps") traffic = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct traffic),
	.max_entries = TRAFFIC_SLOTS,
};

SEC("cgroup_skb/egress")
int count_cgroup(struct __sk_buff *skb)
{
	traffic_count(&traffic, skb, HOOK_CGROUP, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
