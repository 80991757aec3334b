/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "kernel/cgroup_near.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"

/* What one attachment did, and the way back. */
struct entry_step {
	const struct attach_type *type;
	int prog_fd; /* borrowed */
	struct cgroup_attach_opts opts;
	char *path;
	int before_fd;  /* owned: what was in this place; -1: nothing */
	bool swapped;   /* in a multi list */
	bool unchanged; /* the program was there already */
};

static void entry_step_drop(void *data)
{
	struct entry_step *step = data;

	cleanup_close(&step->before_fd);
	free(step->path);
	free(step);
}

static void entry_step_freep(struct entry_step **step)
{
	if (*step)
		entry_step_drop(*step);
}

/* The program that goes, kept open so that it can come back. */
static int keep_open(struct entry_step *step, uint32_t id, struct err *err)
{
	step->before_fd = prog_fd_by_id(id);
	if (step->before_fd >= 0)
		return 0;
	err_set(err, step->before_fd, "'%s': keep program id %u, to put it back in need",
		step->path, id);
	return caps_explain(err, CAPS_IDS);
}

/* A list that nobody may see, or that is not there, is the attach's to refuse. */
static bool entry_is_unseen(int code)
{
	return code == -EPERM || code == -EINVAL || code == -ENODEV;
}

/* Who holds the place alone now, to be kept for the way back. */
static int look_alone(const struct attach_cgroup *at, int cgroup_fd,
		      struct entry_step *step, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	struct bpf_prog_info info;
	int r;

	if (attach_cgroup_ends_all(at) || step->opts.flags & BPF_F_ALLOW_MULTI)
		return 0;
	r = cgroup_fd_query(cgroup_fd, step->type->value, false, &q);
	if (r < 0)
		return entry_is_unseen(r)
			       ? 0
			       : cgroup_refusal_unseen(step->path, step->type, r, err);
	if (q.nr != 1)
		return 0;
	r = prog_fd_info(step->prog_fd, &info);
	if (r < 0)
		return err_set(err, r, "read the program's info");
	step->unchanged = q.prog_ids[0] == info.id;
	if (step->unchanged || !step->opts.replace)
		return 0;
	return keep_open(step, q.prog_ids[0], err);
}

/*
 * Is it what was put there? 1, 0: what somebody else put in its place by now is his; -errno where
 * that cannot be told. In a list of many the kernel compares.
 */
static int entry_is_ours(const struct entry_step *step, int cgroup_fd)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	struct bpf_prog_info info;
	int r = cgroup_fd_query(cgroup_fd, step->type->value, false, &q);

	if (r == 0)
		r = prog_fd_info(step->prog_fd, &info);
	return r < 0 ? r : cgroup_holds(&q, info.id);
}

static int entry_take_back(const struct entry_step *step, struct err *err)
{
	int before = step->opts.swap ? step->opts.swap_fd : step->before_fd;
	struct cgroup_attach_opts opts = {.flags = step->opts.flags, .replace = true};
	auto_close int fd = cgroup_fd_open(step->path, err);
	int r = 1;

	if (fd < 0)
		return fd;
	if (step->swapped || step->opts.swap) {
		opts.replace = false;
		opts.swap = true;
		opts.swap_fd = step->prog_fd;
	}
	if (before >= 0 && !opts.swap)
		r = entry_is_ours(step, fd);
	if (r < 0)
		return err_set(
			err, r,
			"'%s': %s may have the new program still, since what it has cannot be looked at",
			step->path, step->type->name);
	if (r == 0)
		return 0;
	if (before >= 0)
		return cgroup_fd_attach(fd, step->path, step->type, before, &opts, err);
	return cgroup_fd_detach(fd, step->path, step->type, step->prog_fd, err);
}

static int entry_step_undo(void *data, struct err *err)
{
	const struct entry_step *step = data;
	int r = step->unchanged ? 0 : entry_take_back(step, err);

	/* A cgroup that is gone has nothing to take back. */
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int attach_cgroup_open(const struct attach_cgroup *at, const char *path, struct err *err)
{
	auto_close int fd = at->near ? cgroup_near_open(at->near, path, err)
				     : cgroup_fd_open(path, err);
	uint64_t id;
	int r;

	if (fd < 0 || !at->id)
		return take_fd(&fd);
	r = cgroup_id_get(fd, &id);
	if (r < 0)
		return err_set(err, r, "cgroup '%s'", path);
	if (id != at->id)
		return err_say(err, -ESTALE, "cgroup '%s' is another one by now", path);
	return take_fd(&fd);
}

int attach_entry_make(const struct attach_cgroup *at, const char *path,
		      const struct again *again, struct err *err)
{
	auto_release(entry_step_freep) struct entry_step *step = NULL;
	struct cgroup_attach_opts opts = *at->opts;
	bool alone = attach_cgroup_ends_all(at);
	auto_close int opened = -1;
	int fd, r;

	if (again->kind == AGAIN_SAME)
		return 0;
	fd = at->is_open ? at->fd : (opened = attach_cgroup_open(at, path, err));
	if (fd < 0)
		return fd;
	step = xcalloc(1, sizeof(*step));
	*step = (struct entry_step){.type = at->want.type,
				    .prog_fd = at->want.prog_fd,
				    .opts = *at->opts,
				    .before_fd = -1};
	step->path = xstrdup(path);
	opts.revision = again->revision;
	if (again->kind == AGAIN_SWAP) {
		r = keep_open(step, again->prog_id, err);
		opts.replace = false;
		opts.order = CGROUP_ORDER_NONE;
		opts.anchored = false;
		opts.swap = true;
		opts.swap_fd = step->before_fd;
		step->swapped = true;
	} else {
		r = look_alone(at, fd, step, err);
	}
	if (!alone)
		undo_reserve(pin_txn_undo(at->txn));
	if (r == 0)
		r = cgroup_fd_attach(fd, path, step->type, step->prog_fd, &opts, err);
	if (r < 0 || alone)
		return r;
	undo_push(pin_txn_undo(at->txn), entry_step_undo, take_ptr(step),
		  entry_step_drop);
	return 0;
}
