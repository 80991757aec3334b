/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "netlink/nl_filter.h"
#include "kernel/nl_sock.h"
#include "program_cache.h"
#include "run.h"
#include "tc.h"

/* Each look at the whole machine costs as much as many lines. */
enum { WAITING_MAX = 64 };

struct filter_watch {
	struct keep_watch *going;
	const struct nl_filter *wanted;
};

static int watch_filter(const struct nlmsghdr *nlh, void *ctx)
{
	const struct filter_watch *w = ctx;
	const struct nl_filter *wanted = w->wanted;
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};

	if (nl_filter_parse(&f, nlh) == 0 && strcmp(f.kind, "bpf") == 0 &&
	    (!wanted->pref || f.pref == wanted->pref) &&
	    (!wanted->handle || f.handle == wanted->handle) &&
	    (!wanted->has_chain || f.chain == wanted->chain))
		keep_watch_add(w->going, f.prog_id);
	return 0;
}

void run_watch_filters(struct tc *tc, const struct nl_filter *place)
{
	/* One filter is asked for by itself: a hook may have thousands. */
	bool one = place->pref && place->handle && place->protocol;
	struct nl_filter ask = {.ifindex = place->ifindex,
				.block = place->block,
				.parent = place->parent,
				.has_chain = place->has_chain,
				.chain = place->chain};
	struct filter_watch w = {.going = &tc->going, .wanted = place};
	char buf[256] __attribute__((aligned(8)));
	auto_err unused = ERR_INIT;
	struct nl_sock *sock;

	if (one) {
		ask.pref = place->pref;
		ask.handle = place->handle;
		ask.protocol = place->protocol;
		strcpy(ask.kind, "bpf");
	}
	if (!keep_is_used() || run_sock(tc, &sock, &unused) < 0 ||
	    nl_filter_build(buf, sizeof(buf), &ask,
			    one ? NL_FILTER_GET : NL_FILTER_SHOW) < 0)
		return;
	/* What refuses the question will refuse the command too, and say why. */
	if ((one ? nl_sock_request(sock, (struct nlmsghdr *)buf, watch_filter, &w,
				   &unused)
		 : nl_sock_dump(sock, (struct nlmsghdr *)buf, watch_filter, NULL, &w,
				&unused)) < 0)
		return;
}

void run_watch_qdisc(struct tc *tc, int ifindex)
{
	struct nl_filter place = {.ifindex = ifindex, .parent = NL_PARENT_INGRESS};

	run_watch_filters(tc, &place);
	place.parent = NL_PARENT_EGRESS;
	run_watch_filters(tc, &place);
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
