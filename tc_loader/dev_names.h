/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of interfaces by number. An event may come when its interface is gone already:
 * whoever listens remembers the names there were.
 */
#ifndef TC_LOADER_DEV_NAMES_H
#define TC_LOADER_DEV_NAMES_H

#include <stddef.h>

#include "base/err.h"
#include "netlink/nl_link.h"

struct nl_sock;

struct dev_names {
	struct dev_name *items; /* owned */
	size_t nr;
};

/* Remembers every interface of the socket's namespace. */
int dev_names_fill(struct dev_names *names, struct nl_sock *sock,
		   struct err *err) must_check;
void dev_names_release(struct dev_names *names);

/* The name now, which is remembered; else the last one remembered; else "ifN". */
void dev_names_get(struct dev_names *names, struct nl_sock *sock, int ifindex,
		   char name[static NL_LINK_NAME_MAX]);

#endif
