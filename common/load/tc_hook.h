/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The clsact or ingress qdisc that filters hang on: looked up, judged before a filter goes
 * there, and named where the kernel refused one.
 */
#ifndef LOAD_TC_HOOK_H
#define LOAD_TC_HOOK_H

#include "base/err.h"
#include "netlink/nl_filter.h"

struct nl_qdisc;
struct nl_sock;

/* The clsact or ingress qdisc of an interface: 1 found, 0 there is none. */
int tc_hook_find(struct nl_sock *sock, int ifindex, struct nl_qdisc *ret,
		 struct err *err) must_check;

/*
 * An ingress qdisc takes a filter for egress without a word and runs it on incoming packets:
 * nobody means that. -EINVAL in words; a hook that does not exist is the kernel's to refuse.
 */
int tc_hook_check(struct nl_sock *sock, const struct nl_filter *f, const char *dev,
		  struct err *err) must_check;

/*
 * err is the kernel's refusal of a filter. Where a look at the request and at the interface
 * tells more than its words (no clsact qdisc, no hook named, no program), its text is
 * replaced; its code stays.
 */
void tc_hook_explain(struct nl_sock *sock, enum nl_filter_op op,
		     const struct nl_filter *f, struct err *err);

#endif
