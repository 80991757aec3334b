/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What became of a request whose answer was lost (nl_sock_lost()): asked by looking at what
 * is there now, never assumed.
 */
#ifndef TC_LOADER_RUN_OUTCOME_H
#define TC_LOADER_RUN_OUTCOME_H

#include <stdbool.h>

#include "base/err.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

struct filter_rows;
struct tc;

enum run_outcome {
	OUTCOME_DONE,
	OUTCOME_NOT_DONE,
	OUTCOME_UNKNOWN, /* err says why */
};

struct outcome_filter {
	enum nl_filter_op op;
	const struct nl_filter *f; /* as it was sent; prog_fd is still open */
	/* Nobody but this command has the program: where it is found, we put it. */
	bool own_program;
	/* Filters that are known already and so are not meant. */
	const struct filter_rows *known;
};

/*
 * *found (needs nl_filter_release()) is filled where the answer is DONE and a filter
 * stands. A `del` is done when nothing that it selects is left.
 */
enum run_outcome run_outcome_filter(struct tc *tc, const struct outcome_filter *asked,
				    struct nl_filter *found, struct err *err);

/*
 * A qdisc of that kind stands, or none does: who put it there cannot be told, and does not
 * matter for the qdiscs of this tool.
 */
enum run_outcome run_outcome_qdisc(struct tc *tc, const struct nl_qdisc *q,
				   enum nl_qdisc_op op, struct err *err);

#endif
