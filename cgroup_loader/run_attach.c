/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "format/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/prog_fd.h"
#include "parse.h"
#include "print.h"
#include "run.h"
#include "share/keep.h"
#include "share/object.h"
#include "share/pin_txn.h"
#include "verbs/tool.h"

static uint32_t mode_flags(const struct attach_request *req)
{
	if (req->multi)
		return BPF_F_ALLOW_MULTI;
	return req->override ? BPF_F_ALLOW_OVERRIDE : 0;
}

/* Attaches as asked. A link lives by its pin: without it, closing takes it back. */
static int attach_fd(const struct attach_request *req, int cgroup_fd, int prog_fd,
		     struct pin_txn *txn, struct err *err)
{
	struct cgroup_attach_opts opts = {.flags = mode_flags(req),
					  .replace = req->replace};
	auto_close int link_fd = -1;

	if (!req->link_pin)
		return cgroup_fd_attach(cgroup_fd, req->cgroup, req->type, prog_fd, &opts,
					err);
	link_fd = cgroup_fd_link(cgroup_fd, req->cgroup, req->type, prog_fd, err);
	return link_fd < 0 ? link_fd : run_pin_fd(txn, link_fd, req->link_pin, err);
}

static int attach_program(const struct tool *tool, const struct attach_request *req,
			  int cgroup_fd, struct err *err)
{
	auto_release(run_txn_freep) struct pin_txn *txn = pin_txn_new();
	auto_close int prog_fd = -1;
	int r = run_open_program(&req->prog, &prog_fd, err);

	if (r == 0 && req->link_pin)
		r = run_check_new_path(tool, txn, req->link_pin, err);
	if (r == 0)
		r = attach_fd(req, cgroup_fd, prog_fd, txn, err);
	if (r == 0)
		pin_txn_commit(txn);
	return r;
}

static void add_program(struct strbuf *out, const struct object_program *prog)
{
	sb_add_sep(out, ", ", "'");
	sb_addf(out, "%s' (section '%s')", prog->name, prog->section);
}

/* Neither section nor program said: the only one whose section is of the type. */
static int pick_by_type(struct object *obj, const struct attach_type *type,
			struct object_program **ret, struct err *err)
{
	auto_strbuf all = STRBUF_INIT, fitting = STRBUF_INIT;
	struct object_program *progs, *found = NULL;
	size_t nr, nr_fitting = 0;

	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++) {
		add_program(&all, p);
		if (p->tail_call || p->optional ||
		    !attach_type_fits_section(type, p->section))
			continue;
		add_program(&fitting, p);
		found = p;
		nr_fitting++;
	}
	if (nr_fitting == 0)
		return err_say(
			err, -ENOENT,
			"object '%s': no section in it is for %s; it has %s; 'section' "
			"or 'program' says which one to take",
			object_path(obj), type->name, nr ? sb_text(&all) : "no program");
	if (nr_fitting > 1)
		return err_say(
			err, -EINVAL,
			"object '%s': several programs are for %s: %s; 'section' or "
			"'program' says which one to take",
			object_path(obj), type->name, sb_text(&fitting));
	*ret = found;
	return 0;
}

/* A section that names another type is a mistake; one that names none leaves it to TYPE.
 */
static int check_section(const struct attach_type *type, const struct object *obj,
			 const struct object_program *prog, struct err *err)
{
	const struct attach_type *said = attach_type_by_section(prog->section);
	const char *kind;

	if (attach_type_fits_section(type, prog->section))
		return 0;
	if (!said && (!prog->prog_type || prog->prog_type == type->prog_type))
		return 0;
	kind = said ? said->name : prog_type_name(prog->prog_type);
	return err_say(
		err, -EINVAL,
		"object '%s': program '%s' is in section '%s', which is for %s, not "
		"for %s",
		object_path(obj), prog->name, prog->section, kind ? kind : "another type",
		type->name);
}

static int pick_program(struct object *obj, const struct attach_request *req,
			struct object_program **ret, struct err *err)
{
	struct object_program *progs, *prog = NULL;
	size_t nr;
	int r;

	if (req->section || req->program)
		r = object_want(obj, req->section, req->program, &prog, err);
	else
		r = pick_by_type(obj, req->type, &prog, err);
	if (r == 0)
		r = check_section(req->type, obj, prog, err);
	if (r < 0)
		return r;
	object_want_program(obj, prog);
	/* What it may jump to has to be loaded as the same thing. */
	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++)
		if (p->wanted)
			object_program_set_type(obj, p, req->type->prog_type,
						req->type->value);
	*ret = prog;
	return 0;
}

static int attach_object(const struct tool *tool, const struct attach_request *req,
			 int cgroup_fd, struct err *err)
{
	struct share_opts opts = tool->share;
	auto_object *obj = NULL;
	struct object_program *prog = NULL;
	int r = run_check_nomount(tool, err);

	opts.overrides = req->maps;
	if (r == 0)
		r = object_open(&obj, req->object, &opts, err);
	if (r == 0)
		r = pick_program(obj, req, &prog, err);
	if (r == 0 && req->link_pin)
		r = run_check_new_path(tool, object_txn(obj), req->link_pin, err);
	if (r == 0)
		r = object_load(obj, err);
	if (r == 0)
		r = keep_prog_arrays(obj, prog, opts.mount_bpffs, err);
	if (r == 0)
		r = attach_fd(req, cgroup_fd, prog->fd, object_txn(obj), err);
	if (r == 0)
		object_keep(obj);
	return r;
}

/* What stands alone in its place goes when another one is attached over it. */
static void watch_attached(int cgroup_fd, const struct attach_type *type,
			   struct keep_watch *going)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};

	if (!keep_is_used() || cgroup_fd_query(cgroup_fd, type->value, false, &q) < 0)
		return;
	for (size_t i = 0; i < q.nr; i++)
		keep_watch_add(going, q.prog_ids[i]);
}

int run_attach(struct args *a, void *ctx, struct err *err)
{
	struct tool *tool = ctx;
	auto_release(attach_request_release) struct attach_request req;
	auto_keep_watch going = KEEP_WATCH_INIT;
	auto_close int cgroup_fd = -1;
	int r = parse_attach(a, &req, err);

	if (r < 0)
		return r;
	/* What can be refused is refused before anything is loaded. */
	cgroup_fd = cgroup_fd_open(req.cgroup, err);
	if (cgroup_fd < 0)
		return cgroup_fd;
	watch_attached(cgroup_fd, req.type, &going);
	r = req.object ? attach_object(tool, &req, cgroup_fd, err)
		       : attach_program(tool, &req, cgroup_fd, err);
	if (r < 0)
		return r;
	keep_watch_drop(&going);
	print_done(tool);
	return 0;
}

/* The program's fd is closed when this returns: nothing of ours keeps it then. */
static int detach(const struct attach_request *req, int cgroup_fd,
		  struct keep_watch *going, struct err *err)
{
	auto_close int prog_fd = -1;
	struct bpf_prog_info info;
	int r = run_open_program(&req->prog, &prog_fd, err);

	if (r < 0)
		return r;
	if (prog_fd_info(prog_fd, &info) == 0)
		keep_watch_add(going, info.id);
	return cgroup_fd_detach(cgroup_fd, req->cgroup, req->type, prog_fd, err);
}

int run_detach(struct args *a, void *ctx, struct err *err)
{
	auto_release(attach_request_release) struct attach_request req;
	auto_keep_watch going = KEEP_WATCH_INIT;
	auto_close int cgroup_fd = -1;
	int r = parse_detach(a, &req, err);

	if (r < 0)
		return r;
	cgroup_fd = cgroup_fd_open(req.cgroup, err);
	if (cgroup_fd < 0)
		return cgroup_fd;
	r = detach(&req, cgroup_fd, &going, err);
	if (r < 0)
		return r;
	keep_watch_drop(&going);
	print_done(ctx);
	return 0;
}
