/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "held_pin.h"
#include "print.h"
#include "run.h"
#include "load/keep_watch.h"
#include "load/object.h"
#include "load/select.h"
#include "load/session.h"
#include "sweep.h"
#include "verbs/tool.h"

/* --- one program, one link -------------------------------- */

/* What the forms below share. */
struct detach_act {
	const struct detach_request *req;
	struct held_pin *held; /* NULL: nothing may stay open */
	struct keep_watch
		*going; /* what may be dropped behind it; NULL: nothing is kept */
};

/* What is not held is closed when this returns: nothing of ours keeps it then. */
static int detach_program(const struct detach_act *act, const char *path, int cgroup_fd,
			  struct err *err)
{
	auto_close int own_fd = -1;
	struct held_program prog;
	int r = held_pin_open(act->held, &act->req->prog, &prog, err);

	if (r < 0)
		return r;
	if (prog.owned)
		own_fd = prog.fd;
	if (act->going)
		keep_watch_add(act->going, prog.info.id);
	return cgroup_fd_detach_known(cgroup_fd, path, act->req->type, prog.fd,
				      &prog.info, err);
}

static int detach_pinned_link(const struct detach_act *act, const char *path,
			      int cgroup_fd, struct err *err)
{
	const struct detach_request *req = act->req;
	auto_close int fd = run_open_link(&req->link, err);
	struct link_fd_info info;
	uint64_t id;
	int r;

	if (fd < 0)
		return fd;
	r = link_fd_info(fd, &info);
	if (r == 0)
		r = cgroup_id_get(cgroup_fd, &id);
	if (r < 0)
		return err_set(err, r, "read the link's info");
	if (act->going)
		keep_watch_add(act->going, info.prog_id);
	if (info.type != LINK_FD_CGROUP || info.cgroup_id != id ||
	    info.attach_type != req->type->value)
		return err_say(err, -ENOENT,
			       "'%s': link id %u is not attached to %s here", path,
			       info.id, req->type->name);
	r = link_fd_detach(fd);
	return r < 0 ? err_set(err, r, "detach link id %u", info.id) : 0;
}

static int say_half_detached(size_t done, struct err *err)
{
	auto_free char *why = xstrdup(err->text);

	return err_say(
		err, err->code,
		"%s; it is detached from %zu cgroup%s already, run it again for the others",
		why, done, done == 1 ? "" : "s");
}

/* Those of the cgroups that have it; -ENOENT: none has. */
static int detach_each(const struct detach_act *act, const struct cgroup_paths *cgroups,
		       struct err *err)
{
	size_t done = 0;

	for (size_t i = 0; i < cgroups->nr; i++) {
		auto_close int fd = cgroup_fd_open(cgroups->items[i], err);
		int r = fd < 0 ? fd : detach_program(act, cgroups->items[i], fd, err);

		if (r < 0 && r != -ENOENT && r != -ENODEV)
			return done ? say_half_detached(done, err) : r;
		done += r == 0;
		if (r < 0 && (done || i + 1 < cgroups->nr))
			err_release(err);
	}
	if (!done)
		return err->code;
	log_info("detached from %zu cgroups", done);
	return 0;
}

/* --- everything that came from an object ------------------ */

/* The candidates: what section or program says, else all whose section is for the type. */
static int want_programs(struct sweep *s, struct err *err)
{
	struct object *obj = session_object(s->session);
	struct object_program *progs, *prog = NULL;
	size_t nr, fitting = 0;

	if (s->req->section || s->req->program)
		return select_for_type(obj, s->req->type, s->req->section,
				       s->req->program, &prog, err);
	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		struct object_program *p = &progs[i];

		if (p->tail_call || !attach_type_fits_section(s->req->type, p->section))
			continue;
		object_want_program(obj, p);
		object_program_set_type(obj, p, s->req->type->prog_type,
					s->req->type->value);
		fitting++;
	}
	if (!fitting)
		return err_say(
			err, -ENOENT,
			"object '%s': no section in it is for %s; 'section' or 'program' says which one was attached",
			s->req->object, s->req->type->name);
	return 0;
}

static void print_swept(struct tool *tool, const struct sweep *s)
{
	if (s->req->each)
		print_cgroup_tree(tool, s->found, s->cgroups->nr, false);
	else
		print_cgroup(tool, &s->found[0], false);
}

/*
 * The object is loaded to be compared, and leaves nothing. What went is printed once it is
 * gone: a reader that closed the pipe ends us, but nothing is half done then.
 */
static int detach_object(struct tool *tool, const struct detach_act *act,
			 const struct cgroup_paths *cgroups, struct err *err)
{
	const struct detach_request *req = act->req;
	struct share_opts opts = tool->share;
	auto_release(sweep_release) struct sweep s = {.req = req,
						      .cgroups = cgroups,
						      .session = session_new(&opts),
						      .unseen = STRBUF_INIT};
	int r;

	opts.overrides = req->maps;
	opts.constants = req->constants;
	r = session_open(s.session, req->object, err);
	if (r == 0)
		r = want_programs(&s, err);
	if (r == 0)
		r = session_load(s.session, err);
	if (r == 0)
		r = sweep_look(&s, err);
	if (r < 0)
		return r;
	for (size_t i = 0; act->going && i < cgroups->nr; i++)
		for (size_t k = 0; k < s.found[i].nr; k++)
			keep_watch_add(act->going, s.found[i].rows[k].id);
	r = sweep_out(&s, err);
	if (r == 0)
		print_swept(tool, &s);
	return r;
}

static int detach_detach(struct tool *tool, const struct detach_act *act,
			 const struct cgroup_paths *cgroups, struct err *err)
{
	const struct detach_request *req = act->req;
	const char *path = cgroups->items[0];
	auto_close int fd = -1;

	if (req->object)
		return detach_object(tool, act, cgroups, err);
	if (req->each)
		return detach_each(act, cgroups, err);
	fd = cgroup_fd_open(path, err);
	if (fd < 0)
		return fd;
	return req->by_link ? detach_pinned_link(act, path, fd, err)
			    : detach_program(act, path, fd, err);
}

int run_detach(struct tool *tool, const struct detach_request *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(cgroup_paths_release) struct cgroup_paths cgroups = {.nr = 0};
	auto_keep_watch going = KEEP_WATCH_INIT;
	struct detach_act act = {.req = req};
	int r = run_find_cgroups(&req->cgroup, req->each, req->object != NULL, &cgroups,
				 err);
	if (r < 0)
		return r;
	if (req->ignored)
		log_warn(
			"'%s' and what follows has no meaning for detach, and is ignored",
			req->ignored);
	/* A pin that is there keeps its program: what is kept for that stays, too. */
	if (!req->object && !req->by_link && req->prog.kind == PROG_REF_PINNED)
		act.held = tool->held;
	else
		held_pin_drop(tool->held);
	if (!act.held && keep_is_used())
		act.going = &going;
	stop_hold_begin(&hold);
	r = detach_detach(tool, &act, &cgroups, err);
	if (r < 0)
		return r;
	if (act.going)
		keep_watch_drop(&going);
	if (!req->object)
		print_done(tool);
	return 0;
}
