/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "kernel/stop_hold.h"
#include "print.h"
#include "run.h"
#include "load/attach_cgroup.h"
#include "load/keep_watch.h"
#include "load/new_pin.h"
#include "load/object.h"
#include "load/select.h"
#include "kernel/pin_txn.h"
#include "verbs/tool.h"

/* What attaching did. */
enum { ATTACHED, UNCHANGED };

/* What the request names, opened before anything is loaded. */
struct target {
	struct cgroup_attach_opts opts;
	struct cgroup_paths cgroups; /* one, or every leaf */
	int swap_fd, anchor_fd;      /* owned, behind opts */
};

static void attach_target_release(struct target *p)
{
	cgroup_paths_release(&p->cgroups);
	cleanup_close(&p->swap_fd);
	cleanup_close(&p->anchor_fd);
}

static uint32_t mode_flags(const struct attach_request *req)
{
	if (req->multi || req->swap)
		return BPF_F_ALLOW_MULTI;
	return req->override ? BPF_F_ALLOW_OVERRIDE : 0;
}

/* A direct entry stands by a program, a link by a link. */
static int open_anchor(const struct attach_request *req, int *ret, struct err *err)
{
	struct link_ref link = {.id = req->anchor.id};
	int fd;

	if (!req->link_pin)
		return run_open_program(&req->anchor, ret, err);
	if (req->anchor.kind == PROG_REF_PINNED)
		link.path = req->anchor.what;
	fd = run_open_link(&link, err);
	if (fd < 0)
		return fd;
	*ret = fd;
	return 0;
}

int run_find_cgroups(const struct cgroup_ref *ref, bool each, bool check,
		     struct cgroup_paths *ret, struct err *err)
{
	auto_free char *path = NULL;
	auto_close int fd = -1;
	int r = run_cgroup_path(ref, &path, err);

	if (r < 0)
		return r;
	/* What can be refused is refused before anything is loaded. */
	if (check || each) {
		fd = cgroup_fd_open(path, err);
		if (fd < 0)
			return fd;
	}
	if (each)
		return cgroup_find_leaves(path, ret, err);
	array_grow(ret->items, 0);
	ret->items[ret->nr++] = take_ptr(path);
	return 0;
}

static int attach_open_target(const struct attach_request *req, struct target *p,
			      struct err *err)
{
	int r = run_find_cgroups(&req->cgroup, req->each, req->object != NULL,
				 &p->cgroups, err);

	if (r == 0 && req->swap)
		r = run_open_program(&req->swapped, &p->swap_fd, err);
	if (r == 0 && req->anchored)
		r = open_anchor(req, &p->anchor_fd, err);
	if (r < 0)
		return r;
	p->opts = (struct cgroup_attach_opts){
		.flags = mode_flags(req),
		.replace = req->replace && !req->swap,
		.swap = req->swap,
		.swap_fd = p->swap_fd,
		.preorder = req->preorder,
		.order = req->before  ? CGROUP_BEFORE
			 : req->after ? CGROUP_AFTER
				      : CGROUP_ORDER_NONE,
		.anchored = req->anchored,
		.anchor_fd = p->anchor_fd,
	};
	return 0;
}

/* Where each begins, without slashes at its end. */
static int find_root_of(const struct attach_request *req, char **ret, struct err *err)
{
	char *root = NULL;
	int r = run_cgroup_path(&req->cgroup, &root, err);

	if (r < 0)
		return r;
	for (size_t n = strlen(root); n > 1 && root[n - 1] == '/';)
		root[--n] = '\0';
	*ret = root;
	return 0;
}

/* The place of a link's pin, before anything is loaded. What is there already is looked at
 * later. */
static int check_link_pin(const struct tool *tool, const struct attach_request *req,
			  struct pin_txn *txn, struct err *err)
{
	if (!req->link_pin)
		return 0;
	if (bpffs_exists(req->link_pin))
		return bpffs_check_target(req->link_pin, err);
	return new_pin_check(txn, &tool->share, req->link_pin, err);
}

/* obj NULL: a program that is loaded already. */
static int attach_fd(const struct attach_request *req, const struct target *p,
		     struct object *obj, const struct object_program *prog, int prog_fd,
		     struct pin_txn *txn, bool may_mount, struct err *err)
{
	auto_release(attach_cgroup_release) struct attach_cgroup at = {
		.opts = &p->opts,
		.cgroups = &p->cgroups,
		.link_pin = req->link_pin,
		.want = {.type = req->type,
			 .obj = obj,
			 .prog_fd = prog_fd,
			 .flags = p->opts.flags,
			 .replace = req->replace},
		.obj = obj,
		.prog = prog,
		.txn = txn,
		.may_mount = may_mount,
		.last = true,
	};
	auto_free char *root = NULL;
	int r = 0;

	/* 'replace PROG' says itself what goes. */
	if (req->swap)
		at.want.obj = NULL;
	if (req->each)
		r = find_root_of(req, &root, err);
	at.root = root;
	if (r == 0)
		r = attach_cgroup_look(&at, err);
	if (r == 0 && at.nr_missing)
		r = attach_cgroup_run(&at, err);
	if (r < 0)
		return r;
	attach_cgroup_say(&at);
	return at.nr_missing ? ATTACHED : UNCHANGED;
}

static int attach_program(const struct tool *tool, const struct attach_request *req,
			  const struct target *p, struct err *err)
{
	/* Behind the journal's end: it may need the program. */
	auto_close int prog_fd = -1;
	auto_pin_txn *txn = pin_txn_new();
	int r = run_open_program(&req->prog, &prog_fd, err);

	if (r == 0)
		r = check_link_pin(tool, req, txn, err);
	if (r == 0)
		r = attach_fd(req, p, NULL, NULL, prog_fd, txn, false, err);
	if (r < 0)
		return r;
	pin_txn_commit(txn);
	return 0;
}

static int attach_object(const struct tool *tool, const struct attach_request *req,
			 const struct target *p, struct err *err)
{
	struct share_opts opts = tool->share;
	auto_object *obj = NULL;
	struct object_program *prog = NULL;
	int r = new_pin_check_mount(&tool->share, err);

	opts.overrides = req->maps;
	opts.constants = req->constants;
	if (r == 0)
		r = object_open(&obj, req->object, &opts, err);
	if (r == 0)
		r = select_for_type(obj, req->type, req->section, req->program, &prog,
				    err);
	if (r == 0)
		r = check_link_pin(tool, req, object_txn(obj), err);
	if (r == 0)
		r = object_load(obj, err);
	if (r == 0)
		r = attach_fd(req, p, obj, prog, prog->fd, object_txn(obj),
			      opts.mount_bpffs, err);
	if (r < 0)
		return r;
	/* Where all was there, only what the load itself did may have to last. */
	if (r == ATTACHED || object_has_news(obj))
		object_keep(obj);
	return 0;
}

/* What stands alone in its place goes when another one is attached over it. */
static void watch_attached(const struct cgroup_paths *cgroups,
			   const struct attach_type *type, struct keep_watch *going)
{
	for (size_t i = 0; keep_is_used() && i < cgroups->nr; i++) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		auto_err gone = ERR_INIT;
		auto_close int fd = cgroup_fd_open(cgroups->items[i], &gone);

		if (fd < 0 || cgroup_fd_query(fd, type->value, false, &q) < 0)
			continue;
		for (size_t k = 0; k < q.nr; k++)
			keep_watch_add(going, q.prog_ids[k]);
	}
}

int run_attach(struct tool *tool, const struct attach_request *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(attach_target_release) struct target target = {.swap_fd = -1,
								    .anchor_fd = -1};
	auto_keep_watch going = KEEP_WATCH_INIT;
	int r = attach_open_target(req, &target, err);

	if (r < 0)
		return r;
	stop_hold_begin(&hold);
	watch_attached(&target.cgroups, req->type, &going);
	r = req->object ? attach_object(tool, req, &target, err)
			: attach_program(tool, req, &target, err);
	if (r < 0)
		return r;
	if (keep_is_used())
		keep_watch_drop(&going);
	print_done(tool);
	return 0;
}
