/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "attach_undo.h"
#include "base/alloc.h"
#include "base/log.h"
#include "format/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "kernel/prog_fd.h"
#include "parse.h"
#include "print.h"
#include "run.h"
#include "share/keep.h"
#include "share/object.h"
#include "share/pin_txn.h"
#include "verbs/tool.h"

/* What the request names, opened before anything is loaded. */
struct target {
	struct cgroup_attach_opts opts;
	struct cgroup_paths cgroups; /* one, or every leaf */
	int swap_fd, anchor_fd;      /* owned, behind opts */
};

static void target_release(struct target *p)
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

static int find_cgroups(const struct attach_request *req, struct cgroup_paths *ret,
			struct err *err)
{
	auto_free char *path = NULL;
	auto_close int fd = -1;
	int r = run_cgroup_path(&req->cgroup, &path, err);

	if (r < 0)
		return r;
	/* What can be refused is refused before anything is loaded. */
	if (req->object || req->each) {
		fd = cgroup_fd_open(path, err);
		if (fd < 0)
			return fd;
	}
	if (req->each)
		return cgroup_find_leaves(path, ret, err);
	array_grow(ret->items, 0);
	ret->items[ret->nr++] = take_ptr(path);
	return 0;
}

static int open_target(const struct attach_request *req, struct target *p,
		       struct err *err)
{
	int r = find_cgroups(req, &p->cgroups, err);

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

/* Names in bpffs have no dots: DIR/a_service/b for the cgroup ROOT/a.service/b. */
static char *link_path(const struct attach_request *req, const char *cgroup,
		       const char *root)
{
	char *path = root ? xasprintf("%s%s", req->link_pin, cgroup + strlen(root))
			  : xstrdup(req->link_pin);

	for (char *c = path + strlen(req->link_pin); *c; c++)
		if (*c == '.')
			*c = '_';
	return path;
}

static int attach_link(const struct attach_request *req,
		       const struct cgroup_attach_opts *opts, const char *cgroup,
		       const char *root, int prog_fd, struct pin_txn *txn,
		       struct err *err)
{
	auto_close int fd = cgroup_fd_open(cgroup, err), link_fd = -1;
	auto_free char *path = NULL;

	if (fd < 0)
		return fd;
	link_fd = cgroup_fd_link(fd, cgroup, req->type, prog_fd, opts, err);
	if (link_fd < 0)
		return link_fd;
	path = link_path(req, cgroup, root);
	return run_pin_fd(txn, link_fd, path, err);
}

/* All or nothing. A link lives by its pin: without it, closing takes it back. */
static int attach_fd(const struct attach_request *req, const struct target *p,
		     int prog_fd, struct pin_txn *txn, struct err *err)
{
	const struct cgroup_paths *cgroups = &p->cgroups;
	auto_release(attach_undo_release) struct attach_undo undo = {
		.type = req->type,
		.prog_fd = prog_fd,
		.opts = &p->opts,
		.alone = cgroups->nr == 1};
	auto_free char *root = NULL;
	int r = 0;

	if (req->link_pin && req->each)
		r = run_cgroup_path(&req->cgroup, &root, err);
	for (size_t n = root ? strlen(root) : 0; n > 1 && root[n - 1] == '/';)
		root[--n] = '\0';
	for (size_t i = 0; i < cgroups->nr && r == 0; i++)
		r = req->link_pin ? attach_link(req, &p->opts, cgroups->items[i], root,
						prog_fd, txn, err)
				  : attach_undo_add(&undo, cgroups->items[i], err);
	if (r == 0)
		attach_undo_forget(&undo);
	if (r == 0 && req->each)
		log_info("attached to %zu cgroups", cgroups->nr);
	return r;
}

static int attach_program(const struct tool *tool, const struct attach_request *req,
			  const struct target *p, struct err *err)
{
	auto_release(run_txn_freep) struct pin_txn *txn = pin_txn_new();
	auto_close int prog_fd = -1;
	int r = run_open_program(&req->prog, &prog_fd, err);

	if (r == 0 && req->link_pin)
		r = run_check_new_path(tool, txn, req->link_pin, err);
	if (r == 0)
		r = attach_fd(req, p, prog_fd, txn, err);
	if (r == 0)
		pin_txn_commit(txn);
	return r;
}

static int attach_object(const struct tool *tool, const struct attach_request *req,
			 const struct target *p, struct err *err)
{
	struct share_opts opts = tool->share;
	auto_object *obj = NULL;
	struct object_program *prog = NULL;
	int r = run_check_nomount(tool, err);

	opts.overrides = req->maps;
	if (r == 0)
		r = object_open(&obj, req->object, &opts, err);
	if (r == 0)
		r = run_pick_program(obj, req, &prog, err);
	if (r == 0 && req->link_pin)
		r = run_check_new_path(tool, object_txn(obj), req->link_pin, err);
	if (r == 0)
		r = object_load(obj, err);
	if (r == 0)
		r = keep_prog_arrays(obj, prog, opts.mount_bpffs, err);
	if (r == 0)
		r = attach_fd(req, p, prog->fd, object_txn(obj), err);
	if (r == 0)
		object_keep(obj);
	return r;
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

int run_attach(struct args *a, void *ctx, struct err *err)
{
	auto_release(target_release) struct target target = {.swap_fd = -1,
							     .anchor_fd = -1};
	auto_release(attach_request_release) struct attach_request req;
	auto_keep_watch going = KEEP_WATCH_INIT;
	struct tool *tool = ctx;
	int r = parse_attach(a, &req, err);

	if (r == 0)
		r = open_target(&req, &target, err);
	if (r < 0)
		return r;
	watch_attached(&target.cgroups, req.type, &going);
	r = req.object ? attach_object(tool, &req, &target, err)
		       : attach_program(tool, &req, &target, err);
	if (r < 0)
		return r;
	if (keep_is_used())
		keep_watch_drop(&going);
	print_done(tool);
	return 0;
}
