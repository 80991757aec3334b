/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "attach_links.h"
#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpf_fd.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"
#include "link_pin.h"
#include "load/new_pin.h"
#include "run.h"

/* The link that was looked at, if it is what the pin holds still. */
static int open_seen(const char *pin, const struct again *again, struct err *err)
{
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info;

	if (fd == -ENOENT || fd == -EMEDIUMTYPE)
		return err_set(err, -ESTALE, "link pinned '%s'", pin);
	if (fd < 0 || link_fd_info(fd, &info) < 0)
		return err_set(err, fd < 0 ? fd : -EIO, "link pinned '%s'", pin);
	if (info.id != again->link_id || info.prog_id != again->prog_id)
		return err_set(err, -ESTALE, "link pinned '%s'", pin);
	return take_fd(&fd);
}

static void remember_step(struct attach_links *l, const struct link_step *step)
{
	array_grow(l->steps, l->nr);
	l->steps[l->nr++] = *step;
}

static int attach_links_make_link(const struct attach_links *l, const char *path,
				  struct err *err)
{
	auto_close int fd = cgroup_fd_open(path, err);

	return fd < 0 ? fd : cgroup_fd_link(fd, path, l->type, l->prog_fd, l->opts, err);
}

static int add_new(const struct attach_links *l, const char *path, const char *pin,
		   struct err *err)
{
	auto_close int fd = attach_links_make_link(l, path, err);

	return fd < 0 ? fd : new_pin_make(l->txn, fd, 0, pin, err);
}

static int swap_program(struct attach_links *l, const char *pin,
			const struct again *again, struct err *err)
{
	auto_close int link_fd = open_seen(pin, again, err), before_fd = -1;
	int r;

	if (link_fd < 0)
		return link_fd;
	before_fd = prog_fd_by_id(again->prog_id);
	if (before_fd < 0) {
		err_set(err, before_fd,
			"pin '%s': keep program id %u, to put it back in need", pin,
			again->prog_id);
		return caps_explain(err, CAPS_IDS);
	}
	r = link_fd_update(link_fd, l->prog_fd, before_fd);
	if (r < 0) {
		run_explain_update(r, link_fd, l->prog_fd, err);
		return err_context(err, "pin '%s'", pin);
	}
	remember_step(l, &(struct link_step){.pin = pin,
					     .link_fd = take_fd(&link_fd),
					     .before_fd = take_fd(&before_fd)});
	return 0;
}

/* The new link is made first: if that is refused, the pin stays as it is. */
static int attach_links_revive(struct attach_links *l, const char *path, const char *pin,
			       const struct again *again, struct err *err)
{
	auto_close int dead_fd = open_seen(pin, again, err);
	auto_close int fd = dead_fd < 0 ? dead_fd : attach_links_make_link(l, path, err);
	struct link_step step = {.pin = pin, .before_fd = -1};
	auto_err ignored = ERR_INIT;
	int r = fd < 0 ? fd : bpf_fd_id(fd, &step.new_id);

	if (fd < 0)
		return fd;
	if (r < 0)
		return err_set(err, r, "read the link's info");
	r = link_pin_remove(pin, again->link_id, err);
	if (r < 0)
		return r;
	r = link_pin_make(pin, fd, err);
	if (r < 0) {
		if (link_pin_make(pin, dead_fd, &ignored) < 0)
			log_warn("pin '%s' of a link without a cgroup is gone", pin);
		return r;
	}
	step.link_fd = take_fd(&dead_fd);
	log_info("pin '%s': link id %u had lost its cgroup and is replaced", pin,
		 again->link_id);
	remember_step(l, &step);
	return 0;
}

int attach_links_add(struct attach_links *l, const char *path, const char *pin,
		     const struct again *again, struct err *err)
{
	switch (again->kind) {
	case AGAIN_SAME:
		return 0;
	case AGAIN_SWAP:
		return swap_program(l, pin, again, err);
	case AGAIN_REVIVE:
		return attach_links_revive(l, path, pin, again, err);
	case AGAIN_ATTACH:
		break;
	}
	return add_new(l, path, pin, err);
}

static void step_close(const struct link_step *step)
{
	cleanup_close(&step->link_fd);
	cleanup_close(&step->before_fd);
}

void attach_links_forget(struct attach_links *l)
{
	for (size_t i = 0; i < l->nr; i++)
		step_close(&l->steps[i]);
	l->nr = 0;
}

static int step_undo(const struct attach_links *l, const struct link_step *step,
		     struct err *err)
{
	int r;

	if (step->before_fd >= 0) {
		r = link_fd_update(step->link_fd, step->before_fd, l->prog_fd);
		/* A link whose cgroup went meanwhile has nothing to take back. */
		return r < 0 && r != -ENOLINK ? err_set(err, r, "pin '%s'", step->pin)
					      : 0;
	}
	r = link_pin_remove(step->pin, step->new_id, err);
	return r < 0 ? r : link_pin_make(step->pin, step->link_fd, err);
}

void attach_links_release(struct attach_links *l)
{
	while (l->nr) {
		const struct link_step *step = &l->steps[--l->nr];
		auto_err err = ERR_INIT;

		if (step_undo(l, step, &err) < 0)
			log_warn("cannot be taken back: %s", err.text);
		step_close(step);
	}
	free(l->steps);
}
