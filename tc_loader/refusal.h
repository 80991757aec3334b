/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why the kernel refused a filter or a qdisc, where a look at the line and at the qdiscs of
 * the interface tells more than its words: no clsact qdisc, one that is there already, a
 * line without an interface, a hook, or a program.
 */
#ifndef TC_LOADER_REFUSAL_H
#define TC_LOADER_REFUSAL_H

#include "base/err.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

struct tc;

/* err is the kernel's refusal; its text may be replaced, its code stays. */
void refusal_of_filter(struct tc *tc, enum nl_filter_op op, const struct nl_filter *f,
		       struct err *err);
void refusal_of_qdisc(struct tc *tc, enum nl_qdisc_op op, const struct nl_qdisc *q,
		      struct err *err);

#endif
