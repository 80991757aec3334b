/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"
#include "load/again_judge.h"
#include "load/attach_tcx.h"
#include "load/keep_watch.h"
#include "load/tcx_move.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_link.h"

static bool tcx_is_netkit(uint32_t attach_type)
{
	return attach_type == DEV_QUERY_NETKIT_PRIMARY ||
	       attach_type == DEV_QUERY_NETKIT_PEER;
}

static int tcx_query_refused(uint32_t attach_type, const char *dev, int code,
			     struct err *err)
{
	bool netkit = tcx_is_netkit(attach_type);

	/* The kernel says so of a type that it does not know, and of one it was built without. */
	if (code == -EINVAL && netkit)
		return err_say(
			err, -EOPNOTSUPP,
			"this kernel has no netkit (Linux 6.7, CONFIG_NETKIT); clsact takes the filter: leave 'netkit' out");
	if (code == -EINVAL)
		return err_say(
			err, -EOPNOTSUPP,
			"this kernel has no tcx (Linux 6.6, CONFIG_NET_XGRESS); clsact takes the filter: leave 'tcx' out");
	if (netkit && code == -EACCES)
		return err_say(
			err, code,
			"'%s' is the peer of a netkit pair; the programs of both ends are attached to the primary device",
			dev);
	if (netkit && code == -ENXIO)
		return err_say(err, code, "'%s' is not a netkit device", dev);
	err_set(err, code, "'%s': query %s", dev, dev_hook_name(attach_type));
	return caps_explain(err, CAPS_CGROUP);
}

int attach_tcx_query(uint32_t attach_type, const struct nl_link *dev,
		     struct dev_query *ret, struct err *err)
{
	int r = dev_query(dev_query_kernel, dev->ifindex, attach_type, ret);

	return r < 0 ? tcx_query_refused(attach_type, dev->name, r, err) : 0;
}

/* --- the anchor ------------------------------------------- */

static bool tcx_has_anchor(const struct attach_tcx *at, const struct dev_query *q)
{
	for (uint32_t i = 0; i < q->nr; i++)
		if (at->opts.anchor_id ==
		    (at->opts.anchor_is_link ? q->link_ids[i] : q->prog_ids[i]))
			return true;
	return !at->opts.anchor_id;
}

static int tcx_refuse_anchor(const struct attach_tcx *at, const char *dev,
			     const struct dev_query *q, struct err *err)
{
	const char *order = at->opts.order == DEV_BEFORE ? "before" : "after";
	const char *what = at->opts.anchor_is_link ? "link" : "program";
	auto_strbuf who = STRBUF_INIT;

	prog_fd_say(&who, q->prog_ids, q->nr);
	return err_say(err, -ENOENT,
		       "'%s': %s: %s id %" PRIu32 " is not attached to %s, which has %s",
		       dev, order, what, at->opts.anchor_id,
		       dev_hook_name(at->attach_type),
		       q->nr ? sb_text(&who) : "no program: leave that out");
}

int attach_tcx_check(const struct attach_tcx *at, struct err *err)
{
	for (size_t i = 0; i < at->nr_devs; i++) {
		struct dev_query q;
		int r = attach_tcx_query(at->attach_type, &at->devs[i], &q, err);

		if (r < 0)
			return r;
		if (!tcx_has_anchor(at, &q))
			return tcx_refuse_anchor(at, at->devs[i].name, &q, err);
	}
	return 0;
}

/* --- the list --------------------------------------------- */

static struct again_judge tcx_judge_of(const struct attach_tcx *at, size_t i)
{
	return (struct again_judge){.obj = at->obj,
				    .prog_fd = at->prog_fd,
				    .where = at->devs[i].name,
				    .hook = dev_hook_name(at->attach_type),
				    AGAIN_JUDGE_INIT};
}

static uint32_t tcx_link_of(const struct dev_query *q, uint32_t prog_id)
{
	for (uint32_t i = 0; i < q->nr; i++)
		if (q->prog_ids[i] == prog_id)
			return q->link_ids[i];
	return 0;
}

/* It is there in the other form: side by side each packet would meet it twice. */
static int tcx_refuse_form(const struct again_judge *j, const struct dev_query *q,
			   uint32_t id, struct err *err)
{
	uint32_t link = tcx_link_of(q, id);
	auto_strbuf who = STRBUF_INIT;

	prog_fd_say(&who, &id, 1);
	if (link)
		return err_say(
			err, -EEXIST,
			"'%s': %s has %s already, held by link id %" PRIu32
			"; name that link's pin ('link pinned PATH'), or detach the link",
			j->where, j->hook, sb_text(&who), link);
	return err_say(
		err, -EEXIST,
		"'%s': %s has %s already, without a link; leave 'link' out, or delete it there first",
		j->where, j->hook, sb_text(&who));
}

/* What goes on an exchange has to be an entry of the same form. */
static int tcx_settle(const struct attach_tcx *at, const struct again_judge *j,
		      const struct dev_query *q, struct again *ret, struct err *err)
{
	int r;

	/* Whoever names a program by its pin may have it beside others of its name. */
	if (!at->obj && !at->replace)
		return 0;
	if (j->unread.len)
		return again_judge_refuse(j, q->prog_ids, q->nr, err);
	r = again_judge_settle(
		j, at->replace,
		"delete those that are not wanted ('filter delete … tcx id N')", ret,
		err);
	if (r == 0 && ret->kind == AGAIN_SWAP &&
	    (at->link_pin || tcx_link_of(q, ret->prog_id)))
		return tcx_refuse_form(j, q, ret->prog_id, err);
	return r;
}

static int tcx_look_list(const struct attach_tcx *at, size_t i, const struct dev_query *q,
			 struct again *ret, struct err *err)
{
	auto_release(again_judge_release) struct again_judge j = tcx_judge_of(at, i);

	for (uint32_t k = 0; k < q->nr; k++) {
		if (again_judge(&j, q->prog_ids[k]) != SAME_YES)
			continue;
		if (at->link_pin || q->link_ids[k])
			return tcx_refuse_form(&j, q, q->prog_ids[k], err);
		ret->kind = AGAIN_SAME;
		ret->prog_id = q->prog_ids[k];
		return 0;
	}
	return tcx_settle(at, &j, q, ret, err);
}

/* --- a pinned link ---------------------------------------- */

static bool tcx_link_is_here(const struct dev_query *q, uint32_t link_id)
{
	for (uint32_t i = 0; i < q->nr; i++)
		if (q->link_ids[i] == link_id)
			return true;
	return false;
}

static int tcx_look_link(const struct attach_tcx *at, size_t i, const struct dev_query *q,
			 struct again *ret, struct err *err)
{
	auto_release(again_judge_release) struct again_judge j = tcx_judge_of(at, i);
	const char *pin = at->pins[i];
	struct link_fd_info info;
	int r = again_judge_pin(pin, &info, ret, err);

	if (r <= 0)
		return r < 0 ? r : tcx_look_list(at, i, q, ret, err);
	if (tcx_link_is_here(q, info.id))
		return again_judge_link(&j, pin, info.prog_id, at->replace, ret, err);
	if (!link_fd_is_dead(&info))
		return again_judge_refuse_dev(&j, pin, &info, err);
	/* Another may have come in its place without a pin. */
	r = tcx_look_list(at, i, q, ret, err);
	if (r == 0) {
		ret->kind = AGAIN_REVIVE;
		ret->prog_id = info.prog_id;
	}
	return r;
}

/* --- all of it -------------------------------------------- */

static char *tcx_pin_of(const struct attach_tcx *at, const char *dev)
{
	struct strbuf path = STRBUF_INIT;

	sb_add(&path, at->link_pin);
	if (!at->pin_each)
		return sb_take(&path);
	sb_add_char(&path, '/');
	/* Names in bpffs have no dots. */
	for (const char *c = dev; *c; c++) {
		if (strchr(".%", *c))
			sb_addf(&path, "%%%02x", (unsigned char)*c);
		else
			sb_add_char(&path, *c);
	}
	return sb_take(&path);
}

int attach_tcx_look_at(struct attach_tcx *at, size_t i, struct err *err)
{
	struct dev_query q;
	int r = attach_tcx_query(at->attach_type, &at->devs[i], &q, err);

	if (r < 0)
		return r;
	at->found[i] = (struct again){.kind = AGAIN_ATTACH, .revision = q.revision};
	for (uint32_t k = 0; at->going && k < q.nr; k++)
		keep_watch_add(at->going, q.prog_ids[k]);
	if (at->link_pin && !at->pins[i])
		at->pins[i] = tcx_pin_of(at, at->devs[i].name);
	r = at->link_pin ? tcx_look_link(at, i, &q, &at->found[i], err)
			 : tcx_look_list(at, i, &q, &at->found[i], err);
	if (r == 0 && at->found[i].kind == AGAIN_ATTACH && !tcx_has_anchor(at, &q))
		r = tcx_refuse_anchor(at, at->devs[i].name, &q, err);
	return r < 0 ? r : tcx_move_find(at, i, err);
}

int attach_tcx_look(struct attach_tcx *at, struct err *err)
{
	int r = bpf_fd_id(at->prog_fd, &at->put_id);

	if (r < 0)
		return err_set(err, r, "read the program's info");
	at->found = xcalloc(at->nr_devs, sizeof(*at->found));
	at->moves = xcalloc(at->nr_devs, sizeof(*at->moves));
	at->pins = xcalloc(at->nr_devs, sizeof(*at->pins));
	for (size_t i = 0; i < at->nr_devs && r == 0; i++) {
		r = attach_tcx_look_at(at, i, err);
		at->nr_missing += at->found[i].kind != AGAIN_SAME || at->moves[i].pref;
	}
	return r;
}
