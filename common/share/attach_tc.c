/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "format/nl_filter.h"
#include "format/nl_link.h"
#include "format/nl_qdisc.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"
#include "share/attach.h"

/* One network namespace while it is looked at. */
struct netns_scan {
	struct graph *g;
	const char *netns; /* borrowed; NULL: the caller's */
	struct nl_sock *sock;
	struct nl_link *links; /* owned, in the kernel's order: by ifindex, nearly */
	size_t nr_links;
	struct nl_qdisc *qdiscs; /* owned: clsact and ingress only */
	size_t nr_qdiscs;
};

static void netns_scan_release(struct netns_scan *s)
{
	nl_sock_close(s->sock);
	free(s->links);
	free(s->qdiscs);
}

/* --- interfaces and qdiscs --- */

static int add_link(const struct nlmsghdr *nlh, void *ctx)
{
	struct netns_scan *s = ctx;
	struct nl_link link;

	if (nl_link_parse(&link, nlh) < 0)
		return 0;
	array_grow(s->links, s->nr_links);
	s->links[s->nr_links++] = link;
	return 0;
}

static void forget_links(void *ctx)
{
	((struct netns_scan *)ctx)->nr_links = 0;
}

static int by_ifindex(const void *a, const void *b)
{
	const struct nl_link *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static int read_links(struct netns_scan *s, struct err *err)
{
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r < 0)
		return err_set(err, r, "list interfaces");
	r = nl_sock_dump(s->sock, (struct nlmsghdr *)buf, add_link, forget_links, s, err);
	if (r < 0)
		return err_context(err, "list interfaces");
	if (s->nr_links)
		qsort(s->links, s->nr_links, sizeof(*s->links), by_ifindex);
	return 0;
}

static const char *link_name(struct netns_scan *s, int ifindex)
{
	const struct nl_link key = {.ifindex = ifindex};
	const struct nl_link *link = s->nr_links ? bsearch(&key, s->links, s->nr_links,
							   sizeof(key), by_ifindex)
						 : NULL;

	return link ? link->name : NULL;
}

static int add_qdisc(const struct nlmsghdr *nlh, void *ctx)
{
	struct netns_scan *s = ctx;
	struct nl_qdisc q;

	if (nl_qdisc_parse(&q, nlh) < 0)
		return 0;
	if (strcmp(q.kind, "clsact") != 0 && strcmp(q.kind, "ingress") != 0)
		return 0;
	array_grow(s->qdiscs, s->nr_qdiscs);
	s->qdiscs[s->nr_qdiscs++] = q;
	return 0;
}

static void forget_qdiscs(void *ctx)
{
	((struct netns_scan *)ctx)->nr_qdiscs = 0;
}

static int read_qdiscs(struct netns_scan *s, struct err *err)
{
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	const struct nl_qdisc all = {.ifindex = 0};
	int r = nl_qdisc_build(buf, sizeof(buf), &all, NL_QDISC_SHOW);

	if (r < 0)
		return err_set(err, r, "list qdiscs");
	r = nl_sock_dump(s->sock, (struct nlmsghdr *)buf, add_qdisc, forget_qdiscs, s,
			 err);
	return r < 0 ? err_context(err, "list qdiscs") : 0;
}

/* --- filters --- */

/* The filters of one hook; what they have in common is in at. */
struct hook_scan {
	struct graph *g;
	struct graph_attachment at;
	size_t first; /* attachments of the graph before this dump */
};

static int add_filter(const struct nlmsghdr *nlh, void *ctx)
{
	struct hook_scan *h = ctx;
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};

	if (nl_filter_parse(&f, nlh) < 0 || strcmp(f.kind, "bpf") != 0 ||
	    f.prog != NL_FILTER_EBPF || !f.prog_id)
		return 0;
	h->at.program = f.prog_id;
	h->at.chain = f.chain;
	h->at.pref = f.pref;
	h->at.handle = f.handle;
	graph_add_attachment(h->g, &h->at);
	return 0;
}

static void forget_filters(void *ctx)
{
	struct hook_scan *h = ctx;

	graph_drop_attachments(h->g, h->first);
}

/* A dump by device and hook also lists the shared block that stands there. */
static int read_filters(struct netns_scan *s, const struct nl_qdisc *q,
			enum graph_hook hook, struct err *err)
{
	char buf[256] __attribute__((aligned(8)));
	const struct nl_filter there = {
		.ifindex = q->ifindex,
		.parent = hook == GRAPH_EGRESS ? NL_PARENT_EGRESS : NL_PARENT_INGRESS,
	};
	struct hook_scan h = {
		.g = s->g,
		.first = s->g->nr_attachments,
		.at = {.kind = GRAPH_TC,
		       .netns = s->netns,
		       .dev = link_name(s, q->ifindex),
		       .ifindex = (uint32_t)q->ifindex,
		       .hook = hook,
		       .block =
			       hook == GRAPH_EGRESS ? q->egress_block : q->ingress_block},
	};
	int r = nl_filter_build(buf, sizeof(buf), &there, NL_FILTER_SHOW);

	if (r < 0)
		return err_set(err, r, "list filters");
	r = nl_sock_dump(s->sock, (struct nlmsghdr *)buf, add_filter, forget_filters, &h,
			 err);
	/* The device or its qdisc may be gone by now; anything else is said. */
	if (r < 0 && r != -ENODEV && r != -ENOENT)
		graph_add_hidden(s->g, "filters of device '%s'%s%s: %s",
				 h.at.dev ? h.at.dev : "?",
				 s->netns ? " in network namespace " : "",
				 s->netns ? s->netns : "", err->text);
	err_release(err);
	return 0;
}

static int scan_here(struct graph *g, const char *netns, struct err *err)
{
	auto_release(netns_scan_release) struct netns_scan s = {.g = g, .netns = netns};
	int r = nl_sock_open(&s.sock, err);

	r = r ? r : read_qdiscs(&s, err);
	r = r || !s.nr_qdiscs ? r : read_links(&s, err);
	for (size_t i = 0; r == 0 && i < s.nr_qdiscs; i++) {
		const struct nl_qdisc *q = &s.qdiscs[i];

		r = read_filters(&s, q, GRAPH_INGRESS, err);
		if (r == 0 && strcmp(q->kind, "clsact") == 0)
			r = read_filters(&s, q, GRAPH_EGRESS, err);
	}
	return r;
}

/* --- namespaces --- */

/* Two names may lead to one namespace, or to the one we are in. */
struct seen {
	struct graph *g;
	struct stat *netns; /* owned */
	size_t nr;
};

static void seen_release(struct seen *seen)
{
	free(seen->netns);
}

/* True if the current namespace is new. */
static bool remember_netns(struct seen *seen)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return true;
	for (size_t i = 0; i < seen->nr; i++)
		if (seen->netns[i].st_dev == st.st_dev &&
		    seen->netns[i].st_ino == st.st_ino)
			return false;
	array_grow(seen->netns, seen->nr);
	seen->netns[seen->nr++] = st;
	return true;
}

static int scan_named(const char *name, void *ctx)
{
	struct seen *seen = ctx;
	auto_err err = ERR_INIT;
	auto_netns int token = netns_enter(name, &err);

	if (token < 0) {
		/* Names come and go. */
		if (token != -ENOENT)
			graph_add_hidden(seen->g, "filters: %s", err.text);
		return 0;
	}
	if (remember_netns(seen) && scan_here(seen->g, name, &err) < 0)
		graph_add_hidden(seen->g, "filters of network namespace '%s': %s", name,
				 err.text);
	return 0;
}

int attach_tc_scan(struct graph *g, struct err *err)
{
	auto_release(seen_release) struct seen seen = {.g = g};
	int r;

	remember_netns(&seen);
	r = scan_here(g, NULL, err);
	if (r < 0)
		return r;
	r = netns_each(scan_named, &seen);
	if (r < 0)
		graph_add_hidden(g, "named network namespaces: %s", err_words(r));
	return 0;
}

/* --- one device --- */

struct search {
	const char *dev;
	struct share_place *found;
};

static int find_in(const char *name, void *ctx)
{
	const struct search *search = ctx;
	auto_err err = ERR_INIT;
	auto_netns int token = netns_enter(name, &err);
	unsigned int ifindex = token < 0 ? 0 : if_nametoindex(search->dev);

	if (!ifindex || strlen(name) >= sizeof(search->found->netns))
		return 0;
	*search->found = (struct share_place){.kind = GRAPH_TC, .ifindex = ifindex};
	strcpy(search->found->netns, name);
	return 1;
}

int attach_tc_place(const char *dev, struct share_place *ret, struct err *err)
{
	struct search search = {.dev = dev, .found = ret};
	unsigned int ifindex = if_nametoindex(dev);

	if (ifindex) {
		*ret = (struct share_place){.kind = GRAPH_TC, .ifindex = ifindex};
		return 0;
	}
	if (netns_each(find_in, &search) == 1)
		return 0;
	return err_set(err, -ENODEV, "device '%s'", dev);
}
