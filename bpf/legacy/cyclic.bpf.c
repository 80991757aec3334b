/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that jumps to itself. The kernel ends the round after 33 jumps (its fixed
 * limit) and lets the last round go on after the call.
 */
#include "legacy/stages.h"

JUMP_MAP(loop, 0xabc, 1, PIN_OBJECT_NS);
STAGES_MAP(rounds, PIN_OBJECT_NS);

SEC("0xabc/0")
int again(struct __sk_buff *skb)
{
	stage_ran(&rounds, STAGE_FIRST);
	bpf_tail_call(skb, &loop, 0);
	return TC_ACT_OK;
}

SEC("classifier")
int entry(struct __sk_buff *skb)
{
	stage_ran(&rounds, STAGE_ENTRY);
	bpf_tail_call(skb, &loop, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
