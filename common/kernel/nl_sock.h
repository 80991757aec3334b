/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A route netlink socket on libmnl: a request with its answer, a dump, the kernel's own
 * words. Replies are read with the sequence number they belong to; extended
 * acknowledgements are always on.
 */
#ifndef KERNEL_NL_SOCK_H
#define KERNEL_NL_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "netlink/nl_link.h"

struct nlmsghdr;
struct nl_sock;

/* Belongs to the network namespace in which it is opened. */
int nl_sock_open(struct nl_sock **ret, struct err *err) must_check;
void nl_sock_close(struct nl_sock *sock);

/* fn for one message of a reply; data is borrowed for the call. Negative ends with that
 * error. */
typedef int (*nl_sock_fn)(const struct nlmsghdr *nlh, void *ctx);

/*
 * Sends one message and waits for its ACK, which it asks for. A refusal is -errno with the
 * extack text in err, or strerror where there is none: "Exclusivity flag on, cannot
 * modify". Extack texts on success are warnings (log_warn). fn (may be NULL) sees what
 * comes before the ACK, if there is any, e.g. NLM_F_ECHO. Sets nlmsg_seq and nlmsg_pid
 * itself.
 */
int nl_sock_request(struct nl_sock *sock, struct nlmsghdr *nlh, nl_sock_fn fn, void *ctx,
		    struct err *err) must_check;

/*
 * After a request failed: it reached the kernel, and no answer to it could be read (ENOBUFS,
 * ENOMEM). The kernel may have done it; whoever has to know asks for what is there. The
 * next request goes through a fresh socket, in the namespace of the old one.
 */
bool nl_sock_lost(const struct nl_sock *sock);

/*
 * Sends a dump request and hands every message to fn. A dump that the kernel marks as
 * inconsistent (NLM_F_DUMP_INTR) is repeated, bounded; restart(ctx) (may be NULL) is
 * called before each repetition so that rows collected so far can be dropped.
 */
int nl_sock_dump(struct nl_sock *sock, struct nlmsghdr *nlh, nl_sock_fn fn,
		 void (*restart)(void *ctx), void *ctx, struct err *err) must_check;

/*
 * Joins a multicast group (RTNLGRP_*) and hands every message to fn, which may end it with
 * a negative value. Says (log_warn) when the kernel had to drop some. Does not return
 * otherwise.
 */
int nl_sock_listen(struct nl_sock *sock, unsigned int group, nl_sock_fn fn, void *ctx,
		   struct err *err) must_check;

/*
 * The number of an interface, by an alternative name too, in the socket's namespace. -ENODEV: none
 * has that name, or could have it; any other -errno does not tell.
 */
int nl_sock_ifindex(struct nl_sock *sock, const char *name) must_check;

/* The other way. -ENODEV: no interface has that number; any other -errno does not tell. */
int nl_sock_ifname(struct nl_sock *sock, int ifindex,
		   char name[static NL_LINK_NAME_MAX]) must_check;

#endif
