/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Request -> what happens. The only files of this tool that talk to the kernel. 0 or
 * -errno with err filled and tc's exit status in it; results go to tc->tool.out.
 */
#ifndef TC_LOADER_RUN_H
#define TC_LOADER_RUN_H

#include <stdbool.h>

#include "base/err.h"

struct nl_filter;
struct request_exec;
struct request_filter;
struct request_qdisc;
struct tc;

/* The same of the lists of tcx and netkit: req->tcx.attach_type is set. */
int run_tcx_show(struct tc *tc, const struct request_filter *req,
		 struct err *err) must_check;
int run_tcx_attach(struct tc *tc, const struct request_filter *req,
		   struct err *err) must_check;
int run_tcx_delete(struct tc *tc, const struct request_filter *req,
		   struct err *err) must_check;

/* One command about qdiscs. TC_NOT_OURS: the list has kinds only tc can show. */
int run_qdisc(struct tc *tc, const struct request_qdisc *req, struct err *err) must_check;
/*
 * Filters made and removed, on one interface, a block, or `devs`. place is the request as
 * the kernel is asked, but for the program and for each of `devs`; buf has NL_FILTER_BUF.
 */
int run_filter_attach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, void *buf,
		      struct err *err) must_check;
int run_filter_detach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, struct err *err) must_check;
/*
 * import does not return when its command could be started. debug ends when the trace
 * does, with tc's exit status for that.
 */
int run_exec(struct tc *tc, const struct request_exec *req, struct err *err) must_check;
/* Prints events of qdiscs, filters and chains as they come; returns only on an error. */
int run_monitor(struct tc *tc, struct err *err) must_check;
/*
 * After `filter add` without pref and handle: says so if the same program was on that hook
 * already, once for each hook in a row. made is the filter as it was sent; buf has
 * NL_FILTER_BUF and is written to.
 */
void run_twice_remark(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *made, void *buf);
/*
 * After `filter add|replace`: says so if a direct-action program that runs before
 * it on that hook may return TC_ACT_OK, which no later filter gets over. Of many filters on
 * one hook the first few are looked at.
 */
void run_front_remark(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *made, void *buf);
int run_filter(struct tc *tc, const struct request_filter *req,
	       struct err *err) must_check;

/* Is a shared block with this number in use in the namespace? 1 or 0. */
int run_qdisc_block(struct tc *tc, unsigned int block, struct err *err) must_check;

/* Before both hooks of an interface go: what may go with them (load/keep_watch.h). */
void run_watch_qdisc(struct tc *tc, int ifindex);
/*
 * After they went: drops what nothing needs any more. Lines of a batch may share programs
 * that this process has open, so there it waits until the end (at_end), or for many.
 */
void run_drop_kept(struct tc *tc, bool at_end);

#endif
