/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of a netlink answer: NLMSG_ERROR (an error, or 0: the acknowledgement) and
 * NLMSG_DONE, with the kernel's own words (extended acknowledgement) where it sent some.
 */
#ifndef NETLINK_NL_ACK_H
#define NETLINK_NL_ACK_H

#include <stdint.h>

#include "base/cleanup.h"

struct nlmsghdr;

/* Bytes of the kernel's own words that are kept. */
enum { NL_ACK_TEXT_MAX = 256 };

struct nl_ack {
	int code;                   /* 0 or -errno */
	uint32_t missing;           /* type of the attribute the kernel missed, 0: none */
	char text[NL_ACK_TEXT_MAX]; /* without a full stop at the end; "": none */
};

/* -EINVAL: neither of the two types, or cut off. ret is written only on success. */
int nl_ack_parse(struct nl_ack *ret, const struct nlmsghdr *nlh) must_check;

#endif
