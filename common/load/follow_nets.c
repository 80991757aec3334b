/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The network namespaces of a file that is followed, and the interfaces in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "kernel/netns.h"
#include "kernel/nl_events.h"
#include "kernel/nl_sock.h"
#include "load/follow_private.h"
#include "netlink/nl_link.h"

#include <linux/rtnetlink.h>

static void follow_net_free(struct follow_net *net)
{
	if (!net)
		return;
	for (size_t i = 0; i < net->nr_devs; i++)
		free(net->devs[i].altnames);
	nl_events_close(net->events);
	nl_sock_close(net->sock);
	free(net->devs);
	free(net->entries);
	free(net->now);
	free(net->name);
	free(net);
}

static void follow_net_freep(struct follow_net **net)
{
	follow_net_free(*net);
}

void follow_nets_release(struct follow *f)
{
	for (size_t i = 0; i < f->nr_nets; i++)
		follow_net_free(f->nets[i]);
	free(f->nets);
	f->nets = NULL;
	f->nr_nets = 0;
}

struct follow_net *follow_nets_find(const struct follow *f, uint64_t ino)
{
	for (size_t i = 0; i < f->nr_nets; i++)
		if (f->nets[i]->ino == ino)
			return f->nets[i];
	return NULL;
}

/* --- interfaces --- */

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

static void net_drop(struct follow *f, struct follow_net *net, int ifindex)
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
	    strcmp(dev->altnames ? dev->altnames : "", altnames) == 0)
		return;
	if (!dev) {
		array_grow(net->devs, net->nr_devs);
		memmove(net->devs + at + 1, net->devs + at,
			(net->nr_devs - at) * sizeof(*net->devs));
		net->nr_devs++;
		dev = &net->devs[at];
		*dev = (struct follow_dev){.ifindex = link->ifindex};
	}
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
		net_drop(r->f, r->net, link.ifindex);
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

/* What is there; what was, and is no more, is touched too. */
static int net_look(struct follow *f, struct follow_net *net, struct err *err)
{
	struct net_reading reading = {.f = f, .net = net};
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r;

	while (net->nr_devs)
		net_drop(f, net, net->devs[net->nr_devs - 1].ifindex);
	r = nl_link_build_dump(buf, sizeof(buf));
	if (r == 0)
		r = nl_sock_dump(net->sock, (struct nlmsghdr *)buf, net_take_dev, NULL,
				 &reading, err);
	if (r < 0)
		return err->code ? err_context(err, "read the interfaces")
				 : err_set(err, r, "read the interfaces");
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
			r = net_look(f, f->nets[i], &err);
			if (r < 0) {
				log_warn("%s", err.text);
				f->look_nets = true;
			}
		}
		return 1;
	}
	return 0;
}

/* --- namespaces --- */

struct net_visit {
	struct follow_net *net;
	struct err *err;
};

static int net_open_there(void *ctx)
{
	struct net_visit *v = ctx;
	struct stat st;
	int r;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return err_set(v->err, -errno, "/proc/thread-self/ns/net");
	v->net->ino = st.st_ino;
	r = nl_events_open(&v->net->events, v->err);
	return r < 0 ? r : nl_sock_open(&v->net->sock, v->err);
}

static int net_open(struct follow *f, const char *name, const bool *entries,
		    struct err *err)
{
	auto_release(follow_net_freep) struct follow_net *net = xcalloc(1, sizeof(*net));
	struct net_visit v = {.net = net, .err = err};
	struct epoll_event ev = {.events = EPOLLIN};
	int r = 0, visited = 0;

	net->name = xstrdup(name);
	net->entries = xmemdup(entries, f->conf->nr_tc + 1);
	net->now = xcalloc(f->conf->nr_tc + 1, sizeof(*net->now));
	net->seen = true;
	if (!name[0])
		visited = net_open_there(&v);
	else
		r = netns_visit(name, net_open_there, &v, &visited, err);
	if (r == 0)
		r = visited;
	if (r < 0)
		return r;
	ev.data.fd = nl_events_fd(net->events);
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, ev.data.fd, &ev) < 0)
		return err_set(err, -errno, "wait for events of interfaces");
	array_grow(f->nets, f->nr_nets);
	f->nets[f->nr_nets++] = net;
	return net_look(f, take_ptr(net), err);
}

/* Which entries name it. False: none. */
static bool net_entries(const struct follow *f, const char *name, bool *ret)
{
	bool any = false;

	for (size_t i = 0; i < f->conf->nr_tc; i++) {
		const struct apply_words *words = &f->conf->tc[i].netns;

		ret[i] = !words->nr && !name[0];
		for (size_t w = 0; w < words->nr && name[0]; w++)
			ret[i] |= apply_word_fits(words->items[w].text, name);
		any |= ret[i];
	}
	return any;
}

static int nets_take_name(const char *name, void *ctx)
{
	text_list_add(ctx, name);
	return 0;
}

/* A name is there before the namespace is mounted on it: the mount is told of as well. */
static bool nets_is_ns(const char *name, dev_t nsfs, uint64_t *ino)
{
	auto_free char *path = xasprintf("/run/netns/%s", name);
	struct stat st;

	if (stat(path, &st) < 0 || st.st_dev != nsfs)
		return false;
	*ino = st.st_ino;
	return true;
}

static int nets_meet(struct follow *f, const char *name, uint64_t ino, struct err *err)
{
	auto_free bool *entries = xcalloc(f->conf->nr_tc + 1, sizeof(*entries));
	bool any = net_entries(f, name, entries);
	struct follow_net *net = follow_nets_find(f, ino);
	int r;

	if (!any && name[0])
		return 0;
	if (net) {
		net->seen = true;
		for (size_t i = 0; i < f->conf->nr_tc; i++)
			net->now[i] |= entries[i];
		return 0;
	}
	r = net_open(f, name, entries, err);
	if (r < 0 && name[0]) {
		/* It is gone by now, or something else that is mounted there. */
		log_debug("%s", err->text);
		err_release(err);
		return 0;
	}
	net = r == 0 ? follow_nets_find(f, ino) : NULL;
	if (net)
		memcpy(net->now, entries, f->conf->nr_tc);
	return r;
}

/* After all names: what none has any more goes, what others have is looked at again. */
static void nets_settle(struct follow *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->nr_nets; i++) {
		struct follow_net *net = f->nets[i];

		if (!net->seen) {
			while (net->nr_devs)
				net_drop(f, net, net->devs[net->nr_devs - 1].ifindex);
			follow_net_free(net);
			continue;
		}
		f->nets[kept++] = net;
		if (memcmp(net->entries, net->now, f->conf->nr_tc) == 0)
			continue;
		memcpy(net->entries, net->now, f->conf->nr_tc);
		for (size_t d = 0; d < net->nr_devs; d++)
			follow_touch(f, FOLLOW_DEV, net->ino,
				     (uint64_t)net->devs[d].ifindex, NULL);
	}
	f->nr_nets = kept;
}

int follow_nets_look(struct follow *f, struct err *err)
{
	auto_text_list names = TEXT_LIST_INIT;
	struct stat own;
	int r;

	if (!f->conf->nr_tc)
		return 0;
	if (stat("/proc/thread-self/ns/net", &own) < 0)
		return err_set(err, -errno, "/proc/thread-self/ns/net");
	for (size_t i = 0; i < f->nr_nets; i++) {
		f->nets[i]->seen = false;
		memset(f->nets[i]->now, 0, f->conf->nr_tc);
	}
	r = nets_meet(f, "", own.st_ino, err);
	if (r == 0)
		r = netns_each(nets_take_name, &names);
	for (size_t i = 0; i < names.nr && r == 0; i++) {
		uint64_t ino;

		if (nets_is_ns(names.items[i], own.st_dev, &ino))
			r = nets_meet(f, names.items[i], ino, err);
	}
	if (r < 0)
		return err->code ? r : err_set(err, r, "/run/netns");
	nets_settle(f);
	return 0;
}
