/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What we made and nobody wants any more, detached so that it can come back: programs and links
 * stay open until the run is committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/cgroup_id.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_dir.h"
#include "kernel/undo.h"
#include "load/apply_act.h"
#include "load/attach_tc.h"
#include "load/keep_watch.h"
#include "netlink/nl_filter.h"

static int detach_program_fd(const struct apply_actor *a, uint32_t id, struct err *err)
{
	const struct apply_program *program;
	int r = apply_state_program(a->plan->state, id, &program, err);

	return r < 0 ? r : program->fd;
}

/* --- filters --- */

struct filter_gone {
	struct nl_sock *sock;
	struct nl_filter f; /* owned; its program is the state's */
};

static void filter_gone_drop(void *data)
{
	struct filter_gone *g = data;

	nl_filter_release(&g->f);
	free(g);
}

static void filter_gone_freep(struct filter_gone **g)
{
	if (*g)
		filter_gone_drop(*g);
}

static int filter_gone_undo(void *data, struct err *err)
{
	struct filter_gone *g = data;
	auto_release(attach_tc_release) struct attach_tc at = {.sock = g->sock};
	int r;

	g->f.gen_flags &= TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;
	r = attach_tc_request(&at, NL_FILTER_ADD, &g->f, err);
	return r < 0 ? err_context(err, "if%d: filter pref %u handle 0x%x is gone",
				   g->f.ifindex, g->f.pref, g->f.handle)
		     : 0;
}

static int detach_tc(const struct apply_actor *a, const struct apply_act *act,
		     struct err *err)
{
	auto_release(filter_gone_freep) struct filter_gone *g = xcalloc(1, sizeof(*g));
	auto_release(attach_tc_release) struct attach_tc at = {.sock = NULL};
	struct nl_filter place;
	int r;

	g->sock = at.sock = a->plan->places->ns[act->ns].sock;
	r = apply_act_get_filter(a, act, &g->f, err);
	if (r <= 0 || g->f.prog_id != act->made.is.id)
		return r < 0 ? r : 0;
	g->f.prog_fd = detach_program_fd(a, act->made.is.id, err);
	if (g->f.prog_fd < 0)
		return g->f.prog_fd;
	place = g->f;
	place.has_options = false;
	place.ops = NULL;
	place.nr_ops = 0;
	undo_reserve(a->undo);
	r = attach_tc_request(&at, NL_FILTER_DEL, &place, err);
	if (r == -ENOENT) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		undo_push(a->undo, filter_gone_undo, take_ptr(g), filter_gone_drop);
	return r;
}

/* --- entries of cgroups --- */

struct entry_gone {
	const struct attach_type *type;
	char *path;
	int prog_fd; /* the state's */
	struct cgroup_attach_opts opts;
	int anchor; /* owned: the program that it stood before or after; -1: alone */
};

static void entry_gone_drop(void *data)
{
	struct entry_gone *g = data;

	cleanup_close(&g->anchor);
	free(g->path);
	free(g);
}

static void entry_gone_freep(struct entry_gone **g)
{
	if (*g)
		entry_gone_drop(*g);
}

static int entry_gone_undo(void *data, struct err *err)
{
	struct entry_gone *g = data;
	auto_close int fd = cgroup_fd_open(g->path, err);
	const struct cgroup_attach_opts anywhere = {.flags = g->opts.flags};
	int r = fd < 0 ? fd
		       : cgroup_fd_attach(fd, g->path, g->type, g->prog_fd, &g->opts,
					  err);

	/* Beside whom it stood is gone, or a link: better elsewhere than nowhere. */
	if (fd >= 0 && r == -ENOENT && g->opts.anchored) {
		err_release(err);
		r = cgroup_fd_attach(fd, g->path, g->type, g->prog_fd, &anywhere, err);
	}
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

/* Where kernels know an order (6.17), it comes back to where it was. */
static void entry_gone_place(struct entry_gone *g, const struct apply_actor *a,
			     const struct cgroup_query *q, uint32_t id)
{
	auto_err ignored = ERR_INIT;
	size_t at = 0;
	uint32_t next;
	int fd;

	g->opts.flags = q->flags & (BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE);
	while (at < q->nr && q->prog_ids[at] != id)
		at++;
	if (!q->revision || q->nr < 2 || at == q->nr)
		return;
	next = at + 1 < q->nr ? q->prog_ids[at + 1] : q->prog_ids[at - 1];
	fd = detach_program_fd(a, next, &ignored);
	g->anchor = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (g->anchor < 0)
		return;
	g->opts.order = at + 1 < q->nr ? CGROUP_BEFORE : CGROUP_AFTER;
	g->opts.anchored = true;
	g->opts.anchor_fd = g->anchor;
}

static int detach_entry(const struct apply_actor *a, const struct apply_act *act,
			struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_release(entry_gone_freep) struct entry_gone *g = xcalloc(1, sizeof(*g));
	auto_close int fd = -1;
	uint64_t id;
	int r;

	g->anchor = -1;
	g->type = attach_type_by_value(act->made.attach_type);
	g->path = xstrdup(act->made.cgroup);
	fd = cgroup_id_open(g->path, &id, err);
	/* Another one was made there: what stood in ours went with it. */
	if (fd >= 0 && id != act->made.cgroup_id)
		return 0;
	r = fd < 0 ? fd : cgroup_fd_query(fd, g->type->value, false, &q);
	if (r == -ENOENT || r == -ENODEV) {
		err_release(err);
		return 0;
	}
	if (r < 0)
		return err->code ? r : err_set(err, r, "read its programs");
	g->prog_fd = detach_program_fd(a, act->made.is.id, err);
	if (g->prog_fd < 0)
		return g->prog_fd;
	entry_gone_place(g, a, &q, act->made.is.id);
	undo_reserve(a->undo);
	r = cgroup_fd_detach(fd, g->path, g->type, g->prog_fd, err);
	if (r == -ENOENT) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		undo_push(a->undo, entry_gone_undo, take_ptr(g), entry_gone_drop);
	return r;
}

/* --- links: what keeps one is its pin, and this descriptor until the end --- */

struct link_gone {
	char *pin;
	int fd; /* owned */
};

static void link_gone_drop(void *data)
{
	struct link_gone *g = data;

	cleanup_close(&g->fd);
	free(g->pin);
	free(g);
}

static void link_gone_freep(struct link_gone **g)
{
	if (*g)
		link_gone_drop(*g);
}

static int link_gone_undo(void *data, struct err *err)
{
	const struct link_gone *g = data;

	return link_pin_make(g->pin, g->fd, err);
}

static int apply_detach_link(const struct apply_actor *a, const struct apply_act *act,
			     struct err *err)
{
	auto_release(link_gone_freep) struct link_gone *g = xcalloc(1, sizeof(*g));
	struct link_fd_info info;
	int r;

	g->pin = xstrdup(act->made.pin);
	g->fd = link_fd_by_pin(g->pin);
	if (g->fd == -ENOENT || g->fd == -EMEDIUMTYPE)
		return 0;
	r = g->fd < 0 ? g->fd : link_fd_info(g->fd, &info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", g->pin);
	if (info.prog_id != act->made.is.id)
		return 0;
	undo_reserve(a->undo);
	r = link_pin_remove(g->pin, info.id, err);
	if (r == -ENOENT || r == -ESTALE) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		undo_push(a->undo, link_gone_undo, take_ptr(g), link_gone_drop);
	return r;
}

int apply_act_detach(const struct apply_actor *a, const struct apply_act *act,
		     struct err *err)
{
	int r;

	if (act->kind != APPLY_STEP_DETACH)
		return 0;
	r = apply_act_check(a, err);
	if (r < 0)
		return r;
	if (keep_is_used())
		keep_watch_add(a->going, act->made.is.id);
	if (act->made.tcx)
		r = apply_act_detach_tcx(a, act, err);
	else if (act->made.is_tc)
		r = detach_tc(a, act, err);
	else if (act->made.mode == APPLY_LINK)
		r = apply_detach_link(a, act, err);
	else
		r = detach_entry(a, act, err);
	return r < 0 ? err_context(err, "detach program id %u", act->made.is.id) : 0;
}

void apply_detach_tidy(const char *pin, const char *mnt)
{
	auto_free char *top = xasprintf("%s/mapshare", mnt), *dir = xstrdup(pin);
	size_t n = strlen(top);

	while (strlen(dir) > n && strncmp(dir, top, n) == 0) {
		char name[NAME_MAX + 1];
		auto_err ignored = ERR_INIT;
		auto_close int parent = -1;
		int r = 0;

		*strrchr(dir, '/') = '\0';
		parent = pin_dir_parent(dir, name, &ignored);
		if (parent >= 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
			r = -errno;
		else if (parent < 0)
			r = parent;
		if (r == 0 || r == -ENOENT)
			continue;
		if (r != -ENOTEMPTY && r != -EBUSY && r != PIN_DIR_REFUSED)
			log_warn("the empty directory '%s' stays: %s", dir, err_words(r));
		return;
	}
}
