/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why the kernel refused a qdisc, where a look at the line and at the qdiscs of the interface
 * tells more than its words: none there, one that is there already, a line without an
 * interface. Of filters load/tc_hook.h knows.
 */
#ifndef TC_LOADER_REFUSAL_H
#define TC_LOADER_REFUSAL_H

#include "base/err.h"
#include "netlink/nl_qdisc.h"

struct tc;

/* err is the kernel's refusal; its text may be replaced, its code stays. */
void refusal_of_qdisc(struct tc *tc, enum nl_qdisc_op op, const struct nl_qdisc *q,
		      struct err *err);

#endif
