/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes as a netlink message: the readers of filters, qdiscs, links and
 * acknowledgements stay inside it, and what a reader accepts can be written and read
 * again.
 */
/* Reads: common/netlink/nl_ */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "netlink/nl_ack.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_link.h"
#include "netlink/nl_qdisc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct nl_filter *f)
{
	auto_free char *buf = xcalloc(1, NL_FILTER_BUF);
	auto_release(nl_filter_release) struct nl_filter back = {.ifindex = 0};

	if (nl_filter_build(buf, NL_FILTER_BUF, f, NL_FILTER_ADD) < 0)
		abort();
	/* A request is read back unless it has no kind, which only an answer must have.
	 */
	if (nl_filter_parse(&back, (struct nlmsghdr *)buf) < 0) {
		if (f->kind[0])
			abort();
		return;
	}
	if (back.nr_ops != f->nr_ops || back.pref != f->pref || back.chain != f->chain)
		abort();
	if (f->nr_ops && memcmp(back.ops, f->ops, f->nr_ops * sizeof(*f->ops)) != 0)
		abort();
}

static void read_as(uint16_t type, const uint8_t *data, size_t size)
{
	auto_free struct nlmsghdr *nlh = xmemdup(data, size);
	struct nl_filter filter = {.ifindex = 0};
	struct nl_qdisc qdisc;
	struct nl_chain chain;
	struct nl_link link;
	struct nl_ack ack;

	nlh->nlmsg_len = size;
	nlh->nlmsg_type = type;
	if (nl_filter_parse(&filter, nlh) == 0) {
		again(&filter);
		nl_filter_release(&filter);
	}
	if (nl_qdisc_parse(&qdisc, nlh) == 0 && strlen(qdisc.kind) >= sizeof(qdisc.kind))
		abort();
	if (nl_chain_parse(&chain, nlh) == 0 && chain.block && chain.ifindex)
		abort();
	if (nl_link_parse(&link, nlh) == 0 && strlen(link.name) >= sizeof(link.name))
		abort();
	if (nl_ack_parse(&ack, nlh) == 0 && strlen(ack.text) >= sizeof(ack.text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = {
		RTM_NEWTFILTER, RTM_GETTFILTER, RTM_NEWQDISC, RTM_NEWLINK,
		RTM_NEWCHAIN,   NLMSG_ERROR,    NLMSG_DONE,
	};

	if (size < sizeof(struct nlmsghdr))
		return 0;
	for (size_t i = 0; i < array_size(types); i++)
		read_as(types[i], data, size);
	return 0;
}
