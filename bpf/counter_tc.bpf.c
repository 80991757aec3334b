/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts what an interface receives; BTF-defined map. */
#include "counter_maps.h"
#include "counter_prog.h"

SEC("classifier")
int count_tc(struct __sk_buff *skb)
{
	traffic_count(&traffic, skb, HOOK_TC, ETH_HLEN);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
