/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Three maps with three fates: pinned; unpinned but used; unpinned and used by nobody. */
#include "legacy/stages.h"

STAGES_MAP(pinned_map, PIN_GLOBAL_NS);
STAGES_MAP(plain_map, PIN_NONE);
STAGES_MAP(unused_map, PIN_NONE);

SEC("classifier")
int entry(struct __sk_buff *skb)
{
	stage_ran(&pinned_map, STAGE_ENTRY);
	stage_ran(&plain_map, STAGE_ENTRY);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
