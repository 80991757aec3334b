/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "kernel/stop_hold.h"
#include "held_pin.h"
#include "print.h"
#include "run.h"
#include "load/attach_cgroup.h"
#include "load/select.h"
#include "load/session.h"
#include "verbs/tool.h"

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

/* Loaded, or there already; and what can be refused before, is. */
static int attach_get_program(struct tool *tool, struct session *s,
			      const struct attach_request *req,
			      const struct object_program **ret, struct err *err)
{
	struct object_program *prog = NULL;
	struct held_program given;
	int r;

	if (req->object) {
		held_pin_drop(tool->held);
		r = session_open(s, req->object, err);
	} else {
		r = held_pin_open(tool->held, &req->prog, &given, err);
	}
	if (r < 0)
		return r;
	if (!req->object) {
		*ret = given.owned ? session_give(s, given.fd)
				   : session_lend(s, given.fd);
		r = given.info.nr_map_ids ? session_check_given(s, err) : 0;
	} else {
		r = select_for_type(session_object(s), req->type, req->section,
				    req->program, &prog, err);
	}
	if (r == 0 && req->link_pin)
		r = session_check_link_pin(s, req->link_pin, err);
	if (r < 0 || !req->object)
		return r;
	*ret = prog;
	return session_load(s, err);
}

static int attach_to_target(struct session *s, const struct attach_request *req,
			    const struct target *p, const struct object_program *prog,
			    struct err *err)
{
	auto_release(attach_cgroup_release) struct attach_cgroup at = {
		.opts = &p->opts,
		.cgroups = &p->cgroups,
		.link_pin = req->link_pin,
		.want = {.type = req->type, .replace = req->replace},
		.last = true,
	};
	auto_free char *root = NULL;
	int r = req->each ? find_root_of(req, &root, err) : 0;

	at.root = root;
	return r < 0 ? r : session_attach_cgroup(s, prog, &at, err);
}

int run_attach(struct tool *tool, const struct attach_request *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(attach_target_release) struct target target = {.swap_fd = -1,
								    .anchor_fd = -1};
	struct share_opts opts = tool->share;
	auto_session *s = session_new(&opts);
	const struct object_program *prog = NULL;
	int r = attach_open_target(req, &target, err);

	if (r < 0)
		return r;
	opts.overrides = req->maps;
	opts.constants = req->constants;
	stop_hold_begin(&hold);
	r = attach_get_program(tool, s, req, &prog, err);
	if (r == 0)
		r = attach_to_target(s, req, &target, prog, err);
	if (r < 0)
		return r;
	session_commit(s);
	print_done(tool);
	return 0;
}
