/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Filters of tc made, replaced and removed: the request, what became of it where the answer
 * is lost, and the way back as a step of the command's journal.
 */
#ifndef LOAD_ATTACH_TC_H
#define LOAD_ATTACH_TC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kernel/nl_sock.h"
#include "netlink/nl_filter.h"

struct undo;

struct attach_tc {
	/* Borrowed; set by the caller. sock outlives the journal. */
	struct nl_sock *sock;
	struct undo *undo; /* NULL: nothing behind it can fail */
	bool own_program;  /* nobody else has the program: where it is, we put it */
	nl_sock_fn echo;   /* sees what the kernel made; NULL: nobody asks */
	/* The same after a lost answer; takes what f owns. Goes with echo. */
	void (*found)(void *ctx, struct nl_filter *f, bool replaced);
	void *ctx;

	/* Of all requests: it cannot be told whether something stands, or still stands. */
	bool unknown;
	bool lost; /* the answer to the latest one */

	struct nl_filter *made; /* owned; places only */
	size_t nr_made;
};

/*
 * op is NL_FILTER_ADD, _REPLACE, _CHANGE or _DEL; a del is never journalled. With a journal
 * the filter that pref and handle name is looked at before it is replaced, and comes back.
 * A refusal is the kernel's, explained only where capabilities are missing.
 */
int attach_tc_request(struct attach_tc *at, enum nl_filter_op op,
		      const struct nl_filter *f, struct err *err) must_check;

void attach_tc_release(struct attach_tc *at);

#endif
