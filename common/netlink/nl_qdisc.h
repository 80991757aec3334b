/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The qdiscs clsact and ingress: struct <-> rtnetlink bytes. Other qdiscs are read as far
 * as the fields all of them share. No syscalls; parsing is safe on arbitrary bytes as
 * long as the message's own length is inside the buffer.
 */
#ifndef NETLINK_NL_QDISC_H
#define NETLINK_NL_QDISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "netlink/nl_filter.h" /* NL_KIND_MAX, NL_PARENT_QDISC */

struct nlmsghdr;

enum { NL_QDISC_BUF = 256 }; /* room for any request */

#define NL_QDISC_HANDLE 0xffff0000u /* ffff:, of clsact and ingress */

enum nl_qdisc_op {
	NL_QDISC_ADD,     /* fails if one is there */
	NL_QDISC_REPLACE, /* creates it; filters of an equal one stay */
	NL_QDISC_CHANGE,
	NL_QDISC_LINK,
	NL_QDISC_DEL,
	NL_QDISC_GET,  /* the one at ifindex and parent; it comes in place of an ACK */
	NL_QDISC_SHOW, /* a dump of all qdiscs; only ifindex and invisible are sent */
};

struct nl_qdisc {
	int ifindex;
	uint32_t handle;
	uint32_t parent;
	uint32_t refcnt;
	char kind[NL_KIND_MAX];
	uint32_t ingress_block, egress_block; /* 0: none */
	bool offloaded;
	bool has_options; /* attributes of its own: nothing here reads them */
	bool invisible; /* in NL_QDISC_SHOW: also those the kernel put there by itself */

	bool has_stats;
	uint64_t bytes, packets;
	uint32_t drops, overlimits, requeues, backlog, qlen;
};

/* Writes the request into buf; -EMSGSIZE when it does not fit. */
int nl_qdisc_build(void *buf, size_t size, const struct nl_qdisc *q,
		   enum nl_qdisc_op op) must_check;

/*
 * Reads RTM_NEWQDISC, RTM_DELQDISC or RTM_GETQDISC (requests too). -EINVAL as in
 * nl_filter_parse(). ret is written only on success.
 */
int nl_qdisc_parse(struct nl_qdisc *ret, const struct nlmsghdr *nlh) must_check;

#endif
