/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The interfaces of a namespace that is followed. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/nl_events.h"
#include "kernel/nl_sock.h"
#include "load/follow_private.h"
#include "netlink/nl_link.h"

#include <linux/rtnetlink.h>

static size_t net_index(const struct follow_net *net, int ifindex)
{
	size_t low = 0, high = net->nr_devs;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (net->devs[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct follow_dev *follow_net_dev(const struct follow_net *net, int ifindex)
{
	size_t at = net_index(net, ifindex);

	return at < net->nr_devs && net->devs[at].ifindex == ifindex ? &net->devs[at]
								     : NULL;
}

static bool dev_has_altname(const struct follow_dev *dev, const char *word)
{
	const size_t n = strlen(word);
	const char *at = dev->altnames;

	for (; at && *at; at += strcspn(at, "\n") + 1)
		if (strncmp(at, word, n) == 0 && at[n] == '\n')
			return true;
	return false;
}

bool follow_net_fits(const struct follow *f, const struct follow_dev *dev, size_t entry)
{
	const struct apply_words *words = &f->conf->tc[entry].interfaces;

	for (size_t i = 0; i < words->nr; i++)
		if (apply_word_fits(words->items[i].text, dev->name) ||
		    dev_has_altname(dev, words->items[i].text))
			return true;
	return false;
}

/* To be looked at, if the file has to do with it, or had. */
static void net_touch(struct follow *f, const struct follow_net *net,
		      const struct follow_dev *dev)
{
	const struct follow_key key = {net->ino, (uint64_t)dev->ifindex};
	bool fits = follow_book_find(&f->book, key) != NULL;

	for (size_t i = 0; i < f->conf->nr_tc && !fits; i++)
		fits = net->entries[i] && follow_net_fits(f, dev, i);
	if (fits)
		follow_touch(f, FOLLOW_DEV, net->ino, (uint64_t)dev->ifindex, NULL);
}

void follow_net_drop(struct follow *f, struct follow_net *net, int ifindex)
{
	struct follow_dev *dev = follow_net_dev(net, ifindex);
	size_t at = net_index(net, ifindex);

	if (!dev)
		return;
	net_touch(f, net, dev);
	free(dev->altnames);
	net->nr_devs--;
	memmove(net->devs + at, net->devs + at + 1,
		(net->nr_devs - at) * sizeof(*net->devs));
}

static void net_set(struct follow *f, struct follow_net *net, const struct nl_link *link,
		    const char *altnames)
{
	struct follow_dev *dev = follow_net_dev(net, link->ifindex);
	size_t at = net_index(net, link->ifindex);

	if (dev && strcmp(dev->name, link->name) == 0 &&
	    strcmp(dev->altnames ? dev->altnames : "", altnames) == 0) {
		dev->seen = true;
		return;
	}
	if (!dev) {
		array_grow(net->devs, net->nr_devs);
		memmove(net->devs + at + 1, net->devs + at,
			(net->nr_devs - at) * sizeof(*net->devs));
		net->nr_devs++;
		dev = &net->devs[at];
		*dev = (struct follow_dev){.ifindex = link->ifindex};
	}
	dev->seen = true;
	memcpy(dev->name, link->name, sizeof(dev->name));
	free(take_ptr(dev->altnames));
	if (altnames[0])
		dev->altnames = xstrdup(altnames);
	net_touch(f, net, dev);
}

struct net_reading {
	struct follow *f;
	struct follow_net *net;
};

static void net_take_event(const struct nlmsghdr *nlh, void *ctx)
{
	const struct net_reading *r = ctx;
	auto_strbuf altnames = STRBUF_INIT;
	struct nl_link link;

	if (nl_link_parse(&link, nlh) < 0)
		return;
	if (nlh->nlmsg_type == RTM_DELLINK) {
		follow_net_drop(r->f, r->net, link.ifindex);
		return;
	}
	nl_link_altnames(nlh, &altnames);
	net_set(r->f, r->net, &link, sb_text(&altnames));
}

static int net_take_dev(const struct nlmsghdr *nlh, void *ctx)
{
	net_take_event(nlh, ctx);
	return 0;
}

int follow_net_look(struct follow *f, struct follow_net *net, struct err *err)
{
	struct net_reading reading = {.f = f, .net = net};
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r;

	for (size_t i = 0; i < net->nr_devs; i++)
		net->devs[i].seen = false;
	net->stale = true;
	r = nl_link_build_dump(buf, sizeof(buf));
	if (r == 0)
		r = nl_sock_dump(net->sock, (struct nlmsghdr *)buf, net_take_dev, NULL,
				 &reading, err);
	if (r < 0)
		return err->code ? err_context(err, "read the interfaces")
				 : err_set(err, r, "read the interfaces");
	net->stale = false;
	for (size_t i = net->nr_devs; i-- > 0;)
		if (net->devs[i].seen)
			net_touch(f, net, &net->devs[i]);
		else
			follow_net_drop(f, net, net->devs[i].ifindex);
	return 0;
}

int follow_nets_read(struct follow *f, int fd)
{
	for (size_t i = 0; i < f->nr_nets; i++) {
		struct net_reading reading = {.f = f, .net = f->nets[i]};
		int r;

		if (nl_events_fd(f->nets[i]->events) != fd)
			continue;
		r = nl_events_read(f->nets[i]->events, net_take_event, &reading);
		if (r != 0) {
			auto_err err = ERR_INIT;

			f->count.nr_lost++;
			f->looking = true;
			r = follow_net_look(f, f->nets[i], &err);
			f->looking = false;
			f->look_nets |= r < 0;
		}
		return 1;
	}
	return 0;
}
