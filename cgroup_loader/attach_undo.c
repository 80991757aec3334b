/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>

#include "attach_undo.h"
#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"

/* The program that goes, kept open so that it can come back. */
static int keep_open(struct attach_step *step, uint32_t id, struct err *err)
{
	step->before_fd = prog_fd_by_id(id);
	if (step->before_fd >= 0)
		return 0;
	err_set(err, step->before_fd, "'%s': keep program id %u, to put it back in need",
		step->path, id);
	return caps_explain(err, CAPS_IDS);
}

/* Who holds the place alone now. A list that cannot be seen is the attach's to refuse. */
static int look_alone(const struct attach_undo *u, int cgroup_fd,
		      struct attach_step *step, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	struct bpf_prog_info info;

	if (u->alone || u->opts->flags & BPF_F_ALLOW_MULTI ||
	    cgroup_fd_query(cgroup_fd, u->type->value, false, &q) < 0 || q.nr != 1 ||
	    prog_fd_info(u->prog_fd, &info) < 0)
		return 0;
	step->unchanged = q.prog_ids[0] == info.id;
	if (step->unchanged || !u->opts->replace)
		return 0;
	return keep_open(step, q.prog_ids[0], err);
}

int attach_undo_add(struct attach_undo *u, const char *path, const struct again *again,
		    struct err *err)
{
	struct attach_step step = {.path = path, .before_fd = -1};
	struct cgroup_attach_opts opts = *u->opts;
	auto_close int fd = -1;
	int r;

	if (again->kind == AGAIN_SAME)
		return 0;
	fd = cgroup_fd_open(path, err);
	if (fd < 0)
		return fd;
	opts.revision = again->revision;
	if (again->kind == AGAIN_SWAP) {
		r = keep_open(&step, again->prog_id, err);
		opts.replace = false;
		opts.order = CGROUP_ORDER_NONE;
		opts.anchored = false;
		opts.swap = true;
		opts.swap_fd = step.before_fd;
		step.swapped = true;
	} else {
		r = look_alone(u, fd, &step, err);
	}
	if (r == 0)
		r = cgroup_fd_attach(fd, path, u->type, u->prog_fd, &opts, err);
	if (r < 0) {
		cleanup_close(&step.before_fd);
		return r;
	}
	array_grow(u->steps, u->nr);
	u->steps[u->nr++] = step;
	return 0;
}

static int attach_undo_take_back(const struct attach_undo *u,
				 const struct attach_step *step, struct err *err)
{
	int before = u->opts->swap ? u->opts->swap_fd : step->before_fd;
	struct cgroup_attach_opts opts = {.flags = u->opts->flags, .replace = true};
	auto_close int fd = -1;

	if (step->unchanged)
		return 0;
	fd = cgroup_fd_open(step->path, err);
	if (fd < 0)
		return fd;
	if (step->swapped || u->opts->swap) {
		opts.replace = false;
		opts.swap = true;
		opts.swap_fd = u->prog_fd;
	}
	if (before >= 0)
		return cgroup_fd_attach(fd, step->path, u->type, before, &opts, err);
	return cgroup_fd_detach(fd, step->path, u->type, u->prog_fd, err);
}

void attach_undo_forget(struct attach_undo *u)
{
	for (size_t i = 0; i < u->nr; i++)
		cleanup_close(&u->steps[i].before_fd);
	u->nr = 0;
}

void attach_undo_release(struct attach_undo *u)
{
	while (u->nr) {
		struct attach_step *step = &u->steps[--u->nr];
		auto_err err = ERR_INIT;

		/* A cgroup that is gone has nothing to take back. */
		if (attach_undo_take_back(u, step, &err) < 0 && err.code != -ENOENT &&
		    err.code != -ENODEV)
			log_warn("cannot be taken back: %s", err.text);
		cleanup_close(&step->before_fd);
	}
	free(u->steps);
}
