/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What became of a qdisc whose request's answer was lost: as load/tc_outcome.h. */
#ifndef TC_LOADER_RUN_OUTCOME_H
#define TC_LOADER_RUN_OUTCOME_H

#include "load/tc_outcome.h"
#include "netlink/nl_qdisc.h"

struct tc;

/*
 * A qdisc of that kind stands, or none does: who put it there cannot be told, and does not
 * matter for the qdiscs of this tool.
 */
enum tc_outcome run_outcome_qdisc(struct tc *tc, const struct nl_qdisc *q,
				  enum nl_qdisc_op op, struct err *err);

#endif
