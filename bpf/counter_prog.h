/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one counter behind every dialect of its map. A classifier sees the packet from the
 * Ethernet header on, a cgroup program from the IP header on; ip_offset says which.
 */
#ifndef COUNTER_PROG_H
#define COUNTER_PROG_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "counter_shared.h"

static __always_inline __u32 traffic_proto(struct __sk_buff *skb, __u32 ip_offset)
{
	__u32 field;
	__u8 proto = 0;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		field = __builtin_offsetof(struct iphdr, protocol);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		field = __builtin_offsetof(struct ipv6hdr, nexthdr);
	else
		return TRAFFIC_OTHER;

	if (bpf_skb_load_bytes(skb, ip_offset + field, &proto, sizeof(proto)) < 0)
		return TRAFFIC_OTHER;
	switch (proto) {
	case IPPROTO_ICMP:
		return TRAFFIC_ICMP;
	case IPPROTO_TCP:
		return TRAFFIC_TCP;
	case IPPROTO_UDP:
		return TRAFFIC_UDP;
	default: /* ICMPv6 too: neighbour discovery is nobody's ping */
		return TRAFFIC_OTHER;
	}
}

static __always_inline void traffic_count(void *map, struct __sk_buff *skb, __u32 hook,
					  __u32 ip_offset)
{
	__u32 slot = hook * TRAFFIC_PROTOS + traffic_proto(skb, ip_offset);
	struct traffic *t = bpf_map_lookup_elem(map, &slot);

	if (!t)
		return;
	__sync_fetch_and_add(&t->packets, 1);
	__sync_fetch_and_add(&t->bytes, skb->len - ip_offset);
}

#endif
