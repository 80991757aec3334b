/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>

#include "attach_undo.h"
#include "base/alloc.h"
#include "base/log.h"
#include "format/attach_types.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"

/* Who holds the place alone now. A list that cannot be seen is the attach's to refuse. */
static int look(const struct attach_undo *u, int cgroup_fd, struct attach_step *step,
		struct err *err)
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
	step->evicted_fd = prog_fd_by_id(q.prog_ids[0]);
	if (step->evicted_fd >= 0)
		return 0;
	err_set(err, step->evicted_fd, "'%s': keep program id %u, to put it back in need",
		step->path, q.prog_ids[0]);
	return caps_explain(err, CAPS_IDS);
}

int attach_undo_add(struct attach_undo *u, const char *path, struct err *err)
{
	auto_close int fd = cgroup_fd_open(path, err);
	struct attach_step step = {.path = path, .evicted_fd = -1};
	int r;

	if (fd < 0)
		return fd;
	r = look(u, fd, &step, err);
	if (r == 0)
		r = cgroup_fd_attach(fd, path, u->type, u->prog_fd, u->opts, err);
	if (r < 0) {
		cleanup_close(&step.evicted_fd);
		return r;
	}
	array_grow(u->steps, u->nr);
	u->steps[u->nr++] = step;
	return 0;
}

static int take_back(const struct attach_undo *u, const struct attach_step *step,
		     struct err *err)
{
	struct cgroup_attach_opts opts = {.flags = u->opts->flags, .replace = true};
	auto_close int fd = -1;

	if (step->unchanged)
		return 0;
	fd = cgroup_fd_open(step->path, err);
	if (fd < 0)
		return fd;
	if (u->opts->swap) {
		opts.replace = false;
		opts.swap = true;
		opts.swap_fd = u->prog_fd;
		return cgroup_fd_attach(fd, step->path, u->type, u->opts->swap_fd, &opts,
					err);
	}
	if (step->evicted_fd >= 0)
		return cgroup_fd_attach(fd, step->path, u->type, step->evicted_fd, &opts,
					err);
	return cgroup_fd_detach(fd, step->path, u->type, u->prog_fd, err);
}

void attach_undo_forget(struct attach_undo *u)
{
	for (size_t i = 0; i < u->nr; i++)
		cleanup_close(&u->steps[i].evicted_fd);
	u->nr = 0;
}

void attach_undo_release(struct attach_undo *u)
{
	while (u->nr) {
		struct attach_step *step = &u->steps[--u->nr];
		auto_err err = ERR_INIT;

		/* A cgroup that is gone has nothing to take back. */
		if (take_back(u, step, &err) < 0 && err.code != -ENOENT &&
		    err.code != -ENODEV)
			log_warn("cannot be taken back: %s", err.text);
		cleanup_close(&step->evicted_fd);
	}
	free(u->steps);
}
