/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_near.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"
#include "load/keep.h"

/* How often somebody else may change a list between the look and the attach. */
enum { LOOK_TRIES = 32 };

/* In a name of a cgroup; '.' is no character of a name in bpffs. */
#define TO_ESCAPE "._%"

/* --- pins of links ---------------------------------------- */

/* Names in bpffs have no dots: DIR/a_service/b for the cgroup ROOT/a.service/b. */
static char *plain_pin(const struct attach_cgroup *at, const char *cgroup)
{
	struct strbuf path = STRBUF_INIT;
	size_t prefix;

	sb_add(&path, at->link_pin);
	prefix = path.len;
	if (at->root)
		sb_add(&path, cgroup + strlen(at->root));
	for (char *c = path.text + prefix; *c; c++)
		if (*c == '.')
			*c = '_';
	return sb_take(&path);
}

/* Where two cgroups would get one name: "x.y" is x%2ey, "x_y" is x%5fy. */
static char *escaped_pin(const struct attach_cgroup *at, const char *cgroup)
{
	struct strbuf path = STRBUF_INIT;

	sb_add(&path, at->link_pin);
	for (const char *c = cgroup + strlen(at->root); *c; c++) {
		if (strchr(TO_ESCAPE, *c))
			sb_addf(&path, "%%%02x", (unsigned char)*c);
		else
			sb_add_char(&path, *c);
	}
	return sb_take(&path);
}

/* Does another cgroup of this request have that pin, or, spelled like it, claim to it? */
static bool is_claimed(struct attach_cgroup *at, size_t self, const char *pin)
{
	size_t prefix = strlen(at->link_pin), root = strlen(at->root);

	if (!at->names.nr)
		for (size_t i = 0; i < at->cgroups->nr; i++)
			text_set_add(&at->names, at->cgroups->items[i] + root);
	return text_set_has(&at->chosen, pin) ||
	       (strcmp(at->cgroups->items[self] + root, pin + prefix) != 0 &&
		text_set_has(&at->names, pin + prefix));
}

/* enum again_pin, -errno. fd: of the cgroup, opened where that is needed. */
static int probe_pin(struct attach_cgroup *at, const char *cgroup, int *fd,
		     const char *pin, struct err *err)
{
	if (!pin_taken_may_have(&at->taken, pin))
		return AGAIN_PIN_NONE;
	if (*fd < 0)
		*fd = cgroup_fd_open(cgroup, err);
	return *fd < 0 ? *fd : again_probe_pin(&at->want, *fd, pin, err);
}

/*
 * The pin that serves the cgroup already, else the first of its names that is free, into
 * at->pins. Returned is what is there under that name, enum again_pin: AGAIN_PIN_TAKEN also where
 * nobody has looked; -errno.
 */
static int choose_pin(struct attach_cgroup *at, size_t i, int *fd, struct err *err)
{
	const char *cgroup = at->cgroups->items[i];
	auto_free char *plain = plain_pin(at, cgroup), *escaped = NULL;
	int of_plain, of_escaped;

	of_plain = at->root ? probe_pin(at, cgroup, fd, plain, err) : AGAIN_PIN_TAKEN;
	if (of_plain < 0)
		return of_plain;
	/* Without such a character it has one name only. */
	if (!at->root || of_plain == AGAIN_PIN_HERE ||
	    !strpbrk(cgroup + strlen(at->root), TO_ESCAPE)) {
		at->pins[i] = take_ptr(plain);
		return of_plain;
	}
	escaped = escaped_pin(at, cgroup);
	of_escaped = probe_pin(at, cgroup, fd, escaped, err);
	if (of_escaped < 0)
		return of_escaped;
	if (of_escaped != AGAIN_PIN_HERE && of_plain != AGAIN_PIN_TAKEN &&
	    !is_claimed(at, i, plain)) {
		at->pins[i] = take_ptr(plain);
		return of_plain;
	}
	at->pins[i] = take_ptr(escaped);
	return of_escaped;
}

/* --- look ------------------------------------------------- */

static int look_at_link(struct attach_cgroup *at, size_t i, struct err *err)
{
	const char *cgroup = at->cgroups->items[i];
	auto_close int fd = -1;
	int of_pin = AGAIN_PIN_TAKEN;

	if (!at->pins[i]) {
		of_pin = choose_pin(at, i, &fd, err);
		if (of_pin < 0)
			return of_pin;
		text_set_add(&at->chosen, at->pins[i]);
	}
	at->found[i] = (struct again){.kind = AGAIN_ATTACH};
	if (of_pin == AGAIN_PIN_NONE)
		return 0;
	if (fd < 0)
		fd = cgroup_fd_open(cgroup, err);
	return fd < 0 ? fd
		      : again_look_link(&at->want, fd, at->pins[i], &at->found[i], err);
}

static int look_at(struct attach_cgroup *at, size_t i, struct err *err)
{
	const char *cgroup = at->cgroups->items[i];
	auto_close int fd = -1;

	if (at->link_pin)
		return look_at_link(at, i, err);
	fd = cgroup_fd_open(cgroup, err);
	return fd < 0 ? fd : again_look(&at->want, fd, cgroup, &at->found[i], err);
}

int attach_cgroup_look(struct attach_cgroup *at, struct err *err)
{
	int r = 0;

	at->want.links = &at->links;
	at->found = xcalloc(at->cgroups->nr, sizeof(*at->found));
	at->pins = xcalloc(at->cgroups->nr, sizeof(*at->pins));
	for (size_t i = 0; i < at->cgroups->nr && r == 0; i++) {
		/* bpftool's lines are the kernel's to judge, and need no look. */
		if (at->want.obj || at->link_pin)
			r = look_at(at, i, err);
		at->nr_missing += at->found[i].kind != AGAIN_SAME;
	}
	return r;
}

/* --- act -------------------------------------------------- */

/* Somebody else was faster: no matter, if it is the same program. */
static bool is_there_by_now(struct attach_cgroup *at, size_t i)
{
	auto_err err = ERR_INIT;

	return at->want.obj && look_at(at, i, &err) == 0 &&
	       at->found[i].kind == AGAIN_SAME;
}

static int act_on(struct attach_cgroup *at, size_t i, struct err *err)
{
	const char *cgroup = at->cgroups->items[i];
	int r = stop_hold_check(err);

	for (int tries = 0; r == 0 && tries < LOOK_TRIES; tries++) {
		r = at->link_pin ? attach_link_make(at, cgroup, at->pins[i],
						    &at->found[i], err)
				 : attach_entry_make(at, cgroup, &at->found[i], err);
		if (r == -EEXIST && is_there_by_now(at, i)) {
			err_release(err);
			return 0;
		}
		if (r != -ESTALE)
			return r;
		err_release(err);
		r = look_at(at, i, err);
		if (r == 0 && tries == LOOK_TRIES - 1)
			return err_set(err, -ESTALE, "'%s'", cgroup);
	}
	return r;
}

static void attach_cgroup_rewind(const struct attach_cgroup *at, size_t depth)
{
	auto_err why = ERR_INIT;

	if (undo_rewind(pin_txn_undo(at->txn), depth, &why) < 0)
		log_warn("%s", why.text);
}

int attach_cgroup_run(struct attach_cgroup *at, struct err *err)
{
	auto_release(cgroup_near_release) struct cgroup_near near = CGROUP_NEAR_INIT;
	size_t depth = undo_depth(pin_txn_undo(at->txn));
	int r = 0;

	at->near = at->root ? &near : NULL;

	if (at->obj && at->nr_missing)
		r = keep_prog_arrays(at->obj, at->prog, at->may_mount, err);
	for (size_t i = 0; i < at->cgroups->nr && r == 0; i++)
		r = act_on(at, i, err);
	at->near = NULL;
	/* Where it is all there is to do, it is done. */
	if (r == 0 && !attach_cgroup_ends_all(at))
		r = stop_hold_check(err);
	if (r < 0)
		attach_cgroup_rewind(at, depth);
	return r;
}

bool attach_cgroup_displaces(const struct attach_cgroup *at)
{
	return at->want.replace || at->opts->swap || at->link_pin ||
	       !(at->opts->flags & BPF_F_ALLOW_MULTI);
}

void attach_cgroup_say(const struct attach_cgroup *at)
{
	size_t nr = at->cgroups->nr, same = 0;
	const struct again *first = at->found;

	for (size_t i = 0; i < nr; i++)
		same += at->found[i].kind == AGAIN_SAME;
	if (at->root && same)
		log_info("attached to %zu cgroups, already attached to %zu", nr - same,
			 same);
	else if (at->root)
		log_info("attached to %zu cgroups", nr);
	else if (same)
		log_info("already attached (id %u)%s", first->prog_id,
			 at->opts->order != CGROUP_ORDER_NONE || at->opts->preorder
				 ? "; its position is left as it is"
				 : "");
}

void attach_cgroup_release(struct attach_cgroup *at)
{
	for (size_t i = 0; at->pins && i < at->cgroups->nr; i++)
		free(at->pins[i]);
	free(at->pins);
	free(at->found);
	text_set_release(&at->names);
	text_set_release(&at->chosen);
	pin_taken_release(&at->taken);
	cgroup_links_release(&at->links);
}
