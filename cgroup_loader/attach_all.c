/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach_all.h"
#include "attach_links.h"
#include "attach_undo.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/cgroup_fd.h"
#include "kernel/stop_hold.h"

/* How often somebody else may change a list between the look and the attach. */
enum { LOOK_TRIES = 32 };

/* --- pins of links ---------------------------------------- */

/* Names in bpffs have no dots: DIR/a_service/b for the cgroup ROOT/a.service/b. */
static char *plain_pin(const struct attach_all *all, const char *cgroup)
{
	char *path = all->root ? xasprintf("%s%s", all->req->link_pin,
					   cgroup + strlen(all->root))
			       : xstrdup(all->req->link_pin);

	for (char *c = path + strlen(all->req->link_pin); *c; c++)
		if (*c == '.')
			*c = '_';
	return path;
}

/* Where two cgroups would get one name: "x.y" is x%2ey, "x_y" is x%5fy. */
static char *escaped_pin(const struct attach_all *all, const char *cgroup)
{
	struct strbuf path = STRBUF_INIT;

	sb_add(&path, all->req->link_pin);
	for (const char *c = cgroup + strlen(all->root); *c; c++) {
		if (strchr("._%", *c))
			sb_addf(&path, "%%%02x", (unsigned char)*c);
		else
			sb_add_char(&path, *c);
	}
	return sb_take(&path);
}

/* Does another cgroup of this request have that pin, or, spelled like it, claim to it? */
static bool is_claimed(const struct attach_all *all, size_t self, const char *pin)
{
	size_t prefix = strlen(all->req->link_pin), root = strlen(all->root);

	for (size_t i = 0; i < all->cgroups->nr; i++) {
		if (i == self)
			continue;
		if (all->pins[i] && strcmp(all->pins[i], pin) == 0)
			return true;
		if (strcmp(all->cgroups->items[i] + root, pin + prefix) == 0)
			return true;
	}
	return false;
}

/* The pin that serves the cgroup already, else the first of its names that is free. */
static char *choose_pin(const struct attach_all *all, size_t i, int cgroup_fd)
{
	const char *cgroup = all->cgroups->items[i];
	auto_free char *plain = plain_pin(all, cgroup), *escaped = NULL;
	enum again_pin of_plain;

	if (!all->root)
		return take_ptr(plain);
	of_plain = again_probe_pin(&all->want, cgroup_fd, plain);
	if (of_plain == AGAIN_PIN_HERE)
		return take_ptr(plain);
	escaped = escaped_pin(all, cgroup);
	if (strcmp(plain, escaped) == 0)
		return take_ptr(plain);
	if (again_probe_pin(&all->want, cgroup_fd, escaped) == AGAIN_PIN_HERE ||
	    of_plain == AGAIN_PIN_TAKEN || is_claimed(all, i, plain))
		return take_ptr(escaped);
	return take_ptr(plain);
}

/* --- look ------------------------------------------------- */

static int look_at(struct attach_all *all, size_t i, struct err *err)
{
	const char *cgroup = all->cgroups->items[i];
	auto_close int fd = cgroup_fd_open(cgroup, err);

	if (fd < 0)
		return fd;
	if (!all->req->link_pin)
		return again_look(&all->want, fd, cgroup, &all->found[i], err);
	if (!all->pins[i])
		all->pins[i] = choose_pin(all, i, fd);
	return again_look_link(&all->want, fd, all->pins[i], &all->found[i], err);
}

int attach_all_look(struct attach_all *all, struct err *err)
{
	int r = 0;

	all->want.links = &all->links;
	all->found = xcalloc(all->cgroups->nr, sizeof(*all->found));
	all->pins = xcalloc(all->cgroups->nr, sizeof(*all->pins));
	for (size_t i = 0; i < all->cgroups->nr && r == 0; i++) {
		/* bpftool's lines are the kernel's to judge, and need no look. */
		if (all->want.obj || all->req->link_pin)
			r = look_at(all, i, err);
		all->nr_missing += all->found[i].kind != AGAIN_SAME;
	}
	return r;
}

/* --- act -------------------------------------------------- */

struct attach_act {
	struct attach_all *all;
	struct attach_undo undo;
	struct attach_links links;
};

static void act_release(struct attach_act *act)
{
	attach_undo_release(&act->undo);
	attach_links_release(&act->links);
}

/* Somebody else was faster: no matter, if it is the same program. */
static bool is_there_by_now(struct attach_all *all, size_t i)
{
	auto_err err = ERR_INIT;

	return all->want.obj && look_at(all, i, &err) == 0 &&
	       all->found[i].kind == AGAIN_SAME;
}

static int act_on(struct attach_act *act, size_t i, struct err *err)
{
	struct attach_all *all = act->all;
	const char *cgroup = all->cgroups->items[i];
	int r = stop_hold_check(err);

	for (int tries = 0; r == 0 && tries < LOOK_TRIES; tries++) {
		if (all->req->link_pin)
			r = attach_links_add(&act->links, cgroup, all->pins[i],
					     &all->found[i], err);
		else
			r = attach_undo_add(&act->undo, cgroup, &all->found[i], err);
		if (r == -EEXIST && is_there_by_now(all, i)) {
			err_release(err);
			return 0;
		}
		if (r != -ESTALE)
			return r;
		err_release(err);
		r = look_at(all, i, err);
		if (r == 0 && tries == LOOK_TRIES - 1)
			return err_set(err, -ESTALE, "'%s'", cgroup);
	}
	return r;
}

int attach_all_run(struct attach_all *all, struct err *err)
{
	auto_release(act_release) struct attach_act act = {
		.all = all,
		.undo = {.type = all->want.type,
			 .prog_fd = all->want.prog_fd,
			 .opts = all->opts,
			 .alone = all->cgroups->nr == 1},
		.links = {.type = all->want.type,
			  .prog_fd = all->want.prog_fd,
			  .opts = all->opts,
			  .txn = all->txn},
	};
	int r = 0;

	for (size_t i = 0; i < all->cgroups->nr && r == 0; i++)
		r = act_on(&act, i, err);
	if (r == 0)
		r = stop_hold_check(err);
	if (r < 0)
		return r;
	attach_undo_forget(&act.undo);
	attach_links_forget(&act.links);
	return 0;
}

void attach_all_say(const struct attach_all *all)
{
	const struct attach_request *req = all->req;
	size_t nr = all->cgroups->nr, same = 0;
	const struct again *first = all->found;

	for (size_t i = 0; i < nr; i++)
		same += all->found[i].kind == AGAIN_SAME;
	if (req->each && same)
		log_info("attached to %zu cgroups, already attached to %zu", nr - same,
			 same);
	else if (req->each)
		log_info("attached to %zu cgroups", nr);
	else if (same)
		log_info("already attached (id %u)%s", first->prog_id,
			 req->before || req->after || req->preorder
				 ? "; its position is left as it is"
				 : "");
}

void attach_all_release(struct attach_all *all)
{
	for (size_t i = 0; all->pins && i < all->cgroups->nr; i++)
		free(all->pins[i]);
	free(all->pins);
	free(all->found);
	cgroup_links_release(&all->links);
}
