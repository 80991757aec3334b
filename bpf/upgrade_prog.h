/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two versions of one program for two hooks. UPGRADE_NEW: the second one, which counts bytes too
 * and has wider numbers; the members are found by their names, wherever they are.
 */
#ifndef UPGRADE_PROG_H
#define UPGRADE_PROG_H

#include "counter_prog.h"

struct visit {
#ifdef UPGRADE_NEW
	__u64 bytes;
	__u64 packets;
#else
	__u32 packets;
#endif
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2); /* by hook */
	__type(key, __u32);
	__type(value, struct visit);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} visits SEC(".maps");

static __always_inline void visit_count(struct __sk_buff *skb, __u32 hook,
					__u32 ip_offset)
{
	struct visit *v;

	if (traffic_proto(skb, ip_offset) != TRAFFIC_ICMP)
		return;
	v = bpf_map_lookup_elem(&visits, &hook);
	if (!v)
		return;
	__sync_fetch_and_add(&v->packets, 1);
#ifdef UPGRADE_NEW
	__sync_fetch_and_add(&v->bytes, skb->len - ip_offset);
#endif
}

SEC("classifier")
int visits_tc(struct __sk_buff *skb)
{
	visit_count(skb, HOOK_TC, ETH_HLEN);
	return TC_ACT_OK;
}

SEC("cgroup_skb/egress")
int visits_cgroup(struct __sk_buff *skb)
{
	visit_count(skb, HOOK_CGROUP, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#endif
