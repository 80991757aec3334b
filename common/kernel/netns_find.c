/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/mountinfo.h"
#include "kernel/netns.h"
#include "kernel/netns_find.h"
#include "kernel/proc.h"

struct netns_search {
	dev_t dev; /* nsfs */
	uint64_t ino;
	int fd;           /* owned; -1: not found */
	int seen;         /* something leads to it, but cannot be opened: -errno */
	const char *root; /* "/proc/PID/root" of another mount namespace, "": ours */
	struct proc_unseen unseen;
};

static void netns_search_release(struct netns_search *s)
{
	cleanup_close(&s->fd);
}

static void netns_search_try(struct netns_search *s, const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		s->seen = -errno;
	else if (st.st_dev != s->dev || st.st_ino != s->ino)
		s->seen = -ESTALE;
	else
		s->fd = take_fd(&fd);
}

static int netns_search_mount(const struct mountinfo *m, void *ctx)
{
	struct netns_search *s = ctx;
	auto_free char *path = NULL;
	unsigned long ino;

	if (s->fd >= 0 || strcmp(m->type, "nsfs") != 0 ||
	    sscanf(m->root, "net:[%lu]", &ino) != 1 || ino != s->ino)
		return 0;
	path = xasprintf("%s%s", s->root, m->path);
	netns_search_try(s, path);
	return 0;
}

static void netns_search_process(const struct proc_ns *ns, void *ctx)
{
	struct netns_search *s = ctx;
	auto_free char *path = xasprintf("/proc/%u/ns/net", ns->pid);

	if (s->fd < 0 && ns->ino == s->ino)
		netns_search_try(s, path);
}

static void netns_search_mounts(const struct proc_ns *ns, void *ctx)
{
	struct netns_search *s = ctx;
	auto_free char *root = xasprintf("/proc/%u/root", ns->pid);
	auto_free char *mounts = xasprintf("/proc/%u/mountinfo", ns->pid);
	int r;

	if (s->fd >= 0)
		return;
	s->root = root;
	r = mountinfo_each(mounts, netns_search_mount, s);
	if (r < 0)
		r = proc_gone_or(ns->pid, r);
	if (r < 0)
		proc_unseen_add(&s->unseen, r);
	s->root = "";
}

/* Through a process or thread in each namespace of that kind. */
static int netns_search_each(struct netns_search *s, const char *kind,
			     void (*fn)(const struct proc_ns *ns, void *ctx))
{
	auto_proc_ns_list list = {.nr = 0};
	int r = s->fd < 0 ? proc_namespaces(kind, &list) : 0;

	proc_ns_list_each(&list, fn, s);
	if (list.unseen.nr && !proc_unseen_is_refused(&list.unseen))
		return list.unseen.why;
	if (list.unseen.nr)
		proc_unseen_add(&s->unseen, list.unseen.why);
	return r;
}

static int netns_search_run(struct netns_search *s)
{
	int r = mountinfo_each("/proc/self/mountinfo", netns_search_mount, s);

	if (r == 0)
		r = netns_search_each(s, "net", netns_search_process);
	if (r == 0)
		r = netns_search_each(s, "mnt", netns_search_mounts);
	if (r == 0 && s->unseen.nr && !proc_unseen_is_refused(&s->unseen))
		r = s->unseen.why;
	return r;
}

int netns_find(uint64_t ino, bool *hidden, struct err *err)
{
	enum { TRIES = 3 };
	auto_release(netns_search_release) struct netns_search s = {
		.ino = ino, .fd = -1, .root = ""};
	struct stat own;
	int r = netns_own(&own, err);

	if (r < 0)
		return r;
	s.dev = own.st_dev;
	/* Whoever led to it may have gone, and another one is there that does. */
	for (int i = 0; i < TRIES && (i == 0 || s.seen); i++) {
		s.seen = 0;
		s.unseen = (struct proc_unseen){.nr = 0};
		r = netns_search_run(&s);
		if (s.fd >= 0)
			return take_fd(&s.fd);
		if (r < 0)
			return err_set(err, r, "look for network namespace %llu",
				       (unsigned long long)ino);
	}
	if (s.seen)
		return err_say(
			err, -EXDEV,
			"it is still there, and cannot be entered from here (%s); run this where it has its name",
			err_words(s.seen));
	*hidden = s.unseen.nr || proc_is_contained() != 0;
	return err_set(err, -ENOENT, "network namespace %llu", (unsigned long long)ino);
}
