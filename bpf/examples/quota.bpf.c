/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Accounting with a quota. The classifier counts what really leaves the interface, for the cgroup
 * that sent it; the cgroup program refuses to send more once the quota is used up. Both use one
 * entry, which user space makes and may read, raise or reset at any time.
 *
 *	tc_loader qdisc replace dev eth0 clsact
 *	tc_loader filter add dev eth0 egress bpf da obj quota.o
 *	cgroup_loader cgroup attach /sys/fs/cgroup/app egress obj quota.o multi
 *	cgroup_loader share check quota dev eth0 cgroup /sys/fs/cgroup/app
 *	id=$(stat -c %i /sys/fs/cgroup/app)
 *	cgroup_loader map update pinned /sys/fs/bpf/tc/globals/quota key $id \
 *		value '{limit:1000}'
 *	cgroup_loader map lookup pinned /sys/fs/bpf/tc/globals/quota key $id
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <mapshare/shared_maps.h>

struct quota {
	__u64 limit;  /* bytes; 0: none */
	__u64 used;   /* bytes that have left */
	__u64 denied; /* packets that were not sent */
};

/* By the id of the cgroup, which is the inode number of its directory. */
SHARED_MAP(quota, BPF_MAP_TYPE_HASH, 1024, __u64, struct quota);

static struct quota *quota_of(struct __sk_buff *skb)
{
	__u64 id = bpf_skb_cgroup_id(skb);

	return bpf_map_lookup_elem(&quota, &id);
}

SEC("classifier")
int quota_count(struct __sk_buff *skb)
{
	struct quota *q = quota_of(skb);

	if (q)
		__sync_fetch_and_add(&q->used, skb->len);
	return TC_ACT_UNSPEC; /* whoever is behind us sees the packet, too */
}

SEC("cgroup_skb/egress")
int quota_allow(struct __sk_buff *skb)
{
	struct quota *q = quota_of(skb);

	if (!q || !q->limit || q->used < q->limit)
		return 1;
	__sync_fetch_and_add(&q->denied, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
