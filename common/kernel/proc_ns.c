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
	uint32_t *hidden; /* owned: processes whose link may not be followed */
	size_t nr_hidden;
};

static void hide_process(struct ns_scan *s, uint32_t pid)
{
	if (errno != EACCES && errno != EPERM)
		return;
	array_grow(s->hidden, s->nr_hidden);
	s->hidden[s->nr_hidden++] = pid;
}

/* pid may be a thread's: /proc has those too, though it does not list them. */
static void add_namespace(struct ns_scan *s, uint32_t pid)
{
	struct proc_ns ns = {.pid = pid};
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid, s->kind);
	if (stat(path, &st) < 0) {
		hide_process(s, pid);
		return;
	}
	ns.dev = st.st_dev;
	ns.ino = st.st_ino;
	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	if (strcmp(s->kind, "mnt") == 0 && stat(path, &st) == 0)
		ns.root = st.st_ino;
	for (size_t i = 0; i < s->list.nr; i++)
		if (s->list.items[i].dev == ns.dev && s->list.items[i].ino == ns.ino &&
		    s->list.items[i].root == ns.root)
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
	struct ns_scan s = {.kind = kind};
	int r = proc_each(add_threads, &s);

	for (size_t i = 0; i < s.nr_hidden; i++)
		s.list.hidden +=
			!proc_is_gone(s.hidden[i]) && !is_listed(&s, s.hidden[i]);
	free(s.hidden);
	if (r < 0)
		proc_ns_list_release(&s.list);
	else
		*ret = s.list;
	return r;
}

void proc_ns_list_release(struct proc_ns_list *list)
{
	free(list->items);
	*list = (struct proc_ns_list){.nr = 0};
}
