/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/apply_act.h"
#include "load/attach_cgroup.h"
#include "load/attach_tc.h"
#include "load/keep_watch.h"
#include "load/object.h"
#include "load/tc_hook.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

int apply_act_check(const struct apply_actor *a, struct err *err)
{
	return a->hurried ? 0 : stop_hold_check(err);
}

static struct nl_sock *act_sock(const struct apply_actor *a, size_t ns)
{
	return a->plan->places->ns[ns].sock;
}

static int act_stale(const struct apply_act *act, struct err *err)
{
	return err_say(
		err, -ESTALE,
		"program id %u is not attached there any more: the place was changed during the run",
		act->there);
}

/* --- clsact --- */

struct qdisc_step {
	struct nl_sock *sock;
	int ifindex;
};

static int qdisc_send(struct nl_sock *sock, int ifindex, enum nl_qdisc_op op,
		      struct err *err)
{
	const struct nl_qdisc q = {.ifindex = ifindex,
				   .handle = NL_QDISC_HANDLE,
				   .parent = NL_PARENT_QDISC,
				   .kind = "clsact"};
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	int r = nl_qdisc_build(buf, sizeof(buf), &q, op);

	return r < 0 ? err_set(err, r, "qdisc request")
		     : nl_sock_request(sock, (struct nlmsghdr *)buf, NULL, NULL, err);
}

static int qdisc_count_filter(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	++*(size_t *)ctx;
	return 0;
}

static void qdisc_count_again(void *ctx)
{
	*(size_t *)ctx = 0;
}

static int qdisc_filters(const struct qdisc_step *step, size_t *ret, struct err *err)
{
	static const uint32_t parents[] = {NL_PARENT_INGRESS, NL_PARENT_EGRESS};

	*ret = 0;
	for (size_t i = 0; i < array_size(parents); i++) {
		const struct nl_filter all = {.ifindex = step->ifindex,
					      .parent = parents[i]};
		char buf[256] __attribute__((aligned(8)));
		size_t nr = 0;
		int r = nl_filter_build(buf, sizeof(buf), &all, NL_FILTER_SHOW);

		if (r == 0)
			r = nl_sock_dump(step->sock, (struct nlmsghdr *)buf,
					 qdisc_count_filter, qdisc_count_again, &nr, err);
		if (r < 0)
			return r;
		*ret += nr;
	}
	return 0;
}

static int qdisc_step_undo(void *data, struct err *err)
{
	const struct qdisc_step *step = data;
	size_t nr;
	int r = qdisc_filters(step, &nr, err);

	if (r == 0 && !nr)
		r = qdisc_send(step->sock, step->ifindex, NL_QDISC_DEL, err);
	/* With its interface, or by somebody else's hand, it is gone. */
	if (r == -ENODEV || r == -ENOENT || r == -EINVAL)
		return 0;
	return r < 0 ? err_context(err, "clsact of if%d stays", step->ifindex) : 0;
}

/* Made meanwhile, or the answer was lost: is it a clsact? 1, 0; -errno. */
static int qdisc_is_there(struct nl_sock *sock, int ifindex, struct err *err)
{
	struct nl_qdisc q;
	int r = tc_hook_find(sock, ifindex, &q, err);

	return r > 0 ? strcmp(q.kind, "clsact") == 0 : r;
}

/* What code, of a request to add it, means: 0 where it is there. */
static int qdisc_refused(struct nl_sock *sock, const struct apply_new_qdisc *q, int code,
			 struct err *err)
{
	const bool lost = nl_sock_lost(sock);
	auto_free char *why = xstrdup(err->text);
	auto_err look = ERR_INIT;
	int there = 0;

	if (lost || (code == -EEXIST && !q->assumed))
		there = qdisc_is_there(sock, q->ifindex, &look);
	if (there > 0) {
		err_release(err);
		/* Whose it is cannot be told then: it is nobody's to remove. */
		return 0;
	}
	if (there < 0 && lost)
		err_say(err, code,
			"%s: the answer is lost; unknown whether it is in place (%s)",
			why, look.text);
	else if (there < 0)
		err_say(err, there, "look at what is there: %s", look.text);
	err_context(err, "add clsact to dev '%s'", q->dev);
	return code == -EPERM ? caps_explain(err, CAPS_ATTACH) : err->code;
}

int apply_act_qdisc(const struct apply_actor *a, const struct apply_new_qdisc *q,
		    struct err *err)
{
	struct nl_sock *sock = act_sock(a, q->ns);
	auto_free struct qdisc_step *step = xcalloc(1, sizeof(*step));
	int r = apply_act_check(a, err);

	if (r < 0)
		return r;
	*step = (struct qdisc_step){.sock = sock, .ifindex = q->ifindex};
	undo_reserve(a->undo);
	r = qdisc_send(sock, q->ifindex, NL_QDISC_ADD, err);
	if (r < 0)
		return qdisc_refused(sock, q, r, err);
	undo_push(a->undo, qdisc_step_undo, take_ptr(step), free);
	return 0;
}

/* --- filters --- */

static struct nl_filter act_filter(const struct apply_act *act)
{
	const struct apply_made *m = &act->made;

	return (struct nl_filter){.ifindex = m->ifindex,
				  .parent = m->parent,
				  .handle = m->handle,
				  .pref = m->pref,
				  .protocol = m->protocol,
				  .has_chain = m->chain != 0,
				  .chain = m->chain,
				  .kind = "bpf"};
}

static int act_take_filter(const struct nlmsghdr *nlh, void *ctx)
{
	nl_filter_release(ctx);
	return nl_filter_parse(ctx, nlh);
}

int apply_act_get_filter(const struct apply_actor *a, const struct apply_act *act,
			 struct nl_filter *ret, struct err *err)
{
	const struct nl_filter place = act_filter(act);
	char buf[256] __attribute__((aligned(8)));
	int r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_GET);

	*ret = (struct nl_filter){.ifindex = 0};
	if (r == 0)
		r = nl_sock_request(act_sock(a, act->ns), (struct nlmsghdr *)buf,
				    act_take_filter, ret, err);
	if (r == -ENOENT || r == -ENODEV || r == -EINVAL) {
		err_release(err);
		return 0;
	}
	return r < 0 ? err_context(err, "look at the filter that is there") : 1;
}

/* Not to be taken back, so the journal stays, and the next run looks at it. */
static int act_unknown_undo(void *data, struct err *err)
{
	const struct apply_made *m = data;

	return err_say(err, -EAGAIN, "if%d: filter pref %u handle 0x%x may be in place",
		       m->ifindex, m->pref, m->handle);
}

static int act_attach_tc(const struct apply_actor *a, struct apply_act *act,
			 struct err *err)
{
	/* The plan saw nothing of it at this very place: if it is there now, we put it there. */
	auto_release(attach_tc_release) struct attach_tc at = {.own_id =
								       act->want->is.id};
	auto_release(nl_filter_release) struct nl_filter now = {.ifindex = 0};
	struct nl_filter f = act_filter(act);
	int r = act->there ? apply_act_get_filter(a, act, &now, err) : 0;

	if (r < 0)
		return r;
	if (act->there && (!r || now.prog_id != act->there))
		return act_stale(act, err);
	at.sock = act_sock(a, act->ns);
	at.undo = a->undo;
	f.has_options = true;
	f.prog = NL_FILTER_EBPF;
	f.prog_fd = act->want->fd;
	f.direct_action = act->made.direct_action;
	attach_tc_name(&f, object_path(act->o->obj), act->want->prog->section);
	r = attach_tc_request(&at, act->there ? NL_FILTER_REPLACE : NL_FILTER_ADD, &f,
			      err);
	act->unknown = at.unknown;
	if (at.unknown)
		undo_push(a->undo, act_unknown_undo, &act->made, NULL);
	if (r == -EEXIST && !act->there)
		return err_say(err, r,
			       "a filter was put there during the run; run it again");
	return r;
}

/* --- cgroups --- */

static int act_look_alone(const struct apply_act *act, const struct attach_type *type,
			  struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_close int fd = cgroup_fd_open(act->made.cgroup, err);
	int r = fd < 0 ? fd : cgroup_fd_query(fd, type->value, false, &q);

	if (fd < 0)
		return fd;
	if (r < 0)
		return err_set(err, r, "read its %s programs", type->name);
	return q.nr == 1 && q.prog_ids[0] == act->there ? 0 : act_stale(act, err);
}

static int act_attach_link(const struct attach_cgroup *at, const struct apply_act *act,
			   struct err *err)
{
	struct again again = {.kind = AGAIN_ATTACH};
	struct link_fd_info info;
	enum apply_link link;
	int r;

	if (act->there) {
		r = apply_state_link(act->made.pin, act->made.cgroup_id,
				     act->made.attach_type, &link, &info, err);
		if (r < 0)
			return r;
		if (info.prog_id != act->there ||
		    link != (act->dead ? APPLY_LINK_DEAD : APPLY_LINK_HERE))
			return act_stale(act, err);
		again = (struct again){.kind = act->dead ? AGAIN_REVIVE : AGAIN_SWAP,
				       .prog_id = info.prog_id,
				       .link_id = info.id};
	}
	return attach_link_make(at, act->made.cgroup, act->made.pin, &again, err);
}

static int act_attach_cgroup(const struct apply_actor *a, const struct apply_act *act,
			     struct err *err)
{
	const struct attach_type *type = attach_type_by_value(act->made.attach_type);
	bool alone =
		act->made.mode == APPLY_EXCLUSIVE || act->made.mode == APPLY_OVERRIDE;
	const struct cgroup_attach_opts opts = {
		.flags = act->made.mode == APPLY_OVERRIDE    ? BPF_F_ALLOW_OVERRIDE
			 : act->made.mode == APPLY_EXCLUSIVE ? 0
							     : BPF_F_ALLOW_MULTI,
		.replace = alone && act->there};
	char *path = act->made.cgroup;
	const struct cgroup_paths one = {.items = &path, .nr = 1};
	const struct attach_cgroup at = {.opts = &opts,
					 .cgroups = &one,
					 .want = {.type = type, .prog_fd = act->want->fd},
					 .txn = a->plan->objects->txn,
					 .id = act->made.cgroup_id,
					 .is_open = act->place && act->place->is_open,
					 .fd = act->place ? act->place->fd : -1};
	struct again again = {.kind = AGAIN_ATTACH};
	int r = 0;

	if (act->made.mode == APPLY_LINK)
		return act_attach_link(&at, act, err);
	if (act->there && alone)
		r = act_look_alone(act, type, err);
	else if (act->there)
		again = (struct again){.kind = AGAIN_SWAP, .prog_id = act->there};
	return r < 0 ? r : attach_entry_make(&at, path, &again, err);
}

/* --- any --- */

int apply_act_attach(const struct apply_actor *a, struct apply_act *act, struct err *err)
{
	auto_strbuf place = STRBUF_INIT;
	int r;

	if (act->kind != APPLY_STEP_ATTACH && act->kind != APPLY_STEP_REPLACE &&
	    act->kind != APPLY_STEP_ADOPT)
		return 0;
	/* Adopted, and the same: it stays. */
	if (act->there && act->there == act->want->is.id && !act->dead && !act->differs)
		return 0;
	r = apply_act_check(a, err);
	if (r < 0)
		return r;
	if (act->there && keep_is_used())
		keep_watch_add(a->going, act->there);
	r = act->made.tcx     ? apply_act_attach_tcx(a, act, err)
	    : act->made.is_tc ? act_attach_tc(a, act, err)
			      : act_attach_cgroup(a, act, err);
	/* Where it is passed over, its step says where it was. */
	if (r < 0 && !a->plan->each) {
		apply_step_place(&a->plan->report.steps[a->plan->first_step +
							(size_t)(act - a->plan->acts)],
				 &place);
		return err_context(err, "%s", sb_text(&place));
	}
	return r;
}
