/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "graph/idle_pins.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "load/keep_watch.h"
#include "netlink/nl_filter.h"
#include "scan/gc.h"

/* MNT/tc/keep, and PROGRAM below it unless 0. The caller frees. */
static char *keep_dir(uint32_t program)
{
	char mnt[PATH_MAX];

	bpffs_mount_point(mnt);
	return program ? xasprintf("%s/tc/keep/%u", mnt, program)
		       : xasprintf("%s/tc/keep", mnt);
}

/* What cannot be looked at may be there; who may not look could not remove anything either. */
static bool keep_may_be(uint32_t program)
{
	auto_free char *dir = keep_dir(program);
	int r = bpffs_there(dir);

	return r != 0 && r != -EACCES;
}

bool keep_is_used(void)
{
	return keep_may_be(0);
}

void keep_watch_add(struct keep_watch *w, uint32_t program)
{
	if (!program || !keep_may_be(program))
		return;
	for (size_t i = 0; i < w->nr; i++)
		if (w->programs[i] == program)
			return;
	array_grow(w->programs, w->nr);
	w->programs[w->nr++] = program;
}

void keep_watch_look(struct keep_watch *w)
{
	w->look = true;
}

/* What a loader that was killed, or a foreign command, left behind. */
static bool has_stale(const char *keep)
{
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(keep, real));
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_close int fd = -1;
		uint32_t program;

		if (!idle_pins_program(entry->d_name, &program))
			continue;
		fd = prog_fd_by_id(program);
		if (fd == -ENOENT)
			return true;
	}
	/* What cannot be listed may have some. */
	return !dir && errno != ENOENT;
}

void keep_watch_drop(struct keep_watch *w)
{
	auto_free char *dir = keep_dir(0);
	auto_err err = ERR_INIT;

	if ((w->nr || w->look || has_stale(dir)) &&
	    gc_drop_kept(w->programs, w->nr, &err) < 0)
		log_warn(
			"prog arrays kept in '%s' stay (%s); 'share gc --delete' removes them once nothing needs them",
			dir, err.text);
	w->nr = 0;
	w->look = false;
}

void keep_watch_release(struct keep_watch *w)
{
	free(w->programs);
	*w = (struct keep_watch)KEEP_WATCH_INIT;
}

/* --- what may go ------------------------------------------- */

struct filter_watch {
	struct keep_watch *going;
	const struct nl_filter *wanted;
};

static int keep_watch_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct filter_watch *w = ctx;
	const struct nl_filter *wanted = w->wanted;
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};

	if (nl_filter_parse(&f, nlh) == 0 && strcmp(f.kind, "bpf") == 0 &&
	    (!wanted->pref || f.pref == wanted->pref) &&
	    (!wanted->handle || f.handle == wanted->handle) &&
	    (!wanted->has_chain || f.chain == wanted->chain))
		keep_watch_add(w->going, f.prog_id);
	return 0;
}

void keep_watch_filters(struct keep_watch *w, struct nl_sock *sock,
			const struct nl_filter *place)
{
	/* One filter is asked for by its name: a hook may have thousands. */
	bool one = place->pref && place->handle && place->protocol;
	struct nl_filter ask = {.ifindex = place->ifindex,
				.block = place->block,
				.parent = place->parent,
				.has_chain = place->has_chain,
				.chain = place->chain};
	struct filter_watch watch = {.going = w, .wanted = place};
	char buf[256] __attribute__((aligned(8)));
	auto_err unused = ERR_INIT;

	if (one) {
		ask.pref = place->pref;
		ask.handle = place->handle;
		ask.protocol = place->protocol;
		strcpy(ask.kind, "bpf");
	}
	if (!keep_is_used() || nl_filter_build(buf, sizeof(buf), &ask,
					       one ? NL_FILTER_GET : NL_FILTER_SHOW) < 0)
		return;
	/* Not told what may go: whatever is kept is looked at behind the command. */
	if ((one ? nl_sock_request(sock, (struct nlmsghdr *)buf, keep_watch_take, &watch,
				   &unused)
		 : nl_sock_dump(sock, (struct nlmsghdr *)buf, keep_watch_take, NULL,
				&watch, &unused)) < 0)
		keep_watch_look(w);
}

void keep_watch_cgroups(struct keep_watch *w, const struct cgroup_paths *cgroups,
			const struct attach_type *type)
{
	for (size_t i = 0; keep_is_used() && i < cgroups->nr; i++) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		auto_err gone = ERR_INIT;
		auto_close int fd = cgroup_fd_open(cgroups->items[i], &gone);

		if (fd < 0 || cgroup_fd_query(fd, type->value, false, &q) < 0) {
			keep_watch_look(w);
			continue;
		}
		for (size_t k = 0; k < q.nr; k++)
			keep_watch_add(w, q.prog_ids[k]);
	}
}
