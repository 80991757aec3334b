/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A running classifier whose inner part is exchanged without touching the filter: it
 * jumps to slot 0 of a pinned prog array, filled from here at first and by graft_new
 * afterwards.
 */
#include "legacy/stages.h"

JUMP_MAP(graft_jumps, 9, 2, PIN_GLOBAL_NS);
STAGES_MAP(graft_stages, PIN_GLOBAL_NS);

SEC("9/0")
int planted(struct __sk_buff *skb)
{
	stage_ran(&graft_stages, STAGE_FIRST);
	bpf_tail_call(skb, &graft_jumps, 1);
	return TC_ACT_OK;
}

SEC("classifier")
int entry(struct __sk_buff *skb)
{
	stage_ran(&graft_stages, STAGE_ENTRY);
	bpf_tail_call(skb, &graft_jumps, 0);
	return TC_ACT_OK; /* an empty slot is no error here */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
