/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpf_fd.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"
#include "load/attach_link.h"
#include "load/new_pin.h"

/* What was done to a link that was there, and the way back. */
struct link_step {
	char *pin;
	int link_fd;     /* owned: the link that was there */
	int before_fd;   /* owned: its program; -1: it was dead, and its pin is now */
	int prog_fd;     /* borrowed: what it got */
	uint32_t new_id; /* that of the new link */
};

/* The link that was looked at, if it is what the pin holds still. */
static int open_seen(const char *pin, const struct again *again, struct err *err)
{
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info;
	int r;

	if (fd == -ENOENT || fd == -EMEDIUMTYPE)
		return err_set(err, -ESTALE, "link pinned '%s'", pin);
	r = fd < 0 ? fd : link_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	if (info.id != again->link_id || info.prog_id != again->prog_id)
		return err_set(err, -ESTALE, "link pinned '%s'", pin);
	return take_fd(&fd);
}

static void link_step_drop(void *data)
{
	struct link_step *step = data;

	cleanup_close(&step->link_fd);
	cleanup_close(&step->before_fd);
	free(step->pin);
	free(step);
}

static int link_step_undo(void *data, struct err *err)
{
	const struct link_step *step = data;
	int r;

	if (step->before_fd >= 0) {
		r = link_fd_update(step->link_fd, step->before_fd, step->prog_fd);
		/* A link whose cgroup went meanwhile has nothing to take back. */
		return r < 0 && r != -ENOLINK ? err_set(err, r, "pin '%s'", step->pin)
					      : 0;
	}
	/* It may be that the new one was never made. */
	r = link_pin_remove(step->pin, step->new_id, err);
	if (r < 0 && r != -ENOENT)
		return r;
	err_release(err);
	return link_pin_make(step->pin, step->link_fd, err);
}

static void link_step_freep(struct link_step **step)
{
	if (*step)
		link_step_drop(*step);
}

/* Before the link is touched: link_step_push() allocates nothing then. */
static struct link_step *link_step_new(const struct attach_link *link)
{
	auto_release(link_step_freep) struct link_step *step = xcalloc(1, sizeof(*step));

	step->link_fd = step->before_fd = -1;
	step->prog_fd = link->prog_fd;
	step->pin = xstrdup(link->pin);
	undo_reserve(pin_txn_undo(link->txn));
	return take_ptr(step);
}

static void link_step_push(const struct attach_link *link, struct link_step *step)
{
	undo_push(pin_txn_undo(link->txn), link_step_undo, step, link_step_drop);
}

static int link_add_new(const struct attach_link *link, struct err *err)
{
	auto_close int fd = link->open(link, err);

	return fd < 0 ? fd : new_pin_make(link->txn, fd, 0, link->pin, err);
}

static int swap_program(const struct attach_link *link, const struct again *again,
			struct err *err)
{
	auto_close int link_fd = open_seen(link->pin, again, err), before_fd = -1;
	auto_release(link_step_freep) struct link_step *step = NULL;
	int r;

	if (link_fd < 0)
		return link_fd;
	before_fd = prog_fd_by_id(again->prog_id);
	if (before_fd < 0) {
		err_set(err, before_fd,
			"pin '%s': keep program id %u, to put it back in need", link->pin,
			again->prog_id);
		return caps_explain(err, CAPS_IDS);
	}
	step = link_step_new(link);
	r = link_fd_update(link_fd, link->prog_fd, before_fd);
	if (r < 0) {
		link_fd_explain_update(r, link_fd, link->prog_fd, before_fd, err);
		return err_context(err, "pin '%s'", link->pin);
	}
	step->link_fd = take_fd(&link_fd);
	step->before_fd = take_fd(&before_fd);
	link_step_push(link, take_ptr(step));
	return 0;
}

/* The new link is made first: if that is refused, the pin stays as it is. */
static int attach_link_revive(const struct attach_link *link, const struct again *again,
			      struct err *err)
{
	auto_close int dead_fd = open_seen(link->pin, again, err);
	auto_close int fd = dead_fd < 0 ? dead_fd : link->open(link, err);
	auto_release(link_step_freep) struct link_step *step = NULL;
	size_t depth = undo_depth(pin_txn_undo(link->txn));
	auto_err ignored = ERR_INIT;
	int r;

	if (fd < 0)
		return fd;
	step = link_step_new(link);
	r = bpf_fd_id(fd, &step->new_id);
	if (r < 0)
		return err_set(err, r, "read the link's info");
	r = link_pin_remove(link->pin, again->link_id, err);
	if (r < 0)
		return r;
	step->link_fd = take_fd(&dead_fd);
	/* Here already: from now on the old pin is to come back. */
	link_step_push(link, take_ptr(step));
	r = link_pin_make(link->pin, fd, err);
	if (r == 0)
		log_info("pin '%s': link id %u had lost its %s and is replaced",
			 link->pin, again->link_id, link->target);
	else if (undo_rewind(pin_txn_undo(link->txn), depth, &ignored) < 0)
		log_warn("pin '%s' of a link without a %s is gone", link->pin,
			 link->target);
	return r;
}

int attach_link(const struct attach_link *link, const struct again *again,
		struct err *err)
{
	switch (again->kind) {
	case AGAIN_SAME:
		return 0;
	case AGAIN_SWAP:
		return swap_program(link, again, err);
	case AGAIN_REVIVE:
		return attach_link_revive(link, again, err);
	case AGAIN_ATTACH:
		break;
	}
	return link_add_new(link, err);
}

/* --- of a cgroup ------------------------------------------ */

struct link_in_cgroup {
	const struct attach_cgroup *at;
	const char *path;
};

static int link_open_in_cgroup(const struct attach_link *link, struct err *err)
{
	const struct link_in_cgroup *in = link->ctx;
	auto_close int opened =
		in->at->is_open ? -1 : attach_cgroup_open(in->at, in->path, err);
	int fd = in->at->is_open ? in->at->fd : opened;

	return fd < 0 ? fd
		      : cgroup_fd_link(fd, in->path, in->at->want.type,
				       in->at->want.prog_fd, in->at->opts, err);
}

int attach_link_make(const struct attach_cgroup *at, const char *path, const char *pin,
		     const struct again *again, struct err *err)
{
	const struct link_in_cgroup in = {.at = at, .path = path};
	const struct attach_link link = {.prog_fd = at->want.prog_fd,
					 .txn = at->txn,
					 .pin = pin,
					 .target = "cgroup",
					 .open = link_open_in_cgroup,
					 .ctx = &in};

	return attach_link(&link, again, err);
}
