/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * XDP joins in: the list of deny.bpf.c, met before the kernel has made a packet of the frame. Its
 * definition is the same, so the load finds the map that is there.
 *
 *	cgroup_loader prog load deny_xdp.o /sys/fs/bpf/deny_xdp
 *	bpftool net attach xdpgeneric pinned /sys/fs/bpf/deny_xdp dev eth0
 *	cgroup_loader share check denied dev eth0 cgroup /sys/fs/cgroup/app
 */
#include "deny.h"

SEC("xdp")
int deny_frame(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return denied_addr(ip->saddr) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
