/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A line of tc's behind its verb, parsed and run; the help tc prints for some of them. As
 * struct verb's run(): 0, a status that is an answer, TC_NOT_OURS, or -errno with err filled.
 * Help goes to stderr where tc's does, and to stdout where it was asked for in our words.
 */
#ifndef TC_LOADER_LINES_H
#define TC_LOADER_LINES_H

#include "base/args.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

struct tc;

int lines_qdisc(struct tc *tc, enum nl_qdisc_op op, struct args *a,
		struct err *err) must_check;
int lines_filter(struct tc *tc, enum nl_filter_op op, struct args *a,
		 struct err *err) must_check;
int lines_exec(struct tc *tc, struct args *a, struct err *err) must_check;
int lines_monitor(struct tc *tc, struct args *a, struct err *err) must_check;
void lines_monitor_usage(struct strbuf *out);

#endif
