/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is put into the slots of graft.bpf.c: "replacement" by hand into slot 0, and slot
 * 1 by loading this file at all, since "9/1" names it. The maps are the pinned ones.
 */
#include "legacy/stages.h"

JUMP_MAP(graft_jumps, 9, 2, PIN_GLOBAL_NS);
STAGES_MAP(graft_stages, PIN_GLOBAL_NS);

SEC("9/1")
int added(struct __sk_buff *skb)
{
	stage_ran(&graft_stages, STAGE_SECOND);
	return TC_ACT_OK;
}

SEC("replacement")
int swapped_in(struct __sk_buff *skb)
{
	stage_ran(&graft_stages, STAGE_GRAFTED);
	bpf_tail_call(skb, &graft_jumps, 1);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
