/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two programs that count frames in one map: count_tc is tc_loader's to attach, count_xdp the
 * embedding program's. The map is pinned by its name, so whoever loads second joins it.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} frames SEC(".maps");

static void count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&frames, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("classifier")
int count_tc(struct __sk_buff *skb)
{
	count(0);
	return TC_ACT_OK;
}

SEC("xdp")
int count_xdp(struct xdp_md *ctx)
{
	count(1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
