/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lookup both policy programs share: the entry of the packet's destination, or NULL.
 */
#ifndef POLICY_PROG_H
#define POLICY_PROG_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "policy_shared.h"

static __always_inline struct refused *policy_find(void *map, struct __sk_buff *skb,
						   __u32 ip_offset)
{
	__u32 field = ip_offset + __builtin_offsetof(struct iphdr, daddr);
	__u32 daddr;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, field, &daddr, sizeof(daddr)) < 0)
		return 0;
	return bpf_map_lookup_elem(map, &daddr);
}

#endif
