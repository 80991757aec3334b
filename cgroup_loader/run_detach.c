/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "format/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/link_fd.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "parse.h"
#include "print.h"
#include "run.h"
#include "share/keep.h"
#include "share/object.h"
#include "verbs/tool.h"

/* --- one program, one link -------------------------------- */

/* The program's fd is closed when this returns: nothing of ours keeps it then. */
static int detach_program(const struct attach_request *req, const char *path,
			  int cgroup_fd, struct keep_watch *going, struct err *err)
{
	auto_close int prog_fd = -1;
	struct bpf_prog_info info;
	int r = run_open_program(&req->prog, &prog_fd, err);

	if (r < 0)
		return r;
	if (keep_is_used() && prog_fd_info(prog_fd, &info) == 0)
		keep_watch_add(going, info.id);
	return cgroup_fd_detach(cgroup_fd, path, req->type, prog_fd, err);
}

static int detach_link(const struct attach_request *req, const char *path, int cgroup_fd,
		       struct keep_watch *going, struct err *err)
{
	auto_close int fd = run_open_link(&req->link, err);
	struct link_fd_info info;
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = link_fd_info(fd, &info);
	if (r == 0 && fstat(cgroup_fd, &st) < 0)
		r = -errno;
	if (r < 0)
		return err_set(err, r, "read the link's info");
	keep_watch_add(going, info.prog_id);
	if (info.type != LINK_FD_CGROUP || info.cgroup_id != st.st_ino ||
	    info.attach_type != req->type->value)
		return err_say(err, -ENOENT,
			       "'%s': link id %u is not attached to %s here", path,
			       info.id, req->type->name);
	r = link_fd_detach(fd);
	return r < 0 ? err_set(err, r, "detach link id %u", info.id) : 0;
}

/* --- everything that came from an object ------------------ */

struct sweep {
	const struct attach_request *req;
	const char *path;
	int cgroup_fd;
	struct object *obj;
	struct cgroup_rows found; /* what goes */
};

static void sweep_release(struct sweep *s)
{
	object_close(s->obj);
	cgroup_rows_release(&s->found);
}

/* The candidates: what section or program says, else all whose section is for the type. */
static int want(struct sweep *s, struct err *err)
{
	struct object_program *progs, *prog = NULL;
	size_t nr, fitting = 0;

	if (s->req->section || s->req->program)
		return run_pick_program(s->obj, s->req, &prog, err);
	progs = object_programs(s->obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		struct object_program *p = &progs[i];

		if (p->tail_call || !attach_type_fits_section(s->req->type, p->section))
			continue;
		object_want_program(s->obj, p);
		object_program_set_type(s->obj, p, s->req->type->prog_type,
					s->req->type->value);
		fitting++;
	}
	if (!fitting)
		return err_say(err, -ENOENT,
			       "object '%s': no section in it is for %s; 'section' or "
			       "'program' says which one was attached",
			       s->req->object, s->req->type->name);
	return 0;
}

/* Made by each load anew: only its shape can agree. */
static bool is_private(const struct object *obj, uint32_t id)
{
	size_t nr;
	const struct object_map *maps = object_maps((struct object *)obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (maps[i].id == id)
			return maps[i].state == OBJECT_MAP_PRIVATE;
	return true;
}

static bool same_shape(uint32_t ours, uint32_t theirs)
{
	auto_close int a = map_fd_by_id(ours), b = map_fd_by_id(theirs);
	struct bpf_map_info x, y;

	return a >= 0 && b >= 0 && map_fd_info(a, &x) == 0 && map_fd_info(b, &y) == 0 &&
	       x.type == y.type && x.key_size == y.key_size &&
	       x.value_size == y.value_size && x.max_entries == y.max_entries &&
	       strncmp(x.name, y.name, sizeof(x.name)) == 0;
}

static bool same_maps(const struct object *obj, int ours_fd, int theirs_fd)
{
	auto_free uint32_t *ours = NULL, *theirs = NULL;
	size_t nr, nr_theirs;

	if (prog_fd_maps(ours_fd, &ours, &nr) < 0 ||
	    prog_fd_maps(theirs_fd, &theirs, &nr_theirs) < 0 || nr != nr_theirs)
		return false;
	for (size_t i = 0; i < nr; i++)
		if (ours[i] != theirs[i] &&
		    (!is_private(obj, ours[i]) || !same_shape(ours[i], theirs[i])))
			return false;
	return true;
}

/* Instructions (the tag), name and maps, compared with the object loaded once more. */
static bool from_object(const struct sweep *s, int fd)
{
	struct object_program *progs;
	struct bpf_prog_info theirs, ours;
	size_t nr;

	if (prog_fd_info(fd, &theirs) < 0)
		return false;
	progs = object_programs(s->obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (progs[i].fd < 0 || prog_fd_info(progs[i].fd, &ours) < 0)
			continue;
		if (memcmp(ours.tag, theirs.tag, sizeof(ours.tag)) == 0 &&
		    strncmp(ours.name, theirs.name, sizeof(ours.name)) == 0 &&
		    same_maps(s->obj, progs[i].fd, fd))
			return true;
	}
	return false;
}

static int find(struct sweep *s, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	int r = cgroup_fd_query(s->cgroup_fd, s->req->type->value, false, &q);

	if (r < 0)
		return err_set(err, r, "'%s': query", s->path);
	for (size_t i = 0; i < q.nr; i++) {
		auto_close int fd = prog_fd_by_id(q.prog_ids[i]);

		if (fd < 0 || !from_object(s, fd))
			continue;
		r = run_describe(&s->found, s->req->type, q.prog_ids[i], q.flags);
		if (r < 0)
			return err_set(err, r, "program id %u", q.prog_ids[i]);
	}
	if (s->found.nr)
		return 0;
	return err_say(err, -ENOENT,
		       "'%s': none of the %zu programs attached to %s came from '%s'",
		       s->path, q.nr, s->req->type->name, s->req->object);
}

struct held {
	uint64_t cgroup_id;
	uint32_t attach_type, prog_id;
	bool found;
};

static int detach_if_held(int fd, const struct link_fd_info *info, void *ctx)
{
	struct held *held = ctx;
	int r;

	if (info->type != LINK_FD_CGROUP || info->cgroup_id != held->cgroup_id ||
	    info->attach_type != held->attach_type || info->prog_id != held->prog_id)
		return 0;
	r = link_fd_detach(fd);
	if (r < 0)
		return r;
	held->found = true;
	return 1;
}

/* An entry that is a link's: the kernel takes it back only through the link. */
static int detach_held(const struct sweep *s, uint32_t prog_id, struct err *err)
{
	struct held held = {.attach_type = s->req->type->value, .prog_id = prog_id};
	struct stat st;
	int r;

	if (fstat(s->cgroup_fd, &st) < 0)
		return err_set(err, -errno, "cgroup '%s'", s->path);
	held.cgroup_id = st.st_ino;
	r = link_fd_each(detach_if_held, &held);
	if (r < 0)
		return err_set(err, r, "detach the link of program id %u", prog_id);
	return held.found ? 0
			  : err_say(err, -ENOENT,
				    "'%s': program id %u is not attached any more",
				    s->path, prog_id);
}

static int sweep_out(const struct sweep *s, struct err *err)
{
	for (size_t i = 0; i < s->found.nr; i++) {
		uint32_t id = s->found.rows[i].id;
		auto_close int fd = prog_fd_by_id(id);
		auto_err first = ERR_INIT;
		int r = fd < 0 ? err_set(err, fd, "program id %u", id)
			       : cgroup_fd_detach(s->cgroup_fd, s->path, s->req->type, fd,
						  &first);

		if (fd >= 0 && r == -ENOENT)
			r = detach_held(s, id, err);
		else if (fd >= 0 && r < 0)
			r = err_say(err, r, "%s", first.text);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The object is loaded to be compared, and leaves nothing. */
static int detach_object(struct tool *tool, const struct attach_request *req,
			 const char *path, int cgroup_fd, struct keep_watch *going,
			 struct err *err)
{
	auto_release(sweep_release) struct sweep s = {
		.req = req, .path = path, .cgroup_fd = cgroup_fd};
	struct share_opts opts = tool->share;
	int r = run_check_nomount(tool, err);

	opts.overrides = req->maps;
	if (r == 0)
		r = object_open(&s.obj, req->object, &opts, err);
	if (r == 0)
		r = want(&s, err);
	if (r == 0)
		r = object_load(s.obj, err);
	if (r == 0)
		r = find(&s, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s.found.nr; i++)
		keep_watch_add(going, s.found.rows[i].id);
	if (!tool->json) {
		print_cgroup(tool, &s.found, false);
		fflush(tool->out);
	}
	r = sweep_out(&s, err);
	if (r == 0 && tool->json)
		print_cgroup(tool, &s.found, false);
	return r;
}

int run_detach(struct args *a, void *ctx, struct err *err)
{
	auto_release(attach_request_release) struct attach_request req;
	auto_keep_watch going = KEEP_WATCH_INIT;
	auto_close int cgroup_fd = -1;
	auto_free char *path = NULL;
	int r = parse_detach(a, &req, err);

	if (r == 0)
		r = run_cgroup_path(&req.cgroup, &path, err);
	if (r < 0)
		return r;
	cgroup_fd = cgroup_fd_open(path, err);
	if (cgroup_fd < 0)
		return cgroup_fd;
	if (req.object)
		r = detach_object(ctx, &req, path, cgroup_fd, &going, err);
	else if (req.by_link)
		r = detach_link(&req, path, cgroup_fd, &going, err);
	else
		r = detach_program(&req, path, cgroup_fd, &going, err);
	if (r < 0)
		return r;
	if (keep_is_used())
		keep_watch_drop(&going);
	if (!req.object)
		print_done(ctx);
	return 0;
}
