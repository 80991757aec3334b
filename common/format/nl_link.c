/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "format/nl_attr.h"
#include "format/nl_link.h"

_Static_assert(NL_LINK_NAME_MAX == 16, "IFNAMSIZ of linux/if.h");

int nl_link_build_dump(void *buf, size_t size)
{
	struct nlmsghdr *nlh;
	struct ifinfomsg *ifi;

	if (size < NL_LINK_BUF)
		return -EMSGSIZE;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = 0;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return 0;
}

int nl_link_parse(struct nl_link *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_IFNAME + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nl_link link = {.ifindex = 0};
	int r;

	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return -EINVAL;
	r = nl_attr_table(tb, array_size(tb), nlh, sizeof(*ifi));
	if (r < 0)
		return r;
	r = nl_attr_text(tb[IFLA_IFNAME], link.name, sizeof(link.name));
	if (r < 0)
		return r;
	if (!link.name[0])
		return -EINVAL;
	link.ifindex = ifi->ifi_index;
	*ret = link;
	return 0;
}
