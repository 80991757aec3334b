/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter of tc's as part of a session. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "door/door_private.h"
#include "kernel/caps.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "load/keep.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

/* What was made, and what it replaced. All owned but prog_fd, which is the object's. */
struct tc_step {
	struct nl_sock *sock; /* of the network namespace of that moment */
	void *buf;
	struct nl_filter made, before;
	uint32_t prog_id;
	int before_fd; /* -1: nothing was there */
};

static void tc_step_drop(void *data)
{
	struct tc_step *t = data;

	if (!t)
		return;
	nl_sock_close(t->sock);
	nl_filter_release(&t->before);
	cleanup_close(&t->before_fd);
	free(t->buf);
	free(t);
}

static void tc_step_dropp(struct tc_step **t)
{
	tc_step_drop(*t);
}

/* --- what is there --- */

struct tc_found {
	const struct nl_filter *like; /* only of this handle, unless 0 */
	uint32_t prog_id;             /* only with this program, unless 0 */
	struct nl_filter filter;
	bool there;
};

static int tc_take(const struct nlmsghdr *nlh, void *ctx)
{
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};
	struct tc_found *found = ctx;
	const struct nl_filter *like = found->like;

	if (nl_filter_parse(&f, nlh) < 0 || !f.has_options || found->there ||
	    strcmp(f.kind, "bpf") != 0 || (like->handle && f.handle != like->handle) ||
	    (like->pref && f.pref != like->pref) ||
	    (found->prog_id && f.prog_id != found->prog_id))
		return 0;
	/* A classic program would need its instructions. */
	if (f.prog != NL_FILTER_EBPF)
		return 0;
	found->filter = f;
	found->there = true;
	f.ops = NULL;
	return 0;
}

static void tc_restart(void *ctx)
{
	((struct tc_found *)ctx)->there = false;
}

/* 1: there is one; 0: none. */
static int tc_find(const struct tc_step *t, const struct nl_filter *like,
		   uint32_t prog_id, struct nl_filter *ret, struct err *err)
{
	const struct nl_filter place = {
		.ifindex = like->ifindex, .parent = like->parent, .pref = like->pref};
	struct tc_found found = {.like = like, .prog_id = prog_id};
	int r = nl_filter_build(t->buf, NL_FILTER_BUF, &place, NL_FILTER_SHOW);

	if (r < 0)
		return err_set(err, r, "filter request");
	r = nl_sock_dump(t->sock, t->buf, tc_take, tc_restart, &found, err);
	if (r < 0)
		return r;
	if (found.there)
		*ret = found.filter;
	return found.there;
}

/* --- the way there and back --- */

static int tc_send(const struct tc_step *t, const struct nl_filter *f,
		   enum nl_filter_op op, struct err *err)
{
	int r = nl_filter_build(t->buf, NL_FILTER_BUF, f, op);

	return r < 0 ? err_set(err, r, "filter request")
		     : nl_sock_request(t->sock, t->buf, NULL, NULL, err);
}

static int tc_take_back(void *data, struct err *err)
{
	struct tc_step *t = data;
	struct nl_filter now = {.ifindex = 0};
	int r;

	if (t->made.ifindex <= 0)
		return 0;
	r = tc_find(t, &t->made, t->prog_id, &now, err);

	if (r > 0 && t->before_fd >= 0) {
		t->before.prog_fd = t->before_fd;
		/* The others say what the kernel made of it. */
		t->before.gen_flags &= TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;
		r = tc_send(t, &t->before, NL_FILTER_REPLACE, err);
	} else if (r > 0) {
		now.has_options = false;
		r = tc_send(t, &now, NL_FILTER_DEL, err);
	}
	/* With its interface a filter goes by itself. */
	if (r == -ENODEV || r == -ENOENT)
		return 0;
	return r < 0 ? err_context(err, "filter pref %u handle 0x%x stays", t->made.pref,
				   t->made.handle)
		     : 0;
}

struct tc_qdisc {
	struct nl_qdisc q;
	bool there;
};

static int tc_take_qdisc(const struct nlmsghdr *nlh, void *ctx)
{
	struct tc_qdisc *found = ctx;

	found->there = nl_qdisc_parse(&found->q, nlh) == 0;
	return 0;
}

/* An ingress qdisc takes a filter for egress without a word and runs it on what comes in. */
static int tc_check_qdisc(const struct tc_step *t, const char *dev, struct err *err)
{
	const struct nl_qdisc q = {.ifindex = t->made.ifindex, .parent = NL_PARENT_QDISC};
	struct tc_qdisc found = {.there = false};
	auto_err refused = ERR_INIT;
	int r = nl_qdisc_build(t->buf, NL_QDISC_BUF, &q, NL_QDISC_GET);

	if (r == 0)
		r = nl_sock_request(t->sock, t->buf, tc_take_qdisc, &found, &refused);
	if (r < 0 && r != -ENOENT && r != -EINVAL)
		return err_say(err, r, "qdisc of '%s': %s", dev, refused.text);
	if (r < 0 || !found.there)
		return err_say(
			err, -ENOENT,
			"no clsact qdisc on '%s'; add one: tc_loader qdisc add dev %s clsact",
			dev, dev);
	if (strcmp(found.q.kind, "ingress") == 0 && t->made.parent == NL_PARENT_EGRESS)
		return err_say(
			err, -EINVAL,
			"'%s' has an ingress qdisc, which has no egress hook; use clsact",
			dev);
	return 0;
}

static int tc_fill(struct tc_step *t, const struct mapshare_tc_opts *opts,
		   const struct object_program *prog, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');

	if (opts->hook != MAPSHARE_INGRESS && opts->hook != MAPSHARE_EGRESS)
		return err_say(err, -EINVAL,
			       "hook is %u; a filter has ingress and egress", opts->hook);
	if (opts->preference > UINT16_MAX)
		return err_say(err, -EINVAL, "preference is %u, more than 65535",
			       opts->preference);
	if (opts->replace && (!opts->preference || !opts->handle))
		return err_say(err, -EINVAL, "replace needs preference and handle");
	t->made.parent =
		opts->hook == MAPSHARE_EGRESS ? NL_PARENT_EGRESS : NL_PARENT_INGRESS;
	t->made.pref = (uint16_t)opts->preference;
	t->made.handle = opts->handle;
	t->made.protocol = ETH_P_ALL;
	t->made.has_options = true;
	t->made.prog = NL_FILTER_EBPF;
	t->made.prog_fd = prog->fd;
	t->made.direct_action = !opts->no_direct_action;
	t->prog_id = prog->id;
	strcpy(t->made.kind, "bpf");
	snprintf(t->made.name, sizeof(t->made.name), "%s:[%s]", slash ? slash + 1 : path,
		 prog->section);
	return 0;
}

/* What a replaced filter was, open, so that it can come back. */
static int tc_keep_before(struct tc_step *t, struct err *err)
{
	int r = tc_find(t, &t->made, 0, &t->before, err);

	if (r <= 0)
		return r;
	t->before_fd = prog_fd_by_id(t->before.prog_id);
	if (t->before_fd >= 0)
		return 0;
	err_set(err, t->before_fd, "keep program id %u, to put it back in need",
		t->before.prog_id);
	return caps_explain(err, CAPS_IDS);
}

static void tc_know(struct tc_step *t, const struct nl_filter *found)
{
	t->made.pref = found->pref;
	t->made.handle = found->handle;
}

/* The kernel tells what it chose; where its answer is lost, our program tells. */
static int tc_make(struct tc_step *t, enum nl_filter_op op, struct err *err)
{
	const struct nl_filter any = {.ifindex = 0};
	struct tc_found echo = {.like = &any, .prog_id = t->prog_id};
	struct nlmsghdr *nlh = t->buf;
	struct nl_filter found;
	auto_err why = ERR_INIT;
	int r = nl_filter_build(t->buf, NL_FILTER_BUF, &t->made, op);

	if (r < 0)
		return err_set(err, r, "filter request");
	nlh->nlmsg_flags |= NLM_F_ECHO;
	r = nl_sock_request(t->sock, t->buf, tc_take, &echo, err);
	if (echo.there)
		tc_know(t, &echo.filter);
	else if ((r == 0 || nl_sock_lost(t->sock)) &&
		 tc_find(t, &t->made, t->prog_id, &found, &why) > 0)
		tc_know(t, &found);
	else
		return r;
	err_release(err);
	return 0;
}

static int tc_attach(struct tc_step *t, const char *dev,
		     const struct mapshare_tc_opts *opts, struct err *err)
{
	int r;

	t->made.ifindex = nl_sock_ifindex(t->sock, dev);
	if (t->made.ifindex < 0)
		return err_set(err, t->made.ifindex, "device '%s'", dev);
	r = tc_check_qdisc(t, dev, err);
	if (r == 0 && opts->replace)
		r = tc_keep_before(t, err);
	if (r < 0)
		return r;
	r = tc_make(t, opts->replace ? NL_FILTER_REPLACE : NL_FILTER_ADD, err);
	if (r == -EPERM)
		return caps_explain(err, CAPS_ATTACH);
	return r < 0 ? err_context(err, "filter on '%s'", dev) : 0;
}

struct call_tc {
	struct mapshare_session *s;
	const char *dev;
	const struct mapshare_tc_opts *opts;
};

static int door_attach_tc(void *call, struct err *err)
{
	auto_release(tc_step_dropp) struct tc_step *t = xcalloc(1, sizeof(*t));
	struct call_tc *c = call;
	struct object_program *prog;
	struct mapshare_tc_opts opts;
	int r;

	t->before_fd = -1;
	r = door_opts(&opts, sizeof(opts), c->opts, "tc options", err);
	if (r == 0)
		r = door_program(c->s, opts.program, &prog, err);
	if (r == 0)
		r = tc_fill(t, &opts, prog, c->s->owner->path, err);
	if (r == 0)
		r = nl_sock_open(&t->sock, err);
	if (r == 0)
		r = keep_prog_arrays(c->s->obj, prog, c->s->owner->opts.mount_bpffs, err);
	if (r < 0)
		return r;
	t->buf = xcalloc(1, NL_FILTER_BUF);
	/* Known as a step before it is one: until it is made there is nothing to find. */
	door_step_reserve(c->s);
	door_step_push(c->s, &(struct door_step){.take_back = tc_take_back,
						 .drop = tc_step_drop,
						 .data = t});
	r = tc_attach(take_ptr(t), c->dev, &opts, err);
	return r;
}

int mapshare_session_attach_tc(struct mapshare_session *s, const char *dev,
			       const struct mapshare_tc_opts *opts)
{
	struct call_tc c = {.s = s, .dev = dev, .opts = opts};

	return door_run(s->owner->ms, door_attach_tc, &c);
}
