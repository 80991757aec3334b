/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts what the processes of a cgroup send; BTF-defined map. */
#include "counter_maps.h"
#include "counter_prog.h"

SEC("cgroup_skb/egress")
int count_cgroup(struct __sk_buff *skb)
{
	traffic_count(&traffic, skb, HOOK_CGROUP, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
