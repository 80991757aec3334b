/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "graph/graph_names.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/mountinfo.h"
#include "kernel/pin_at.h"
#include "kernel/proc.h"
#include "scan/graph_scan.h"
#include "scan/scan_hidden.h"

/* Which BPF file systems were read, by device: each mount of one shows the same. */
struct pins_scan {
	struct graph *g;
	const struct graph_asked *names; /* NULL: pins of all names */
	size_t nr_names;
	dev_t *read; /* owned; those of which a mount of the whole was met */
	size_t nr_read;
	bool any;
	const char *root; /* "/proc/PID/root" of another mount namespace, "": ours */
	bool whole;       /* of other mount namespaces: these mounts alone */
	struct proc_ns_list *list; /* those namespaces */
};

static void pins_scan_release(struct pins_scan *s)
{
	free(s->read);
}

/* A pin of the name, or one that continues the same bytes of the kernel's otherwise. */
static bool pin_may_name(const struct pins_scan *s, const char *path)
{
	const char *base = graph_base_name(path);

	for (size_t i = 0; i < s->nr_names; i++)
		if (s->names[i].name &&
		    strncmp(s->names[i].name, base, GRAPH_KERNEL_NAME) == 0)
			return true;
	return !s->names;
}

static int scan_pins_add_pin(const char *path, void *ctx)
{
	static const enum graph_object objects[] = {
		[BPF_FD_MAP] = GRAPH_OF_MAP,
		[BPF_FD_PROG] = GRAPH_OF_PROGRAM,
		[BPF_FD_LINK] = GRAPH_OF_LINK,
	};
	const struct pins_scan *s = ctx;
	auto_close int fd = -1;
	enum bpf_fd_kind kind;
	int r, migrates = 0;
	uint32_t id;

	if (!pin_may_name(s, path))
		return 0;
	fd = r = bpf_fd_by_pin_to_read(path, BPF_FD_UNKNOWN);
	kind = fd < 0 ? BPF_FD_UNKNOWN : bpf_fd_kind(fd);
	if (fd >= 0)
		r = kind == BPF_FD_UNKNOWN ? -EIO : bpf_fd_id(fd, &id);
	if (r == 0 && kind == BPF_FD_MAP)
		migrates = pin_at_migrates(path);
	if (migrates < 0)
		r = migrates;
	if (migrates > 0)
		graph_add_migrating_pin(s->g, id, path);
	else if (r == 0)
		graph_add_pin(s->g, objects[kind], id, path);
	else if (r != -ENOENT)
		graph_add_hidden(s->g, GRAPH_FROM_PIN, "pin '%s': %s", path,
				 err_words(r));
	return 0;
}

static bool is_read(const struct pins_scan *s, dev_t dev)
{
	for (size_t i = 0; i < s->nr_read; i++)
		if (s->read[i] == dev)
			return true;
	return false;
}

/*
 * A bind of a subdirectory shows a part of what a mount of the whole shows, in whatever
 * namespace that is: it has its turn when all mounts of the whole had theirs.
 */
static int scan_pins_add_mount(const struct mountinfo *m, void *ctx)
{
	struct pins_scan *s = ctx;
	bool whole = strcmp(m->root, "/") == 0;
	auto_free char *path = NULL;
	struct stat st;
	int r;

	if (strcmp(m->type, "bpf") != 0 || (s->root[0] && whole != s->whole))
		return 0;
	path = xasprintf("%s%s", s->root, m->path);
	/* A mount that another one covers is listed, but cannot be seen. */
	r = bpffs_look(path, &st);
	if (r == 0)
		return 0;
	s->any = true;
	if (r < 0) {
		graph_add_hidden(s->g, GRAPH_FROM_PIN, "pins below '%s': %s", path,
				 err_words(r));
		return 0;
	}
	/* In our own namespace every path that leads to a pin is worth telling. */
	if (s->root[0] && is_read(s, st.st_dev))
		return 0;
	if (whole) {
		array_grow(s->read, s->nr_read);
		s->read[s->nr_read++] = st.st_dev;
	}
	r = bpffs_each_pin(path, scan_pins_add_pin, s);
	if (r < 0)
		graph_add_hidden(s->g, GRAPH_FROM_PIN, "pins below '%s': %s", path,
				 err_words(r));
	return 0;
}

/* What we see ourselves was read already. */
static bool scan_pins_is_ours(const struct proc_ns *ns)
{
	struct stat mnt, root;

	return stat("/proc/self/ns/mnt", &mnt) == 0 && stat("/", &root) == 0 &&
	       mnt.st_ino == ns->ino && root.st_ino == ns->root;
}

static void scan_process_pins(const struct proc_ns *ns, void *ctx)
{
	struct pins_scan *s = ctx;
	auto_free char *root = xasprintf("/proc/%u/root", ns->pid);
	auto_free char *mounts = xasprintf("/proc/%u/mountinfo", ns->pid);
	size_t nr_read = s->nr_read;
	int e;

	if (scan_pins_is_ours(ns))
		return;
	s->root = root;
	e = mountinfo_each(mounts, scan_pins_add_mount, s);
	if (e < 0)
		e = proc_gone_or(ns->pid, e);
	if (s->whole && e < 0)
		proc_unseen_add(&s->list->unseen, e);
	/* How much of them was read nobody knows. */
	if (proc_ns_is_left(s->list, ns))
		s->nr_read = nr_read;
	s->root = "";
}

static void add_mounts_of(struct pins_scan *s, struct proc_ns_list *list, bool whole)
{
	s->whole = whole;
	s->list = list;
	proc_ns_list_each(list, scan_process_pins, s);
}

/* A private BPF file system lives as long as a process in its mount namespace. */
static void add_foreign(struct pins_scan *s)
{
	auto_proc_ns_list list = {.nr = 0};
	int r = proc_namespaces("mnt", &list);

	if (r < 0)
		graph_add_hidden(s->g, GRAPH_FROM_PIN,
				 "pins in mount namespaces of processes: %s",
				 err_words(r));
	add_mounts_of(s, &list, true);
	add_mounts_of(s, &list, false);
	scan_hidden_processes(s->g, GRAPH_FROM_PIN, "pins in the mount namespace",
			      &list.unseen);
}

void scan_pins(struct graph *g)
{
	scan_pins_named(g, NULL, 0);
}

void scan_pins_named(struct graph *g, const struct graph_asked *names, size_t nr)
{
	auto_release(pins_scan_release) struct pins_scan s = {
		.g = g, .names = names, .nr_names = nr, .root = ""};
	/* What stands in for ours is read by its own name, first. */
	const struct mountinfo callers = {
		.root = "/", .path = "/sys/fs/bpf", .type = "bpf"};
	int r = mountinfo_each("/proc/self/mountinfo", scan_pins_add_mount, &s);

	if (r == 0 && caller_ns_has_bpffs())
		r = scan_pins_add_mount(&callers, &s);
	if (r < 0)
		graph_add_hidden(g, GRAPH_FROM_PIN, "pins: %s", err_words(r));
	else if (!s.any)
		graph_add_hidden(
			g, GRAPH_FROM_PIN,
			"no BPF file system is mounted here: names that only pins know are missing");
	add_foreign(&s);
}
