/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path_absent.h"
#include "kernel/mountinfo.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"
#include "kernel/proc.h"
#include "scan/scan_sources.h"
#include "scan/scan_hidden.h"
#include "scan/scan_net.h"
#include "scan/graph_scan.h"

/* --- interfaces --- */

struct links {
	struct nl_link *items; /* owned */
	size_t nr;
	size_t unread; /* messages that could not be */
};

static void links_release(struct links *l)
{
	free(l->items);
}

static int scan_net_add_link(const struct nlmsghdr *nlh, void *ctx)
{
	struct links *l = ctx;
	struct nl_link link;

	if (nl_link_parse(&link, nlh) < 0) {
		l->unread++;
		return 0;
	}
	array_grow(l->items, l->nr);
	l->items[l->nr++] = link;
	return 0;
}

static void forget_links(void *ctx)
{
	struct links *l = ctx;

	l->nr = l->unread = 0;
}

/* The kernel's order is by ifindex, nearly. */
static int scan_net_by_ifindex(const void *a, const void *b)
{
	const struct nl_link *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static int read_links(struct links *ret, struct nl_sock *sock, struct err *err)
{
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r < 0)
		return err_set(err, r, "list interfaces");
	r = nl_sock_dump(sock, (struct nlmsghdr *)buf, scan_net_add_link, forget_links,
			 ret, err);
	if (r < 0)
		return err_context(err, "list interfaces");
	if (ret->nr)
		qsort(ret->items, ret->nr, sizeof(*ret->items), scan_net_by_ifindex);
	return 0;
}

/* --- namespaces --- */

/* The inode number of the namespace we are in; 0: not told. */
static uint64_t current_netns(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

/* Two names may lead to one namespace, or to the one we are in: true if it is new. */
static bool remember_netns(struct graph *g)
{
	uint64_t ino = current_netns();

	return !ino || graph_add_netns(g, ino);
}

static void release_sock(struct nl_sock **sock)
{
	nl_sock_close(*sock);
}

static int scan_here(struct graph *g, const char *netns, struct err *err)
{
	auto_release(release_sock) struct nl_sock *sock = NULL;
	auto_release(links_release) struct links links = {.nr = 0};
	struct scan_net net = {.g = g, .netns = netns, .ino = current_netns()};
	int r = nl_sock_open(&sock, err);

	r = r ? r : read_links(&links, sock, err);
	if (r < 0)
		return r;
	net.links = links.items;
	net.nr_links = links.nr;
	g->nr_devices += links.nr;
	if (links.unread)
		scan_hidden_net(&net, "programs", NULL,
				"the kernel's answer cannot be read");
	scan_dev(&net, dev_query_kernel);
	return scan_tc(&net, sock, err);
}

/* The link of a process that ended is refused (EACCES), not missing. */
static bool scan_net_is_gone(const char *name)
{
	struct stat st;

	return strchr(name, '/') && lstat(name, &st) < 0 && path_is_absent(-errno);
}

struct netns_scan {
	struct graph *g;
	const char *name;
};

static int scan_inside(void *ctx)
{
	const struct netns_scan *s = ctx;
	auto_err err = ERR_INIT;

	if (remember_netns(s->g) && scan_here(s->g, s->name, &err) < 0)
		graph_add_hidden_at(s->g,
				    &(struct graph_hidden){.source = GRAPH_FROM_NET,
							   .placed = true,
							   .netns = s->name},
				    "interfaces of network namespace '%s': %s", s->name,
				    err.text);
	return 0;
}

/* name as in netns_visit() */
static int scan_named(const char *name, void *ctx)
{
	struct netns_scan scan = {.g = ctx, .name = name};
	auto_err err = ERR_INIT;
	int unused, r = netns_visit(name, scan_inside, &scan, &unused, &err);

	/* Names and processes come and go, and a plain file is no namespace. */
	if (r < 0 && r != -ENOENT && !scan_net_is_gone(name))
		graph_add_hidden(scan.g,
				 r == -EINVAL ? GRAPH_FROM_NAME : GRAPH_FROM_NETNS,
				 "interfaces: %s", err.text);
	return 0;
}

void scan_netns(struct graph *g, uint64_t netns, const char *path)
{
	if (!graph_has_netns(g, netns))
		scan_named(path, g);
}

static void scan_process_netns(const struct proc_ns *ns, void *ctx)
{
	auto_free char *path = xasprintf("/proc/%u/ns/net", ns->pid);

	scan_netns(ctx, ns->ino, path);
}

/*
 * Namespaces that nobody named, through a process or thread in each; returns the processes
 * that do not show theirs.
 */
static struct proc_unseen scan_processes(struct graph *g)
{
	auto_proc_ns_list list = {.nr = 0};
	int r = proc_namespaces("net", &list);

	if (r < 0)
		graph_add_hidden(g, GRAPH_FROM_NETNS,
				 "network namespaces of processes: %s", err_words(r));
	proc_ns_list_each(&list, scan_process_netns, g);
	return list.unseen;
}

/* --- namespaces that a mount keeps, wherever it is --- */

struct mounts_scan {
	struct graph *g;
	const char *root; /* "/proc/PID/root" of another mount namespace, "": ours */
	struct proc_unseen *unseen;
};

static int scan_mount(const struct mountinfo *m, void *ctx)
{
	const struct mounts_scan *s = ctx;
	auto_free char *path = NULL;
	unsigned long netns;

	if (strcmp(m->type, "nsfs") != 0 || sscanf(m->root, "net:[%lu]", &netns) != 1)
		return 0;
	path = xasprintf("%s%s", s->root, m->path);
	scan_netns(s->g, netns, path);
	return 0;
}

static void scan_process_mounts(const struct proc_ns *ns, void *ctx)
{
	struct mounts_scan *s = ctx;
	auto_free char *root = xasprintf("/proc/%u/root", ns->pid);
	auto_free char *mounts = xasprintf("/proc/%u/mountinfo", ns->pid);
	int r;

	s->root = root;
	r = mountinfo_each(mounts, scan_mount, s);
	if (r < 0)
		r = proc_gone_or(ns->pid, r);
	if (r < 0)
		proc_unseen_add(s->unseen, r);
	s->root = "";
}

/* Returns the processes that do not show what is mounted where they are. */
static struct proc_unseen scan_mounts(struct graph *g)
{
	auto_proc_ns_list list = {.nr = 0};
	struct mounts_scan s = {.g = g, .root = "", .unseen = &list.unseen};
	int r = mountinfo_each("/proc/self/mountinfo", scan_mount, &s);

	r = r ? r : proc_namespaces("mnt", &list);
	if (r < 0)
		graph_add_hidden(g, GRAPH_FROM_NETNS,
				 "network namespaces that are mounted: %s", err_words(r));
	proc_ns_list_each(&list, scan_process_mounts, &s);
	return list.unseen;
}

int scan_nets(struct graph *g, struct err *err)
{
	struct proc_unseen in, mounted;
	int r;

	remember_netns(g);
	r = scan_here(g, NULL, err);
	if (r < 0)
		return r;
	r = netns_each(scan_named, g);
	if (r < 0)
		graph_add_hidden(g, GRAPH_FROM_NETNS, "named network namespaces: %s",
				 err_words(r));
	/* What those outside of it hold cannot be listed; without /proc that is said below. */
	g->netns_unlisted = proc_is_contained() != 0;
	in = scan_processes(g);
	mounted = scan_mounts(g);
	scan_hidden_processes(g, GRAPH_FROM_NETNS, "network namespace",
			      in.nr > mounted.nr ? &in : &mounted);
	return 0;
}
