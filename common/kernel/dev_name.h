/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The name of an interface of our network namespace, for who has its number. */
#ifndef KERNEL_DEV_NAME_H
#define KERNEL_DEV_NAME_H

#include "netlink/nl_link.h"

struct nl_sock;

/* The name now, which sock is asked for; else "ifN". sock may be NULL. */
void dev_name_now(struct nl_sock *sock, int ifindex, char name[static NL_LINK_NAME_MAX]);

#endif
