/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"
#include "kernel/proc.h"
#include "scan/scan_sources.h"

/* One device, by name, in all the namespaces that have one of that name. */
struct dev_search {
	const char *dev;
	struct share_place found; /* the first */
	struct strbuf names;      /* owned; of all namespaces that have it */
	size_t nr;
	struct err
		unseen; /* why one of them could not be looked into; code 0: all were */
};

static void dev_search_release(struct dev_search *s)
{
	sb_release(&s->names);
	err_release(&s->unseen);
}

static void scan_place_close(struct nl_sock **sock)
{
	nl_sock_close(*sock);
}

/* In the current namespace, which netns names ("": the caller's). 1: it is there; 0; -errno. */
static int look_here(struct share_place *ret, const char *dev, const char *netns,
		     struct err *err)
{
	auto_release(scan_place_close) struct nl_sock *sock = NULL;
	struct stat st;
	int ifindex, r;

	if (strlen(netns) >= sizeof(ret->netns))
		return 0;
	r = nl_sock_open(&sock, err);
	if (r < 0)
		return r;
	ifindex = nl_sock_ifindex(sock, dev);
	if (ifindex == -ENODEV)
		return 0;
	if (ifindex < 0)
		return err_set(err, ifindex, "device '%s'", dev);
	*ret = (struct share_place){.kind = GRAPH_TC, .ifindex = (uint32_t)ifindex};
	r = nl_sock_ifname(sock, ifindex, ret->dev);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return err_set(err, r, "device '%s'", dev);
	if (stat("/proc/thread-self/ns/net", &st) == 0)
		ret->netns_ino = st.st_ino;
	strcpy(ret->netns, netns);
	return 1;
}

/* A visit to one namespace. */
struct dev_visit {
	const char *dev, *netns;
	struct share_place place;
	struct err *err;
};

/* 1: it is there. */
static int visit_dev(void *ctx)
{
	struct dev_visit *v = ctx;

	return look_here(&v->place, v->dev, v->netns, v->err);
}

static int find_in(const char *name, void *ctx)
{
	struct dev_search *search = ctx;
	struct dev_visit v = {.dev = search->dev, .netns = name, .err = &search->unseen};
	int there;

	if (netns_visit(name, visit_dev, &v, &there, &search->unseen) < 0 || there <= 0)
		return 0;
	/* A second name of one namespace. */
	if (search->nr && v.place.netns_ino == search->found.netns_ino)
		return 0;
	if (!search->nr++)
		search->found = v.place;
	sb_add_sep(&search->names, ", ", name);
	return 0;
}

static void scan_place_find_through(const struct proc_ns *ns, void *ctx)
{
	struct dev_search *search = ctx;
	auto_free char *path = xasprintf("/proc/%u/ns/net", ns->pid);

	if (!search->nr)
		find_in(path, search);
}

static void scan_place_find_unnamed(struct dev_search *search)
{
	auto_proc_ns_list list = {.nr = 0};
	int r = proc_namespaces("net", &list);

	if (r == 0 && list.unseen.nr && !proc_unseen_is_refused(&list.unseen))
		r = list.unseen.why;
	if (r < 0)
		err_set(&search->unseen, r, "network namespaces of processes");
	proc_ns_list_each(&list, scan_place_find_through, search);
}

static int look_in(const char *dev, const char *netns, struct share_place *ret,
		   struct err *err)
{
	struct dev_visit v = {.dev = dev, .netns = netns, .err = err};
	int there, r = netns_visit(netns, visit_dev, &v, &there, err);

	if (r < 0 || there < 0)
		return r < 0 ? r : there;
	if (!there)
		return err_say(err, -ENODEV, "no device '%s' in network namespace '%s'",
			       dev, netns);
	*ret = v.place;
	return 0;
}

int scan_dev_place(const char *dev, const char *netns, struct share_place *ret,
		   struct err *err)
{
	auto_release(dev_search_release) struct dev_search search = {.dev = dev};
	int r;

	if (netns)
		return look_in(dev, netns, ret, err);
	r = look_here(ret, dev, "", err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = netns_each(find_in, &search);
	if (r < 0)
		err_set(&search.unseen, r, "names of network namespaces");
	if (search.nr == 1) {
		if (search.unseen.code)
			log_warn("device '%s' is in namespace '%s'; not looked into: %s",
				 dev, sb_text(&search.names), search.unseen.text);
		*ret = search.found;
		return 0;
	}
	if (search.nr)
		return err_say(
			err, -EINVAL,
			"device '%s' is in several network namespaces (%s): add 'netns NAME'",
			dev, sb_text(&search.names));
	scan_place_find_unnamed(&search);
	if (search.nr)
		return err_say(
			err, -ENODEV,
			"device '%s' is in a network namespace without a name: add 'netns %s'",
			dev, sb_text(&search.names));
	if (search.unseen.code)
		return err_say(
			err, -ENODEV,
			"device '%s' is in no network namespace that could be looked into; not looked into: %s",
			dev, search.unseen.text);
	err_set(err, -ENODEV, "device '%s'", dev);
	return err_hint(err, "'ip link' lists the interfaces there are");
}
