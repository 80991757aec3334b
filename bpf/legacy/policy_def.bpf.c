/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Denies the processes of a cgroup to send to a listed destination: they see EPERM. */
#include "legacy/legacy_maps.h"
#include "policy_prog.h"

struct bpf_map_def SEC("maps") blocked = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct refused),
	.max_entries = POLICY_MAX,
};

SEC("cgroup_skb/egress")
int police_cgroup(struct __sk_buff *skb)
{
	struct refused *r = policy_find(&blocked, skb, 0);

	if (!r)
		return 1;
	__sync_fetch_and_add(&r->by_cgroup, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
