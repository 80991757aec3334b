/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "netlink/nl_filter.h"
#include "kernel/nl_sock.h"
#include "load/program_cache.h"
#include "run.h"
#include "run_look.h"
#include "tc.h"

/* Each look at the whole machine costs as much as many lines. */
enum { WAITING_MAX = 64 };

void run_watch_qdisc(struct tc *tc, int ifindex)
{
	struct nl_filter place = {.ifindex = ifindex, .parent = NL_PARENT_INGRESS};
	auto_err unused = ERR_INIT;
	struct nl_sock *sock;

	if (run_sock(tc, &sock, &unused) < 0)
		return;
	keep_watch_filters(&tc->going, sock, &place);
	place.parent = NL_PARENT_EGRESS;
	keep_watch_filters(&tc->going, sock, &place);
}

void run_drop_kept(struct tc *tc, bool at_end)
{
	if (!at_end && tc->cache) {
		if (tc->going.nr < WAITING_MAX)
			return;
		program_cache_clear(tc->cache);
	}
	if (keep_is_used())
		keep_watch_drop(&tc->going);
}
