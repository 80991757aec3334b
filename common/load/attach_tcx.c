/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/attach_link.h"
#include "load/attach_tcx.h"
#include "load/keep.h"
#include "load/tcx_move.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_link.h"

/* How often somebody else may change a list between the look and the attach. */
enum { TCX_TRIES = 32 };

struct tcx_link {
	const struct attach_tcx *at;
	size_t i;
};

static int tcx_link_open(const struct attach_link *link, struct err *err)
{
	const struct tcx_link *in = link->ctx;
	const struct attach_tcx *at = in->at;
	const struct nl_link *dev = &at->devs[in->i];
	const struct dev_hook hook = {dev->ifindex, at->attach_type};
	struct dev_attach_opts opts = at->opts;
	int fd;

	opts.revision = at->found[in->i].revision;
	fd = dev_attach_link(&hook, at->prog_fd, &opts);
	if (fd == -ERANGE)
		return err_say(err, fd,
			       "'%s': %s is full: the kernel takes %d programs in a list",
			       dev->name, dev_hook_name(at->attach_type), DEV_QUERY_MAX);
	if (fd == -EINVAL)
		return err_say(
			err, fd,
			"'%s': the kernel refuses the link: %s takes type sched_cls",
			dev->name, dev_hook_name(at->attach_type));
	if (fd < 0) {
		err_set(err, fd, "'%s': link at %s", dev->name,
			dev_hook_name(at->attach_type));
		return caps_explain(err, CAPS_ATTACH);
	}
	return fd;
}

static int tcx_make(const struct attach_tcx *at, size_t i, struct err *err)
{
	const struct tcx_link in = {.at = at, .i = i};
	const struct attach_link link = {.prog_fd = at->prog_fd,
					 .txn = at->txn,
					 .pin = at->pins[i],
					 .target = "device",
					 .open = tcx_link_open,
					 .ctx = &in};

	if (at->found[i].kind == AGAIN_SAME)
		return 0;
	return at->link_pin ? attach_link(&link, &at->found[i], err)
			    : attach_tcx_entry(at, i, err);
}

/* Somebody else was faster, and he may have brought the very program. */
static int tcx_act_on(struct attach_tcx *at, size_t i, struct err *err)
{
	int r = stop_hold_check(err);

	for (int tries = 0; r == 0 && tries < TCX_TRIES; tries++) {
		r = tcx_make(at, i, err);
		if (r != -ESTALE)
			return r;
		err_release(err);
		r = attach_tcx_look_at(at, i, err);
		if (r == 0 && tries == TCX_TRIES - 1)
			return err_say(
				err, -ESTALE,
				"'%s': %s is being changed all the time; try again",
				at->devs[i].name, dev_hook_name(at->attach_type));
	}
	return r;
}

/* Everything is attached before the first filter of clsact goes. */
static int tcx_act(struct attach_tcx *at, struct err *err)
{
	int r = 0;

	if (at->obj && at->nr_missing)
		r = keep_prog_arrays(at->obj, at->prog, at->may_mount, err);
	for (size_t i = 0; i < at->nr_devs && r == 0; i++)
		r = tcx_act_on(at, i, err);
	for (size_t i = 0; i < at->nr_devs && r == 0; i++)
		r = tcx_move_drop(at, i, err);
	/* Where it is all there is to do, it is done. */
	if (r == 0 && !(at->last && at->nr_devs == 1))
		r = stop_hold_check(err);
	return r;
}

int attach_tcx_run(struct attach_tcx *at, struct err *err)
{
	struct undo *undo = pin_txn_undo(at->txn);
	size_t depth = undo_depth(undo);
	auto_err why = ERR_INIT;
	int r = tcx_act(at, err);

	if (r < 0 && undo_rewind(undo, depth, &why) < 0)
		log_warn("%s", why.text);
	return r;
}

void attach_tcx_say(const struct attach_tcx *at)
{
	size_t same = 0;

	for (size_t i = 0; i < at->nr_devs; i++)
		same += at->found[i].kind == AGAIN_SAME;
	if (!same)
		return;
	if (at->nr_devs > 1)
		log_info("attached to %zu interfaces, already attached to %zu",
			 at->nr_devs - same, same);
	else
		log_info("already attached (id %u)%s", at->found[0].prog_id,
			 at->opts.order != DEV_ORDER_NONE
				 ? "; its position is left as it is"
				 : "");
}

void attach_tcx_release(struct attach_tcx *at)
{
	for (size_t i = 0; i < at->nr_devs && at->pins; i++)
		free(at->pins[i]);
	for (size_t i = 0; i < at->nr_devs && at->moves; i++)
		nl_filter_release(&at->moves[i]);
	free(at->pins);
	free(at->moves);
	free(at->found);
}
