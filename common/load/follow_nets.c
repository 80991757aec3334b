/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The network namespaces of a file that is followed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "base/text_list.h"
#include "kernel/netns.h"
#include "kernel/nl_events.h"
#include "kernel/nl_sock.h"
#include "load/follow_private.h"

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
	free(net->other);
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

struct net_visit {
	struct follow_net *net;
	struct err *err;
};

static int net_open_there(void *ctx)
{
	struct net_visit *v = ctx;
	struct stat st;
	int r;

	r = netns_own(&st, v->err);
	if (r < 0)
		return r;
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
	return follow_net_look(f, take_ptr(net), err);
}

/* It is gone by now, or something else that is mounted there. */
static bool net_is_none(int code)
{
	return code == -EINVAL || code == -ENOENT;
}

/* The others do not wait for it. */
static int net_left_out(struct follow *f, const char *name, int code, struct err *err)
{
	if (!net_is_none(code)) {
		if (!f->warned_nets)
			log_warn("%s: network namespace '%s': %s; tried again later",
				 f->conf->name.text, name, err->text);
		f->warned_nets = f->nets_left = true;
	}
	err_release(err);
	return 0;
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

/*
 * 1; 0: it is none; -errno: nobody knows. A name is there before the namespace is mounted on
 * it: the mount is told of as well.
 */
static int nets_is_ns(const char *name, dev_t nsfs, uint64_t *ino)
{
	auto_free char *path = xasprintf("/run/netns/%s", name);
	struct stat st;

	if (stat(path, &st) < 0)
		return path_is_absent(-errno) ? 0 : -errno;
	*ino = st.st_ino;
	return st.st_dev == nsfs;
}

/* What is followed by that name stays until it can be looked at. */
static int nets_keep(struct follow *f, const char *name, int code, struct err *err)
{
	auto_free bool *entries = xcalloc(f->conf->nr_tc + 1, sizeof(*entries));

	if (!net_entries(f, name, entries))
		return 0;
	for (size_t i = 0; i < f->nr_nets; i++) {
		struct follow_net *net = f->nets[i];

		if (strcmp(net->name, name) != 0)
			continue;
		net->seen = net->named = true;
		for (size_t e = 0; e < f->conf->nr_tc; e++)
			net->now[e] |= entries[e];
	}
	err_set(err, code, "it cannot be looked at");
	return net_left_out(f, name, code, err);
}

static int nets_meet(struct follow *f, const char *name, uint64_t ino, struct err *err)
{
	auto_free bool *entries = xcalloc(f->conf->nr_tc + 1, sizeof(*entries));
	bool any = net_entries(f, name, entries);
	struct follow_net *net = follow_nets_find(f, ino);
	int r = 0;

	if (!any && name[0])
		return 0;
	if (!net) {
		r = net_open(f, name, entries, err);
		net = follow_nets_find(f, ino);
	} else if (net->stale) {
		r = follow_net_look(f, net, err);
	}
	if (net) {
		net->seen = true;
		if (strcmp(net->name, name) == 0)
			net->named = true;
		else if (!net->other)
			net->other = xstrdup(name);
		for (size_t i = 0; i < f->conf->nr_tc; i++)
			net->now[i] |= entries[i];
	}
	return r < 0 && name[0] ? net_left_out(f, name, r, err) : r;
}

/* The record names it, and whoever reads that has to find it there. */
static bool net_take_other(struct follow_net *net)
{
	if (net->named || !net->other)
		return false;
	free(net->name);
	net->name = take_ptr(net->other);
	return true;
}

/* After all names: what none has any more goes, what others have is looked at again. */
static void nets_settle(struct follow *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->nr_nets; i++) {
		struct follow_net *net = f->nets[i];

		if (!net->seen) {
			while (net->nr_devs)
				follow_net_drop(f, net,
						net->devs[net->nr_devs - 1].ifindex);
			follow_net_free(net);
			continue;
		}
		f->nets[kept++] = net;
		if (!net_take_other(net) &&
		    memcmp(net->entries, net->now, f->conf->nr_tc) == 0)
			continue;
		memcpy(net->entries, net->now, f->conf->nr_tc);
		for (size_t d = 0; d < net->nr_devs; d++)
			follow_touch(f, FOLLOW_DEV, net->ino,
				     (uint64_t)net->devs[d].ifindex, NULL);
	}
	f->nr_nets = kept;
}

static int nets_look(struct follow *f, struct err *err)
{
	auto_text_list names = TEXT_LIST_INIT;
	struct stat own;
	int r;

	if (!f->conf->nr_tc)
		return 0;
	r = netns_own(&own, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f->nr_nets; i++) {
		f->nets[i]->seen = f->nets[i]->named = false;
		free(take_ptr(f->nets[i]->other));
		memset(f->nets[i]->now, 0, f->conf->nr_tc);
	}
	r = nets_meet(f, "", own.st_ino, err);
	if (r == 0)
		r = netns_each(nets_take_name, &names);
	for (size_t i = 0; i < names.nr && r == 0; i++) {
		uint64_t ino = 0;
		int is = nets_is_ns(names.items[i], own.st_dev, &ino);

		if (is != 0)
			r = is > 0 ? nets_meet(f, names.items[i], ino, err)
				   : nets_keep(f, names.items[i], is, err);
	}
	if (r < 0)
		return err->code ? r : err_set(err, r, "/run/netns");
	nets_settle(f);
	return 0;
}

int follow_nets_look(struct follow *f, struct err *err)
{
	int r;

	f->nets_left = false;
	f->looking = true;
	r = nets_look(f, err);
	f->looking = false;
	if (r < 0 || f->nets_left)
		follow_failed(f, FOLLOW_RETRY_NETS);
	else
		follow_done(f, FOLLOW_RETRY_NETS);
	f->warned_nets &= f->nets_left;
	return r;
}
