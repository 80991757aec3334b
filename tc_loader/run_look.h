/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every command asks the kernel first: the socket, an interface by its name, the qdisc
 * that filters hang on. 0 or -errno with err filled and tc's exit status in it.
 */
#ifndef TC_LOADER_RUN_LOOK_H
#define TC_LOADER_RUN_LOOK_H

#include "base/err.h"

struct nl_qdisc;
struct nl_sock;
struct tc;

/* The socket all commands of a process share; opened in the namespace of the first use.
 */
int run_sock(struct tc *tc, struct nl_sock **ret, struct err *err) must_check;

/* name (also an alternative one, or "ifN") -> interface number; TC_USAGE if there is none,
 * TC_KERNEL if that cannot be told. */
int run_device(struct tc *tc, const char *name, int *ret, struct err *err) must_check;

/* The clsact or ingress qdisc of an interface: 1 found, 0 there is none. */
int run_qdisc_find(struct tc *tc, int ifindex, struct nl_qdisc *ret,
		   struct err *err) must_check;
#endif
