/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/proc.h"
#include "kernel/proc_private.h"

int proc_is_contained(void)
{
	/* PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h. */
	enum { FIRST_PID_NAMESPACE = (int)0xeffffffc };
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) < 0)
		return -errno;
	return (int)st.st_ino != FIRST_PID_NAMESPACE;
}

struct ns_scan {
	const char *kind;
	struct proc_ns_list list;
	struct ns_hidden {
		uint32_t pid;
		int why;
	} * hidden; /* owned: processes whose link may not be followed */
	size_t nr_hidden;
};

static void hide_process(struct ns_scan *s, uint32_t pid)
{
	if (errno == ENOENT || errno == ESRCH)
		return;
	array_grow(s->hidden, s->nr_hidden);
	s->hidden[s->nr_hidden++] = (struct ns_hidden){.pid = pid, .why = -errno};
}

/* Where a process is, or a thread: /proc has those too, though it does not list them. */
static bool proc_ns_of(struct proc_ns *ret, const char *kind, uint32_t pid)
{
	struct proc_ns ns = {.pid = pid};
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid, kind);
	if (stat(path, &st) < 0)
		return false;
	/* Linux 5.10 leads who may not follow the link to a directory, and calls that success. */
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return false;
	}
	ns.dev = st.st_dev;
	ns.ino = st.st_ino;
	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	if (strcmp(kind, "mnt") == 0 && stat(path, &st) == 0)
		ns.root = st.st_ino;
	*ret = ns;
	return true;
}

static struct proc_ns *proc_ns_find(const struct proc_ns_list *list,
				    const struct proc_ns *ns)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->items[i].dev == ns->dev && list->items[i].ino == ns->ino &&
		    list->items[i].root == ns->root)
			return &list->items[i];
	return NULL;
}

static void add_namespace(struct ns_scan *s, uint32_t pid)
{
	struct proc_ns ns;

	if (!proc_ns_of(&ns, s->kind, pid)) {
		hide_process(s, pid);
		return;
	}
	if (proc_ns_find(&s->list, &ns))
		return;
	array_grow(s->list.items, s->list.nr);
	s->list.items[s->list.nr++] = ns;
}

static int add_thread(uint32_t tid, void *ctx)
{
	add_namespace(ctx, tid);
	return 0;
}

/* Each thread may be somewhere else. */
static int add_threads(uint32_t pid, void *ctx)
{
	add_namespace(ctx, pid);
	return proc_each_other_thread(pid, add_thread, ctx);
}

/*
 * What everybody may read of a process and no two namespaces have in common: the kernel's
 * own route socket of a network namespace (address and inode number in net/netlink), the
 * number of the first mount of a mount namespace. "": not told.
 */
static void mark_of_ns(const char *kind, uint32_t pid, char ret[64])
{
	bool net = strcmp(kind, "net") == 0;
	char path[64], line[512], sk[32], inode[32];
	auto_file FILE *f = NULL;

	ret[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%u/%s", pid,
		 net ? "net/netlink" : "mountinfo");
	f = fopen(path, "re");
	while (f && !ret[0] && fgets(line, sizeof(line), f))
		/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
		if (net &&
		    sscanf(line, "%31s 0 0 %*s %*s %*s %*s %*s %*s %31s", sk, inode) == 2)
			snprintf(ret, 64, "%s %s", sk, inode);
		else if (!net && sscanf(line, "%31s", sk) == 1)
			snprintf(ret, 64, "%s", sk);
}

/* A namespace that this process may not show is none we miss if another one shows it. */
static bool is_listed(const struct ns_scan *s, uint32_t pid)
{
	char hidden[64], listed[64];

	mark_of_ns(s->kind, pid, hidden);
	for (size_t i = 0; hidden[0] && i < s->list.nr; i++) {
		mark_of_ns(s->kind, s->list.items[i].pid, listed);
		if (strcmp(hidden, listed) == 0)
			return true;
	}
	return false;
}

int proc_namespaces(const char *kind, struct proc_ns_list *ret)
{
	struct ns_scan s = {.kind = kind, .list.kind = kind};
	int r = proc_each(add_threads, &s);

	for (size_t i = 0; i < s.nr_hidden; i++)
		if (!proc_is_gone(s.hidden[i].pid) && !is_listed(&s, s.hidden[i].pid))
			proc_unseen_add(&s.list.unseen, s.hidden[i].why);
	free(s.hidden);
	if (r < 0)
		proc_ns_list_release(&s.list);
	else
		*ret = s.list;
	return r;
}

bool proc_ns_is_left(const struct proc_ns_list *list, const struct proc_ns *ns)
{
	struct proc_ns now;

	return !proc_ns_of(&now, list->kind, ns->pid) || now.dev != ns->dev ||
	       now.ino != ns->ino || now.root != ns->root;
}

/* Who is in them now; 0: nobody. */
static int proc_ns_list_again(struct proc_ns_list *list)
{
	auto_proc_ns_list now = {.nr = 0};
	int r = proc_namespaces(list->kind, &now);

	for (size_t i = 0; r == 0 && i < list->nr; i++) {
		const struct proc_ns *ns = proc_ns_find(&now, &list->items[i]);

		list->items[i].pid = ns ? ns->pid : 0;
	}
	return r;
}

void proc_ns_list_each(struct proc_ns_list *list,
		       void (*fn)(const struct proc_ns *ns, void *ctx), void *ctx)
{
	enum { TRIES = 8 };

	for (size_t i = 0; i < list->nr; i++) {
		const struct proc_ns *ns = &list->items[i];

		for (int left = TRIES; ns->pid; left--) {
			int r;

			fn(ns, ctx);
			if (!proc_ns_is_left(list, ns))
				break;
			r = left > 0 ? proc_ns_list_again(list) : -ESRCH;
			if (r < 0) {
				proc_unseen_add(&list->unseen, r);
				break;
			}
		}
	}
}

void proc_ns_list_release(struct proc_ns_list *list)
{
	free(list->items);
	*list = (struct proc_ns_list){.nr = 0};
}
