/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Filters of tc made, replaced and removed: the request, what became of it where the answer
 * is lost, and the way back as a step of the command's journal.
 */
#ifndef LOAD_ATTACH_TC_H
#define LOAD_ATTACH_TC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/nl_sock.h"
#include "netlink/nl_filter.h"

struct keep_watch;
struct nl_link;
struct program_cache;
struct tc_step;
struct undo;

struct attach_tc {
	/* Borrowed; set by the caller. sock outlives the journal. */
	struct nl_sock *sock;
	struct undo *undo; /* NULL: what is done stays */
	/* A program that nobody but this process has: where it is, we put it. 0: others may. */
	uint32_t own_id;
	struct program_cache
		*cache;           /* knows where it was put by earlier commands; NULL */
	struct keep_watch *going; /* gets the programs that may go; NULL: nobody asks */
	nl_sock_fn echo;          /* sees what the kernel made; NULL: nobody asks */
	/* The same after a lost answer; takes what f owns. Goes with echo. */
	void (*found)(void *ctx, struct nl_filter *f, bool replaced);
	void *ctx;

	/* Of all requests: it cannot be told whether something stands, or still stands. */
	bool unknown;
	bool stands; /* of all requests: something was done, and stays */

	struct nl_filter *made; /* owned; places only */
	size_t nr_made;

	bool lost;            /* attach_tc.c's: the answer to the latest request */
	struct tc_step *next; /* attach_tc.c's */
};

/*
 * The request alone. op is NL_FILTER_ADD, _REPLACE, _CHANGE or _DEL; a del is never
 * journalled. With a journal the filter that pref and handle name is looked at before it is
 * replaced, and comes back. A refusal is the kernel's, explained only where capabilities are
 * missing.
 */
int attach_tc_request(struct attach_tc *at, enum nl_filter_op op,
		      const struct nl_filter *f, struct err *err) must_check;

/*
 * A command's request: the hook is judged before (load/tc_hook.h), what may go is watched,
 * a refusal is explained. dev is the interface's name, for words. -EINTR: a signal waits
 * (kernel/stop_hold.h), and nothing was done.
 */
int attach_tc_one(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		  const char *dev, struct err *err) must_check;

/*
 * The same request to several interfaces; f->ifindex does not matter. Every one is tried, so
 * that every failure is told at once (log_warn), and what cannot be taken back is brought to
 * its end. -EIO: some failed; an add, which needs a journal, is taken back on the others then.
 */
int attach_tc_devs(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		   const struct nl_link *devs, size_t nr, struct err *err) must_check;

/* 1: there is one in that place; 0: none, or no such hook or interface. ret needs the release. */
int attach_tc_get(struct nl_sock *sock, const struct nl_filter *f, struct nl_filter *ret,
		  struct err *err) must_check;

/* "x.o:[classifier]", cut as tc cuts it, which may lose the bracket. */
void attach_tc_name(struct nl_filter *f, const char *path, const char *what);

void attach_tc_release(struct attach_tc *at);

#endif
