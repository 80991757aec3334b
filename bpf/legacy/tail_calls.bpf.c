/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tail calls: the entry jumps to slot 0, which jumps to slot 1; both come from this file.
 */
#include "legacy/stages.h"

JUMP_MAP(jumps, 7, 2, PIN_OBJECT_NS);
STAGES_MAP(stages, PIN_OBJECT_NS);

SEC("7/0")
int first(struct __sk_buff *skb)
{
	stage_ran(&stages, STAGE_FIRST);
	bpf_tail_call(skb, &jumps, 1);
	return TC_ACT_SHOT; /* slot 1 is empty: must not happen */
}

SEC("7/1")
int second(struct __sk_buff *skb)
{
	stage_ran(&stages, STAGE_SECOND);
	return TC_ACT_OK;
}

SEC("classifier")
int entry(struct __sk_buff *skb)
{
	stage_ran(&stages, STAGE_ENTRY);
	bpf_tail_call(skb, &jumps, 0);
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
