/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Drops what an interface receives for a listed destination. */
#include "legacy/legacy_maps.h"
#include "policy_prog.h"

struct bpf_elf_map SEC("maps") blocked = {
	.type = BPF_MAP_TYPE_HASH,
	.size_key = sizeof(__u32),
	.size_value = sizeof(struct refused),
	.max_elem = POLICY_MAX,
	.pinning = PIN_GLOBAL_NS,
};

SEC("classifier")
int police_tc(struct __sk_buff *skb)
{
	struct refused *r = policy_find(&blocked, skb, ETH_HLEN);

	if (!r)
		return TC_ACT_OK;
	__sync_fetch_and_add(&r->by_tc, 1);
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
