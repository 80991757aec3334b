/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/rtnetlink.h>

#include "netlink/nl_attr.h"
#include "netlink/nl_qdisc.h"

static const struct {
	uint16_t type, flags;
} ops[] = {
	[NL_QDISC_ADD] = {RTM_NEWQDISC, NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE},
	[NL_QDISC_REPLACE] = {RTM_NEWQDISC, NLM_F_ACK | NLM_F_REPLACE | NLM_F_CREATE},
	[NL_QDISC_CHANGE] = {RTM_NEWQDISC, NLM_F_ACK},
	[NL_QDISC_LINK] = {RTM_NEWQDISC, NLM_F_ACK | NLM_F_REPLACE},
	[NL_QDISC_DEL] = {RTM_DELQDISC, NLM_F_ACK},
	[NL_QDISC_GET] = {RTM_GETQDISC, NLM_F_ECHO},
	[NL_QDISC_SHOW] = {RTM_GETQDISC, NLM_F_DUMP},
};

int nl_qdisc_build(void *buf, size_t size, const struct nl_qdisc *q, enum nl_qdisc_op op)
{
	struct nlmsghdr *nlh;
	struct tcmsg *tcm;

	if (size < NL_QDISC_BUF)
		return -EMSGSIZE;
	/* libmnl leaves padding as it was. */
	memset(buf, 0, NL_QDISC_BUF);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = ops[op].type;
	nlh->nlmsg_flags = NLM_F_REQUEST | ops[op].flags;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = q->ifindex;
	if (op == NL_QDISC_SHOW) {
		if (q->invisible)
			mnl_attr_put(nlh, TCA_DUMP_INVISIBLE, 0, NULL);
		return 0;
	}
	tcm->tcm_handle = q->handle;
	tcm->tcm_parent = q->parent;
	if (q->kind[0])
		mnl_attr_put_strz(nlh, TCA_KIND, q->kind);
	if (q->ingress_block)
		mnl_attr_put_u32(nlh, TCA_INGRESS_BLOCK, q->ingress_block);
	if (q->egress_block)
		mnl_attr_put_u32(nlh, TCA_EGRESS_BLOCK, q->egress_block);
	return 0;
}

static int parse_stats(struct nl_qdisc *q, const struct nlattr *nest)
{
	const struct nlattr *tb[TCA_STATS_MAX + 1];
	struct gnet_stats_basic basic = {.bytes = 0};
	struct gnet_stats_queue queue = {.qlen = 0};
	uint64_t packets;
	int r;

	r = nl_attr_nest(tb, array_size(tb), nest);
	if (r < 0)
		return r;
	/* The kernel sends the basic counters without the padding at the struct's end. */
	r = nl_attr_copy(tb[TCA_STATS_BASIC], &basic, sizeof(basic), 12);
	if (r < 0)
		return r;
	r = nl_attr_copy(tb[TCA_STATS_QUEUE], &queue, sizeof(queue), sizeof(queue));
	if (r < 0)
		return r;
	packets = basic.packets;
	r = nl_attr_copy(tb[TCA_STATS_PKT64], &packets, sizeof(packets), sizeof(packets));
	if (r < 0)
		return r;
	q->has_stats = true;
	q->bytes = basic.bytes;
	q->packets = packets;
	q->drops = queue.drops;
	q->overlimits = queue.overlimits;
	q->requeues = queue.requeues;
	q->backlog = queue.backlog;
	q->qlen = queue.qlen;
	return 0;
}

static int nl_qdisc_parse_attributes(struct nl_qdisc *q, const struct nlattr *const *tb)
{
	uint8_t offload = 0;
	int r;

	r = nl_attr_text(tb[TCA_KIND], q->kind, sizeof(q->kind));
	if (r < 0)
		return r;
	r = nl_attr_u32(tb[TCA_INGRESS_BLOCK], &q->ingress_block);
	if (r < 0)
		return r;
	r = nl_attr_u32(tb[TCA_EGRESS_BLOCK], &q->egress_block);
	if (r < 0)
		return r;
	r = nl_attr_copy(tb[TCA_HW_OFFLOAD], &offload, 1, 1);
	if (r < 0)
		return r;
	q->offloaded = offload;
	q->has_options = tb[TCA_OPTIONS] && mnl_attr_get_payload_len(tb[TCA_OPTIONS]) > 0;
	q->invisible = tb[TCA_DUMP_INVISIBLE];
	return tb[TCA_STATS2] ? parse_stats(q, tb[TCA_STATS2]) : 0;
}

int nl_qdisc_parse(struct nl_qdisc *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[TCA_MAX + 1];
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct nl_qdisc q = {.ifindex = 0};
	int r;

	if (nlh->nlmsg_type != RTM_NEWQDISC && nlh->nlmsg_type != RTM_DELQDISC &&
	    nlh->nlmsg_type != RTM_GETQDISC)
		return -EINVAL;
	r = nl_attr_table(tb, array_size(tb), nlh, sizeof(*tcm));
	if (r < 0)
		return r;
	r = nl_qdisc_parse_attributes(&q, tb);
	if (r < 0)
		return r;
	if (!q.kind[0] && nlh->nlmsg_type != RTM_GETQDISC)
		return -EINVAL;
	q.ifindex = tcm->tcm_ifindex;
	q.handle = tcm->tcm_handle;
	q.parent = tcm->tcm_parent;
	q.refcnt = tcm->tcm_info;
	*ret = q;
	return 0;
}
