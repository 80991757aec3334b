/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "kernel/dev_name.h"
#include "kernel/nl_sock.h"

void dev_name_now(struct nl_sock *sock, int ifindex, char name[static NL_LINK_NAME_MAX])
{
	if (!sock || nl_sock_ifname(sock, ifindex, name) < 0)
		snprintf(name, NL_LINK_NAME_MAX, "if%d", ifindex);
}
