/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts what an interface receives; the map as tc described maps (36 bytes). */
#include "counter_prog.h"
#include "legacy/legacy_maps.h"

struct bpf_elf_map SEC("maps") traffic = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(struct traffic),
	.max_elem = TRAFFIC_SLOTS,
	.pinning = PIN_GLOBAL_NS,
};

SEC("classifier")
int count_tc(struct __sk_buff *skb)
{
	traffic_count(&traffic, skb, HOOK_TC, ETH_HLEN);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
