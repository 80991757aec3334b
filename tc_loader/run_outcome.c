/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "run_look.h"
#include "run_outcome.h"

enum tc_outcome run_outcome_qdisc(struct tc *tc, const struct nl_qdisc *q,
				  enum nl_qdisc_op op, struct err *err)
{
	struct nl_qdisc there;
	int r = run_qdisc_find(tc, q->ifindex, &there, err);

	if (r < 0)
		return OUTCOME_UNKNOWN;
	if (op == NL_QDISC_DEL)
		return r ? OUTCOME_NOT_DONE : OUTCOME_DONE;
	if (!r || strcmp(there.kind, q->kind) != 0)
		return OUTCOME_NOT_DONE;
	return there.ingress_block == q->ingress_block &&
			       there.egress_block == q->egress_block
		       ? OUTCOME_DONE
		       : OUTCOME_NOT_DONE;
}
