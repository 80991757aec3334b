/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What became of a filter whose request's answer was lost (nl_sock_lost()): asked by looking
 * at what is there now, never assumed.
 */
#ifndef LOAD_TC_OUTCOME_H
#define LOAD_TC_OUTCOME_H

#include <stdbool.h>

#include "base/err.h"
#include "netlink/nl_filter.h"

struct nl_sock;

enum tc_outcome {
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
	const struct nl_filter *known;
	size_t nr_known;
};

/*
 * *found (needs nl_filter_release()) is filled where the answer is DONE and a filter
 * stands. A `del` is done when nothing that it selects is left.
 */
enum tc_outcome tc_outcome_filter(struct nl_sock *sock,
				  const struct outcome_filter *asked,
				  struct nl_filter *found, struct err *err);

#endif
