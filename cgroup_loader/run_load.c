/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/cgroup_fd.h"
#include "kernel/stop_hold.h"
#include "print.h"
#include "run.h"
#include "load/attach_cgroup.h"
#include "load/object.h"
#include "load/select.h"
#include "load/session.h"
#include "verbs/tool.h"

int run_prog_pin(struct tool *tool, const struct prog_pin_request *req, struct err *err)
{
	auto_session *s = session_new(&tool->share);
	int fd = -1, r = run_open_program(&req->prog, &fd, err);

	if (r < 0)
		return r;
	session_give(s, fd);
	r = session_check_pin(s, req->path, err);
	if (r == 0)
		r = session_pin(s, fd, req->path, err);
	if (r < 0)
		return r;
	session_commit(s);
	print_done(tool);
	return 0;
}

static char *pin_path_of(const struct load_request *req,
			 const struct object_program *prog)
{
	return req->all ? xasprintf("%s/%s", req->path, prog->name) : xstrdup(req->path);
}

/* A pin in the object's place: the words are the other way round. */
static int load_open(struct session *s, const struct load_request *req, struct err *err)
{
	int r = session_open(s, req->object, err);

	if (r == -ENOENT && req->object[0] == '/' && !bpffs_is_outside(req->object))
		return err_hint(err, "the object comes before the pin");
	return r;
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
		return err_say(
			err, -ENOENT,
			"object '%s': no program to load in it; a function is one in a section, as SEC(\"cgroup_skb/egress\") puts it",
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
static int load_prepare(struct session *s, const struct load_request *req,
			struct err *err)
{
	struct object *obj = session_object(s);
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
		r = session_check_pin(s, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where autoattach puts programs for cgroups; NULL: nowhere. The caller frees. */
static int load_find_cgroup(const struct load_request *req, char **ret, struct err *err)
{
	auto_close int fd = -1;
	int r = req->cgroup.what ? run_cgroup_path(&req->cgroup, ret, err) : 0;

	if (r < 0 || !*ret)
		return r;
	fd = cgroup_fd_open(*ret, err);
	return fd < 0 ? fd : 0;
}

/* NULL: not for cgroups. What a type word said counts more than the section. */
static const struct attach_type *load_cgroup_type(const struct object_program *prog)
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

/* By a pinned link. -EOPNOTSUPP: attaching takes more than was said. */
static int load_attach(struct session *s, const struct object_program *prog, char *cgroup,
		       const char *pin, struct err *err)
{
	static const struct cgroup_attach_opts opts = {.flags = BPF_F_ALLOW_MULTI};
	const struct session_link where = {.pin = pin};
	const struct cgroup_paths one = {.items = &cgroup, .nr = 1};
	auto_release(attach_cgroup_release) struct attach_cgroup at = {
		.opts = &opts,
		.cgroups = &one,
		.link_pin = pin,
		.want = {.type = load_cgroup_type(prog)}};
	auto_close int fd = -1;

	if (!at.want.type)
		return session_attach_link(s, prog, &where, &fd, err);
	if (!cgroup)
		return err_say(err, -EOPNOTSUPP,
			       "program '%s' is for a cgroup, and none was given",
			       prog->name);
	return session_attach_cgroup(s, prog, &at, err);
}

/* Pins the link; the program itself where attaching takes more than was said. */
static int attach_and_pin(struct session *s, const struct object_program *prog,
			  char *cgroup, const char *path, struct err *err)
{
	auto_err why = ERR_INIT;
	int r = load_attach(s, prog, cgroup, path, &why);

	if (r == -EOPNOTSUPP) {
		log_warn("%s: pinned without being attached", why.text);
		return session_pin(s, prog->fd, path, err);
	}
	return r < 0 ? err_say(err, r, "%s", why.text) : 0;
}

static int pin_programs(struct session *s, const struct load_request *req, char *cgroup,
			struct err *err)
{
	struct object *obj = session_object(s);
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
		r = req->autoattach ? attach_and_pin(s, p, cgroup, path, err)
				    : session_pin(s, p->fd, path, err);
		if (r < 0)
			return r;
	}
	return stop_hold_check(err);
}

int run_load(struct tool *tool, const struct load_request *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	struct share_opts opts = tool->share;
	auto_session *s = session_new(&opts);
	auto_free char *cgroup = NULL;
	int r;

	opts.overrides = req->maps;
	opts.constants = req->constants;
	opts.pinmaps = req->pinmaps;
	stop_hold_begin(&hold);
	r = load_find_cgroup(req, &cgroup, err);
	if (r == 0)
		r = load_open(s, req, err);
	if (r == 0)
		r = load_choose(session_object(s), req, err);
	if (r == 0)
		r = load_prepare(s, req, err);
	if (r == 0)
		r = session_load(s, err);
	if (r == 0)
		r = pin_programs(s, req, cgroup, err);
	if (r < 0)
		return r;
	session_commit(s);
	print_done(tool);
	return 0;
}
