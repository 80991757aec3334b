/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "base/strbuf.h"
#include "netlink/nl_attr.h"
#include "netlink/nl_link.h"

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

int nl_link_build_get(void *buf, size_t size, const char *altname)
{
	struct nlmsghdr *nlh;
	struct ifinfomsg *ifi;

	if (size < NL_LINK_BUF)
		return -EMSGSIZE;
	if (strlen(altname) >= NL_LINK_ALTNAME_MAX)
		return -ENAMETOOLONG;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = 0;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, altname);
	return 0;
}

static void nl_link_add_xdp(struct nl_link *link, uint32_t prog_id, uint32_t flags)
{
	if (prog_id)
		link->xdp[link->nr_xdp++] =
			(struct nl_link_xdp){.prog_id = prog_id, .flags = flags};
}

static int parse_xdp(struct nl_link *link, const struct nlattr *nest)
{
	static const struct {
		int attr;
		uint32_t flags;
	} modes[] = {
		{IFLA_XDP_DRV_PROG_ID, XDP_FLAGS_DRV_MODE},
		{IFLA_XDP_SKB_PROG_ID, XDP_FLAGS_SKB_MODE},
		{IFLA_XDP_HW_PROG_ID, XDP_FLAGS_HW_MODE},
	};
	const struct nlattr *tb[IFLA_XDP_HW_PROG_ID + 1];
	uint32_t any = 0;
	int r;

	if (!nest)
		return 0;
	r = nl_attr_nest(tb, array_size(tb), nest);
	for (size_t i = 0; r == 0 && i < array_size(modes); i++) {
		uint32_t id = 0;

		r = nl_attr_u32(tb[modes[i].attr], &id);
		if (r == 0)
			nl_link_add_xdp(link, id, modes[i].flags);
	}
	/* Before Linux 4.19 the modes had no numbers of their own. */
	r = r ? r : nl_attr_u32(tb[IFLA_XDP_PROG_ID], &any);
	if (r == 0 && link->nr_xdp == 0)
		nl_link_add_xdp(link, any, 0);
	return r;
}

static int nl_link_parse_kind(struct nl_link *link, const struct nlattr *nest)
{
	const struct nlattr *tb[IFLA_INFO_KIND + 1];
	int r;

	if (!nest)
		return 0;
	r = nl_attr_nest(tb, array_size(tb), nest);
	return r ? r : nl_attr_text(tb[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
}

int nl_link_parse(struct nl_link *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_XDP + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nl_link link = {.ifindex = 0};
	int r;

	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return -EINVAL;
	r = nl_attr_table(tb, array_size(tb), nlh, sizeof(*ifi));
	if (r < 0)
		return r;
	r = nl_attr_text(tb[IFLA_IFNAME], link.name, sizeof(link.name));
	r = r ? r : nl_link_parse_kind(&link, tb[IFLA_LINKINFO]);
	r = r ? r : parse_xdp(&link, tb[IFLA_XDP]);
	if (r < 0)
		return r;
	if (!link.name[0])
		return -EINVAL;
	link.ifindex = ifi->ifi_index;
	*ret = link;
	return 0;
}

static int altname_add(const struct nlattr *attr, void *ctx)
{
	char name[NL_LINK_ALTNAME_MAX];

	if (mnl_attr_get_type(attr) == IFLA_ALT_IFNAME &&
	    nl_attr_text(attr, name, sizeof(name)) == 0) {
		sb_add(ctx, name);
		sb_add_char(ctx, '\n');
	}
	return MNL_CB_OK;
}

static int altname_find_list(const struct nlattr *attr, void *ctx)
{
	if (mnl_attr_get_type(attr) == IFLA_PROP_LIST)
		mnl_attr_parse_nested(attr, altname_add, ctx);
	return MNL_CB_OK;
}

void nl_link_altnames(const struct nlmsghdr *nlh, struct strbuf *out)
{
	mnl_attr_parse(nlh, sizeof(struct ifinfomsg), altname_find_list, out);
}
