/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One map for the two directions of an interface, private to this object file: two
 * filters loaded from it meet below MNT/tc/SHA1-of-the-file.
 */
#include "counter_prog.h"
#include "legacy/legacy_maps.h"

struct bpf_elf_map SEC("maps") both_ways = {
	.type = BPF_MAP_TYPE_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u64),
	.max_elem = 2, /* 0: received, 1: sent */
	.pinning = PIN_OBJECT_NS,
};

static __always_inline int count_way(__u32 way)
{
	__u64 *n = bpf_map_lookup_elem(&both_ways, &way);

	if (n)
		__sync_fetch_and_add(n, 1);
	return TC_ACT_OK;
}

SEC("ingress")
int received(struct __sk_buff *skb)
{
	return count_way(0);
}

SEC("egress")
int sent(struct __sk_buff *skb)
{
	return count_way(1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
