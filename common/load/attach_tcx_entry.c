/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/undo.h"
#include "load/attach_tcx.h"
#include "netlink/nl_link.h"

/* What one attachment did, and the way back. */
struct tcx_step {
	struct dev_hook hook;
	int prog_fd;   /* borrowed */
	int before_fd; /* owned: what was in its place; -1: nothing */
};

static void tcx_step_drop(void *data)
{
	struct tcx_step *step = data;

	cleanup_close(&step->before_fd);
	free(step);
}

static void tcx_step_freep(struct tcx_step **step)
{
	if (*step)
		tcx_step_drop(*step);
}

static int tcx_step_undo(void *data, struct err *err)
{
	const struct tcx_step *step = data;

	return dev_attach_undo(&step->hook, step->prog_fd, step->before_fd, err);
}

static int tcx_refused(const struct attach_tcx *at, size_t i, int code, struct err *err)
{
	const char *dev = at->devs[i].name, *hook = dev_hook_name(at->attach_type);

	switch (code) {
	case -EEXIST:
		return err_say(err, code, "'%s': %s has that very program already", dev,
			       hook);
	case -ERANGE:
		return err_say(err, code,
			       "'%s': %s is full: the kernel takes %d programs in a list",
			       dev, hook, DEV_QUERY_MAX);
	case -EINVAL:
		return err_say(
			err, code,
			"'%s': the kernel refuses the program: %s takes type sched_cls",
			dev, hook);
	default:
		err_set(err, code, "'%s': attach to %s", dev, hook);
		return caps_explain(err, CAPS_ATTACH);
	}
}

/* The program that goes, kept open so that it can come back. */
static int tcx_keep_open(const struct attach_tcx *at, size_t i, int *ret, struct err *err)
{
	uint32_t id = at->found[i].prog_id;
	int fd = prog_fd_by_id(id);

	if (fd == -ENOENT)
		return err_set(err, -ESTALE, "'%s'", at->devs[i].name);
	if (fd < 0) {
		err_set(err, fd, "'%s': keep program id %u, to put it back in need",
			at->devs[i].name, id);
		return caps_explain(err, CAPS_IDS);
	}
	*ret = fd;
	return 0;
}

int attach_tcx_entry(const struct attach_tcx *at, size_t i, struct err *err)
{
	const struct again *again = &at->found[i];
	auto_release(tcx_step_freep) struct tcx_step *step = xcalloc(1, sizeof(*step));
	struct dev_attach_opts opts = at->opts;
	int r = 0;

	*step = (struct tcx_step){.hook = {at->devs[i].ifindex, at->attach_type},
				  .prog_fd = at->prog_fd,
				  .before_fd = -1};
	opts.revision = again->revision;
	if (again->kind == AGAIN_SWAP)
		r = tcx_keep_open(at, i, &step->before_fd, err);
	if (r < 0)
		return r;
	undo_reserve(pin_txn_undo(at->txn));
	r = again->kind == AGAIN_SWAP ? dev_attach_over(&step->hook, at->prog_fd,
							step->before_fd, again->revision)
				      : dev_attach(&step->hook, at->prog_fd, &opts);
	if (r == -ESTALE)
		return err_set(err, r, "'%s'", at->devs[i].name);
	if (r < 0)
		return tcx_refused(at, i, r, err);
	undo_push(pin_txn_undo(at->txn), tcx_step_undo, take_ptr(step), tcx_step_drop);
	return 0;
}
