/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the socket's cookie to the packet's priority. Where a process of the cgroup connects to
 * the port, the cgroup program writes the socket's cookie into the map; the classifier finds it
 * there and gives the packets of that socket their priority, with which a qdisc below may choose
 * a band. Sockets that are gone fall out of the map by themselves, since it is an LRU one.
 *
 *	tc_loader qdisc replace dev eth0 clsact
 *	tc_loader filter add dev eth0 egress bpf da obj priority.o
 *	cgroup_loader cgroup attach /sys/fs/cgroup/app connect4 \
 *		obj priority.o set port=7777 multi
 *	cgroup_loader share check priorities dev eth0 cgroup /sys/fs/cgroup/app
 *	cgroup_loader map dump pinned /sys/fs/bpf/tc/globals/priorities
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <mapshare/shared_maps.h>

/* What "set port=… priority=…" may change, before the program is loaded. */
const volatile __u16 port = 443;
const volatile __u32 priority = 6;

struct sender {
	__u32 priority;
	__u32 packets;
};

SHARED_MAP(priorities, BPF_MAP_TYPE_LRU_HASH, 16384, __u64, struct sender);

SEC("cgroup/connect4")
int priority_note(struct bpf_sock_addr *ctx)
{
	struct sender sender = {.priority = priority};
	__u64 cookie;

	if (bpf_ntohs(ctx->user_port) != port)
		return 1;
	cookie = bpf_get_socket_cookie(ctx);
	bpf_map_update_elem(&priorities, &cookie, &sender, BPF_ANY);
	return 1;
}

SEC("classifier")
int priority_set(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct sender *sender = bpf_map_lookup_elem(&priorities, &cookie);

	if (sender) {
		skb->priority = sender->priority;
		__sync_fetch_and_add(&sender->packets, 1);
	}
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
