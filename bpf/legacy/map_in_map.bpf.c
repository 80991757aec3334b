/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map-in-map: packets are counted in the map that stands in the slot of their protocol.
 * Slot TRAFFIC_ICMP is filled at load; others can be filled while the programs run. Both
 * hooks are in this file, so that each loader takes its own program and finds the pinned
 * outer map.
 */
#include "counter_prog.h"
#include "legacy/legacy_maps.h"

#define INNER_ID 42

struct bpf_elf_map SEC("maps") icmp_counter = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u64),
	.max_elem = 2, /* by hook */
	.id = INNER_ID,
	.inner_idx = TRAFFIC_ICMP,
};

struct bpf_elf_map SEC("maps") counters = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.max_elem = TRAFFIC_PROTOS,
	.pinning = PIN_GLOBAL_NS,
	.inner_id = INNER_ID,
};

static __always_inline void count_inside(struct __sk_buff *skb, __u32 hook,
					 __u32 ip_offset)
{
	__u32 proto = traffic_proto(skb, ip_offset);
	void *inner = bpf_map_lookup_elem(&counters, &proto);
	__u64 *n;

	if (!inner)
		return;
	n = bpf_map_lookup_elem(inner, &hook);
	if (n)
		__sync_fetch_and_add(n, 1);
}

SEC("classifier")
int count_tc(struct __sk_buff *skb)
{
	count_inside(skb, HOOK_TC, ETH_HLEN);
	return TC_ACT_OK;
}

SEC("cgroup_skb/egress")
int count_cgroup(struct __sk_buff *skb)
{
	count_inside(skb, HOOK_CGROUP, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
