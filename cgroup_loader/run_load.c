/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/stop_hold.h"
#include "print.h"
#include "run.h"
#include "load/keep.h"
#include "load/new_pin.h"
#include "load/object.h"
#include "load/select.h"
#include "kernel/pin_txn.h"
#include "verbs/tool.h"

int run_prog_pin(struct tool *tool, const struct prog_pin_request *req, struct err *err)
{
	auto_pin_txn *txn = pin_txn_new();
	auto_close int fd = -1;
	int r = run_open_program(&req->prog, &fd, err);

	if (r == 0)
		r = new_pin_check(txn, &tool->share, req->path, err);
	if (r == 0)
		r = new_pin_make(txn, fd, 0, req->path, err);
	if (r < 0)
		return r;
	pin_txn_commit(txn);
	print_done(tool);
	return 0;
}

static char *pin_path_of(const struct load_request *req,
			 const struct object_program *prog)
{
	return req->all ? xasprintf("%s/%s", req->path, prog->name) : xstrdup(req->path);
}

static int load_choose(struct object *obj, const struct load_request *req,
		       struct err *err)
{
	struct object_program *first = select_first(obj);

	if (req->all) {
		object_want_all(obj);
		return 0;
	}
	if (!first)
		return err_say(err, -ENOENT, "object '%s': no program to load in it",
			       req->object);
	object_want_program(obj, first);
	return 0;
}

/* Whatever libbpf attaches by its section has one type; a cgroup's program may have two. */
static int check_one_type(const struct load_request *req,
			  const struct object_program *prog, struct err *err)
{
	auto_strbuf types = STRBUF_INIT;

	if (!req->autoattach || req->typed ||
	    attach_types_of_section(prog->section, &types) < 2)
		return 0;
	return err_say(
		err, -EINVAL,
		"program '%s': section '%s' is for several types, and autoattach needs one; say 'type' and one of %s",
		prog->name, prog->section, sb_text(&types));
}

/* Types, and the places of the pins, before anything is loaded. */
static int load_prepare(const struct tool *tool, struct object *obj,
			const struct load_request *req, struct err *err)
{
	struct object_program *progs, *first = select_first(obj);
	size_t nr;

	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++) {
		auto_free char *path = NULL;
		int r;

		if (!p->wanted)
			continue;
		if (req->typed)
			object_program_set_type(obj, p, req->prog_type, req->attach_type);
		if (!req->all && p != first)
			continue;
		r = check_one_type(req, p, err);
		if (r < 0)
			return r;
		path = pin_path_of(req, p);
		r = new_pin_check(object_txn(obj), &tool->share, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where autoattach puts programs for cgroups. */
struct target {
	char *path; /* owned; NULL: nowhere */
	int fd;     /* owned */
};

static void load_target_release(struct target *t)
{
	free(t->path);
	cleanup_close(&t->fd);
}

static int load_open_target(const struct load_request *req, struct target *t,
			    struct err *err)
{
	int r = req->cgroup.what ? run_cgroup_path(&req->cgroup, &t->path, err) : 0;

	if (r < 0 || !t->path)
		return r;
	t->fd = cgroup_fd_open(t->path, err);
	return t->fd < 0 ? t->fd : 0;
}

/* NULL: not for cgroups. What a type word said counts more than the section. */
static const struct attach_type *cgroup_type(const struct object_program *prog)
{
	const struct attach_type *type = attach_type_by_section(prog->section);

	if (type && type->prog_type == prog->prog_type &&
	    (type->rule == ATTACH_RULE_NONE || type->value == prog->attach_type))
		return type;
	for (type = attach_types; type->name; type++)
		if (type->prog_type == prog->prog_type &&
		    (type->rule == ATTACH_RULE_NONE || type->value == prog->attach_type))
			return type;
	return NULL;
}

static int load_make_link(struct object *obj, const struct object_program *prog,
			  const struct target *t, int *ret, struct err *err)
{
	const struct cgroup_attach_opts opts = {.flags = 0};
	const struct attach_type *type = cgroup_type(prog);
	int fd;

	if (!type)
		return object_autoattach(obj, prog, ret, err);
	if (!t->path)
		return err_say(err, -EOPNOTSUPP,
			       "program '%s' is for a cgroup, and none was said",
			       prog->name);
	fd = cgroup_fd_link(t->fd, t->path, type, prog->fd, &opts, err);
	if (fd < 0)
		return fd;
	*ret = fd;
	return 0;
}

/* Pins the link; the program itself where attaching takes more than was said. */
static int attach_and_pin(struct object *obj, const struct object_program *prog,
			  const struct target *t, bool may_mount, const char *path,
			  struct err *err)
{
	auto_close int link_fd = -1;
	auto_err why = ERR_INIT;
	int r = load_make_link(obj, prog, t, &link_fd, &why);

	if (r == -EOPNOTSUPP) {
		log_warn("%s: pinned without being attached", why.text);
		return new_pin_make(object_txn(obj), prog->fd, 0, path, err);
	}
	if (r < 0)
		return err_say(err, r, "%s", why.text);
	r = keep_prog_arrays(obj, prog, may_mount, err);
	return r ? r : new_pin_make(object_txn(obj), link_fd, 0, path, err);
}

static int pin_programs(struct object *obj, const struct load_request *req,
			const struct target *t, const struct share_opts *opts,
			struct err *err)
{
	struct object_program *progs, *first = select_first(obj);
	size_t nr;

	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++) {
		auto_free char *path = NULL;
		int r;

		if (!p->wanted || (!req->all && p != first))
			continue;
		r = stop_hold_check(err);
		if (r < 0)
			return r;
		path = pin_path_of(req, p);
		r = req->autoattach
			    ? attach_and_pin(obj, p, t, opts->mount_bpffs, path, err)
			    : new_pin_make(object_txn(obj), p->fd, 0, path, err);
		if (r < 0)
			return r;
	}
	return stop_hold_check(err);
}

static int load_load(const struct tool *tool, const struct load_request *req,
		     struct err *err)
{
	auto_release(load_target_release) struct target target = {.fd = -1};
	struct share_opts opts = tool->share;
	auto_object *obj = NULL;
	int r = new_pin_check_mount(&tool->share, err);

	opts.overrides = req->maps;
	opts.constants = req->constants;
	opts.pinmaps = req->pinmaps;
	if (r == 0)
		r = load_open_target(req, &target, err);
	if (r == 0)
		r = object_open(&obj, req->object, &opts, err);
	if (r == 0)
		r = load_choose(obj, req, err);
	if (r == 0)
		r = load_prepare(tool, obj, req, err);
	if (r == 0)
		r = object_load(obj, err);
	if (r == 0)
		r = pin_programs(obj, req, &target, &opts, err);
	if (r == 0)
		object_keep(obj);
	return r;
}

int run_load(struct tool *tool, const struct load_request *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	int r;

	stop_hold_begin(&hold);
	r = load_load(tool, req, err);
	if (r == 0)
		print_done(tool);
	return r;
}
