/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"
#include "kernel/nl_sock.h"
#include "scan/scan_sources.h"
#include "scan/scan_hidden.h"
#include "scan/scan_net.h"

#define UNREADABLE "the kernel's answer cannot be read"

/* --- qdiscs --- */

struct qdiscs {
	struct nl_qdisc *items; /* owned */
	size_t nr;
	size_t unread; /* messages that could not be */
};

static void qdiscs_release(struct qdiscs *q)
{
	free(q->items);
}

static int add_qdisc(const struct nlmsghdr *nlh, void *ctx)
{
	struct qdiscs *all = ctx;
	struct nl_qdisc q;

	if (nl_qdisc_parse(&q, nlh) < 0) {
		all->unread++;
		return 0;
	}
	/* Filters can only stand at a qdisc that has a handle. */
	if (!q.handle)
		return 0;
	array_grow(all->items, all->nr);
	all->items[all->nr++] = q;
	return 0;
}

static void forget_qdiscs(void *ctx)
{
	struct qdiscs *all = ctx;

	all->nr = all->unread = 0;
}

static int read_qdiscs(struct qdiscs *ret, struct nl_sock *sock, struct err *err)
{
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	const struct nl_qdisc all = {.ifindex = 0};
	int r = nl_qdisc_build(buf, sizeof(buf), &all, NL_QDISC_SHOW);

	if (r < 0)
		return err_set(err, r, "list qdiscs");
	r = nl_sock_dump(sock, (struct nlmsghdr *)buf, add_qdisc, forget_qdiscs, ret,
			 err);
	return r < 0 ? err_context(err, "list qdiscs") : 0;
}

/* --- filters --- */

/* The filters of one hook; what they have in common is in at. */
struct hook_scan {
	struct graph *g;
	struct graph_attachment at;
	size_t first;  /* attachments of the graph before this dump */
	size_t unread; /* messages that could not be */
};

static int add_filter(const struct nlmsghdr *nlh, void *ctx)
{
	struct hook_scan *h = ctx;
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};

	if (nl_filter_parse(&f, nlh) < 0) {
		h->unread++;
		return 0;
	}
	if (strcmp(f.kind, "bpf") != 0 || f.prog != NL_FILTER_EBPF || !f.prog_id)
		return 0;
	h->at.program = f.prog_id;
	h->at.chain = f.chain;
	h->at.pref = f.pref;
	h->at.handle = f.handle;
	scan_found(h->g, &h->at);
	return 0;
}

static void forget_filters(void *ctx)
{
	struct hook_scan *h = ctx;

	graph_drop_attachments(h->g, h->first);
	h->unread = 0;
}

static int scan_tc_by_ifindex(const void *a, const void *b)
{
	const struct nl_link *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static const char *link_name(const struct scan_net *net, int ifindex)
{
	const struct nl_link key = {.ifindex = ifindex};
	const struct nl_link *link = net->nr_links
					     ? bsearch(&key, net->links, net->nr_links,
						       sizeof(key), scan_tc_by_ifindex)
					     : NULL;

	return link ? link->name : NULL;
}

struct parent {
	uint32_t number;
	enum graph_hook hook;
	uint32_t block;
};

/* A dump by device and hook also lists the shared block that stands there. */
static void read_filters(const struct scan_net *net, struct nl_sock *sock,
			 const struct nl_qdisc *q, const struct parent *parent)
{
	char buf[256] __attribute__((aligned(8)));
	const struct nl_filter there = {.ifindex = q->ifindex, .parent = parent->number};
	struct hook_scan h = {
		.g = net->g,
		.first = net->g->nr_attachments,
		.at = {.kind = GRAPH_TC,
		       .netns = net->netns,
		       .netns_ino = net->ino,
		       .dev = link_name(net, q->ifindex),
		       .ifindex = (uint32_t)q->ifindex,
		       .hook = parent->hook,
		       .parent = parent->hook == GRAPH_HOOK_NONE ? parent->number : 0,
		       .block = parent->block},
	};
	auto_err err = ERR_INIT;
	int r = nl_filter_build(buf, sizeof(buf), &there, NL_FILTER_SHOW);

	r = r ? r
	      : nl_sock_dump(sock, (struct nlmsghdr *)buf, add_filter, forget_filters, &h,
			     &err);
	/*
	 * The device or its qdisc may be gone by now, and a qdisc that takes no filters
	 * says so; anything else is told.
	 */
	if (r < 0 && r != -ENODEV && r != -ENOENT && r != -EOPNOTSUPP &&
	    (r != -EINVAL || parent->hook != GRAPH_HOOK_NONE))
		scan_hidden_net(net, "filters", h.at.dev ? h.at.dev : "?",
				err.code ? err.text : err_words(r));
	if (h.unread)
		scan_hidden_net(net, "filters", h.at.dev ? h.at.dev : "?", UNREADABLE);
}

/* --- classes --- */

struct classes {
	uint32_t *handles; /* owned */
	size_t nr;
};

static void classes_release(struct classes *c)
{
	free(c->handles);
}

static int add_class(const struct nlmsghdr *nlh, void *ctx)
{
	const struct tcmsg *tcm = NLMSG_DATA(nlh);
	struct classes *c = ctx;

	if (nlh->nlmsg_type != RTM_NEWTCLASS ||
	    nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*tcm)))
		return 0;
	array_grow(c->handles, c->nr);
	c->handles[c->nr++] = tcm->tcm_handle;
	return 0;
}

static void forget_classes(void *ctx)
{
	((struct classes *)ctx)->nr = 0;
}

/* These keep filters in their classes too; others only at the qdisc itself. */
static bool has_class_filters(const struct nl_qdisc *q)
{
	static const char *const kinds[] = {"htb", "hfsc", "cbq", "atm"};

	for (size_t i = 0; i < array_size(kinds); i++)
		if (strcmp(q->kind, kinds[i]) == 0)
			return true;
	return false;
}

static void read_classes(const struct scan_net *net, struct nl_sock *sock,
			 const struct nl_qdisc *q)
{
	struct {
		struct nlmsghdr nlh;
		struct tcmsg tcm;
	} req = {.nlh = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)),
			 .nlmsg_type = RTM_GETTCLASS,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		 /* Of this qdisc, whatever hangs below the classes. */
		 .tcm = {.tcm_ifindex = q->ifindex, .tcm_parent = q->handle}};
	auto_release(classes_release) struct classes c = {.nr = 0};
	auto_err err = ERR_INIT;
	int r = nl_sock_dump(sock, &req.nlh, add_class, forget_classes, &c, &err);

	if (r < 0 && r != -ENODEV && r != -ENOENT)
		scan_hidden_net(net, "filters in classes", link_name(net, q->ifindex),
				err.text);
	for (size_t i = 0; r == 0 && i < c.nr; i++)
		read_filters(net, sock, q, &(struct parent){.number = c.handles[i]});
}

int scan_tc(const struct scan_net *net, struct nl_sock *sock, struct err *err)
{
	auto_release(qdiscs_release) struct qdiscs qdiscs = {.nr = 0};
	int r = read_qdiscs(&qdiscs, sock, err);

	/* A kernel without traffic control has no filters either. */
	if (r == -EOPNOTSUPP) {
		err_release(err);
		return 0;
	}
	if (qdiscs.unread)
		scan_hidden_net(net, "qdiscs", NULL, UNREADABLE);
	for (size_t i = 0; r == 0 && i < qdiscs.nr; i++) {
		const struct nl_qdisc *q = &qdiscs.items[i];
		const struct parent ingress = {NL_PARENT_INGRESS, GRAPH_INGRESS,
					       q->ingress_block};
		const struct parent egress = {NL_PARENT_EGRESS, GRAPH_EGRESS,
					      q->egress_block};
		const struct parent itself = {.number = q->handle};
		bool clsact = strcmp(q->kind, "clsact") == 0;

		if (clsact || strcmp(q->kind, "ingress") == 0)
			read_filters(net, sock, q, &ingress);
		else
			read_filters(net, sock, q, &itself);
		if (has_class_filters(q))
			read_classes(net, sock, q);
		if (clsact)
			read_filters(net, sock, q, &egress);
	}
	return r;
}
