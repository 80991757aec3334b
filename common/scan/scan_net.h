/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parts of the network source, for the files beside scan_net.c: one network
 * namespace, entered by the caller.
 */
#ifndef SCAN_SCAN_NET_H
#define SCAN_SCAN_NET_H

#include "base/err.h"
#include "graph/graph.h"
#include "netlink/nl_link.h"
#include "kernel/dev_query.h"

struct nl_sock;

struct scan_net {
	struct graph *g;
	const char *netns;           /* as in graph_attachment; borrowed */
	uint64_t ino;                /* its netns_ino */
	const struct nl_link *links; /* by ifindex; borrowed */
	size_t nr_links;
};

/* Filters of kind bpf on every qdisc that has any. */
int scan_tc(const struct scan_net *net, struct nl_sock *sock, struct err *err) must_check;

/* XDP as the interfaces told it; tcx and netkit, asked through bpf. */
void scan_dev(const struct scan_net *net, dev_query_bpf bpf);

#endif
