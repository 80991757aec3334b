/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One deny list at both hooks: the classifier drops what comes from a listed address, the cgroup
 * program refuses to send there. An entry counts for both with the next packet.
 *
 *	tc_loader qdisc replace dev eth0 clsact
 *	tc_loader filter add dev eth0 ingress bpf da obj deny.o
 *	cgroup_loader cgroup attach /sys/fs/cgroup/app egress obj deny.o multi
 *	cgroup_loader share check denied dev eth0 cgroup /sys/fs/cgroup/app
 *	cgroup_loader map update pinned /sys/fs/bpf/tc/globals/denied key 24 0 0 0 198 51 100 0 \
 *		value 0 0 0 0 0 0 0 0
 *	cgroup_loader map dump pinned /sys/fs/bpf/tc/globals/denied
 */
#include "deny.h"

SEC("classifier")
int deny_in(struct __sk_buff *skb)
{
	__be32 addr;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), &addr,
			       sizeof(addr)) < 0)
		return TC_ACT_UNSPEC;
	return denied_addr(addr) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/* At a cgroup a packet begins with its IP header. */
SEC("cgroup_skb/egress")
int deny_out(struct __sk_buff *skb)
{
	__be32 addr;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, offsetof(struct iphdr, daddr), &addr, sizeof(addr)) <
		    0)
		return 1;
	return !denied_addr(addr);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
