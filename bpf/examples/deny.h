/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list that all programs of the example share: IPv4 prefixes, and how often each was met. */
#ifndef DENY_H
#define DENY_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <mapshare/shared_maps.h>

struct prefix {
	__u32 length;
	__be32 addr;
};

SHARED_MAP_FLAGS(denied, BPF_MAP_TYPE_LPM_TRIE, 4096, struct prefix, __u64,
		 BPF_F_NO_PREALLOC);

/* denied_addr: is the address in the list? */
static inline int denied_addr(__be32 addr)
{
	struct prefix key = {.length = 32, .addr = addr};
	__u64 *hits = bpf_map_lookup_elem(&denied, &key);

	if (hits)
		__sync_fetch_and_add(hits, 1);
	return hits != 0;
}

#endif
