/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>

#include "base/alloc.h"
#include "base/log.h"
#include "devices.h"
#include "filter_rows.h"
#include "kernel/caps.h"
#include "kernel/nl_sock.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "run_export.h"
#include "share/keep.h"
#include "tc.h"

/* One request on its way to one interface, or to many in turn. */
struct sending {
	struct tc *tc;
	struct request_filter *req;
	void *buf;
	bool wants_echo;         /* the kernel tells what it made */
	bool stands;             /* somewhere: what was loaded for it must last */
	struct filter_rows made; /* what it told */
};

static void sending_release(struct sending *s)
{
	filter_rows_release(&s->made);
}

/*
 * An ingress qdisc takes a filter for egress without a word and runs it on incoming
 * packets: nobody means that.
 */
static int check_hook(const struct sending *s, const char *dev, struct err *err)
{
	const struct nl_filter *f = &s->req->f;
	struct nl_qdisc q;
	int r;

	if (f->parent != NL_PARENT_EGRESS || !f->ifindex || f->block)
		return 0;
	r = run_qdisc_find(s->tc, f->ifindex, &q, err);
	if (r <= 0)
		return r;
	if (strcmp(q.kind, "ingress") != 0)
		return 0;
	err_say(err, -EINVAL,
		"'%s' has an ingress qdisc, which knows no egress: the filter would see "
		"incoming packets; use clsact",
		dev);
	return err_status(err, TC_KERNEL);
}

/* Enough to remove a filter again; nobody is to see it. */
static int take_filter(const struct nlmsghdr *nlh, void *ctx)
{
	struct filter_rows *l = ctx;
	struct nl_filter f;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	array_grow(l->rows, l->nr);
	l->rows[l->nr++] = (struct print_filter_row){.f = f};
	return 0;
}

static int request(struct sending *s, enum nl_filter_op op, const struct nl_filter *f,
		   struct err *err)
{
	struct nlmsghdr *nlh = s->buf;
	struct nl_sock *sock;
	int r = nl_filter_build(s->buf, NL_FILTER_BUF, f, op);

	if (r < 0)
		return err_set(err, r, "filter request");
	if (s->wants_echo)
		nlh->nlmsg_flags |= NLM_F_ECHO;
	r = run_sock(s->tc, &sock, err);
	if (r == 0)
		r = nl_sock_request(sock, nlh,
				    s->tc->echo ? filter_rows_take_event : take_filter,
				    &s->made, err);
	if (r == -EPERM)
		caps_explain(err, CAPS_ATTACH);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

static int send(struct sending *s, struct err *err)
{
	if (s->req->op != NL_FILTER_ADD)
		run_watch_filters(s->tc, &s->req->f);
	return request(s, s->req->op, &s->req->f, err);
}

static int send_to(const struct nl_link *dev, void *ctx, struct err *err)
{
	struct sending *s = ctx;
	int r = 0;

	s->req->f.ifindex = dev->ifindex;
	if (s->req->op != NL_FILTER_DEL)
		r = check_hook(s, dev->name, err);
	return r < 0 ? r : send(s, err);
}

/* What this command added goes again, the latest first. */
static void take_back(struct sending *s)
{
	s->wants_echo = false;
	while (s->made.nr > 0) {
		struct print_filter_row *row = &s->made.rows[--s->made.nr];
		auto_err err = ERR_INIT;

		row->f.has_options = false;
		if (request(s, NL_FILTER_DEL, &row->f, &err) < 0 && err.code != -ENOENT)
			log_warn("if%d: filter pref %u handle 0x%x stays: %s",
				 row->f.ifindex, row->f.pref, row->f.handle, err.text);
		nl_filter_release(&row->f);
	}
}

/* Every interface is tried, so that every failure is told at once. */
static int send_to_all(struct sending *s, const struct devices *devs, struct err *err)
{
	bool add = s->req->op == NL_FILTER_ADD;
	size_t failed;

	s->wants_echo = add || s->tc->echo;
	failed = devices_each(devs, send_to, s);
	s->stands = failed == 0 || (!add && failed < devs->nr);
	if (failed == 0)
		return 0;
	if (add)
		take_back(s);
	err_say(err, -EIO, "%zu of %zu interfaces failed%s", failed, devs->nr,
		add ? "; nothing is added" : "");
	return err_status(err, TC_KERNEL);
}

static int send_all(struct sending *s, const struct devices *devs, struct err *err)
{
	int r;

	if (s->req->devs)
		return send_to_all(s, devs, err);
	s->wants_echo = s->tc->echo;
	r = send(s, err);
	s->stands = r == 0;
	return r;
}

static void print_echo(const struct sending *s)
{
	const struct print_filter_skip nothing = {.block = 0};
	auto_strbuf text = STRBUF_INIT;

	if (!s->tc->echo)
		return;
	print_filters(s->tc, s->made.rows, s->made.nr, &nothing, &text);
	fputs(sb_text(&text), s->tc->tool.out);
}

static int find_devices(struct devices *ret, struct sending *s, struct err *err)
{
	if (s->req->devs)
		return devices_find(ret, s->tc, s->req->devs, err);
	return s->req->op == NL_FILTER_DEL ? 0 : check_hook(s, s->req->dev, err);
}

int run_filter_attach(struct tc *tc, struct request_filter *req, void *buf,
		      struct err *err)
{
	auto_release(program_release) struct program prog = PROGRAM_INIT;
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_release(
		sending_release) struct sending s = {.tc = tc, .req = req, .buf = buf};
	int r = find_devices(&devs, &s, err);

	if (r < 0)
		return r;
	r = program_load(&prog, tc, req, err);
	if (r == 0 && prog.object)
		r = keep_prog_arrays(prog.object, prog.wanted, tc->tool.share.mount_bpffs,
				     err);
	if (r == 0 && prog.object)
		r = run_export(prog.object, req->bpf.export, err);
	if (r < 0)
		return err->status ? r : err_status(err, TC_USAGE);
	r = send_all(&s, &devs, err);
	if (s.stands) {
		program_keep(&prog);
		/* Behind it, since the loader's locks end there. */
		run_drop_kept(tc, false);
	}
	if (r < 0)
		return r;
	print_echo(&s);
	if (req->op == NL_FILTER_REPLACE && (!req->f.pref || !req->f.handle))
		log_info("'replace' without %s adds a filter each time; name pref and "
			 "handle to replace one",
			 !req->f.pref ? "pref" : "handle");
	return 0;
}

int run_filter_detach(struct tc *tc, struct request_filter *req, void *buf,
		      struct err *err)
{
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_release(
		sending_release) struct sending s = {.tc = tc, .req = req, .buf = buf};
	int r = find_devices(&devs, &s, err);

	if (r < 0)
		return r;
	/* What selects a filter is pref, handle and kind; a program is not looked at. */
	req->f.has_options = false;
	r = send_all(&s, &devs, err);
	if (s.stands)
		run_drop_kept(tc, false);
	if (r == 0)
		print_echo(&s);
	return r;
}
