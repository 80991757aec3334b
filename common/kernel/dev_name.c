/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <net/if.h>
#include <stdio.h>

#include "kernel/dev_name.h"

_Static_assert(NL_LINK_NAME_MAX == IF_NAMESIZE, "if_indextoname() writes that much");

void dev_name_now(int ifindex, char name[static NL_LINK_NAME_MAX])
{
	if (!if_indextoname((unsigned int)ifindex, name))
		snprintf(name, NL_LINK_NAME_MAX, "if%d", ifindex);
}
