/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The name of an interface of our network namespace, for who has its number. */
#ifndef KERNEL_DEV_NAME_H
#define KERNEL_DEV_NAME_H

#include "netlink/nl_link.h"

/* The name now, else "ifN". */
void dev_name_now(int ifindex, char name[static NL_LINK_NAME_MAX]);

#endif
