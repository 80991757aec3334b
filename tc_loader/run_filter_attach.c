/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "devices.h"
#include "filter_rows.h"
#include "kernel/stop_hold.h"
#include "print.h"
#include "program.h"
#include "refusal.h"
#include "request.h"
#include "run.h"
#include "run_export.h"
#include "kernel/undo.h"
#include "load/attach_tc.h"
#include "load/keep.h"
#include "load/object.h"
#include "tc.h"

/* One request on its way to one interface, or to many in turn. */
struct sending {
	struct tc *tc;
	const struct request_filter *req;
	struct nl_filter f;         /* what is sent; the program is prog's */
	const struct program *prog; /* NULL: none is sent */
	struct undo *undo;          /* the command's journal */
	bool stands;                /* somewhere: what was loaded for it must last */
	struct attach_tc at;
	struct filter_rows made; /* what the kernel told with -echo */
};

static void sending_begin(struct sending *s)
{
	if (!s->tc->echo)
		return;
	s->at.echo = filter_rows_take_event;
	s->at.found = filter_rows_add_new;
	s->at.ctx = &s->made;
}

static void sending_release(struct sending *s)
{
	attach_tc_release(&s->at);
	filter_rows_release(&s->made);
}

/*
 * An ingress qdisc takes a filter for egress without a word and runs it on incoming
 * packets: nobody means that.
 */
static int check_hook(const struct sending *s, const char *dev, struct err *err)
{
	const struct nl_filter *f = &s->f;
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
		"'%s' has an ingress qdisc, which knows no egress: the filter would see incoming packets; use clsact",
		dev);
	return err_status(err, TC_KERNEL);
}

/* Only this process has its programs; the place may have got one from an earlier line. */
static bool is_first_here(const struct sending *s, const struct nl_filter *f)
{
	return s->prog && s->prog->id &&
	       !program_cache_was_put(s->tc->cache, s->prog->id, f);
}

static int filter_attach_request(struct sending *s, enum nl_filter_op op,
				 const struct nl_filter *f, struct err *err)
{
	int r = run_sock(s->tc, &s->at.sock, err);

	s->at.own_program = is_first_here(s, f);
	if (r == 0)
		r = attach_tc_request(&s->at, op, f, err);
	if (r < 0 && r != -EPERM && !s->at.lost)
		refusal_of_filter(s->tc, op, f, err);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

static int filter_attach_send(struct sending *s, struct err *err)
{
	const struct nl_filter *f = &s->f;

	/* Without pref or handle the kernel adds, whatever the word. */
	if (s->req->op == NL_FILTER_DEL ||
	    (s->req->op != NL_FILTER_ADD && f->pref && f->handle))
		run_watch_filters(s->tc, f);
	return filter_attach_request(s, s->req->op, f, err);
}

static int filter_attach_send_to(const struct nl_link *dev, void *ctx, struct err *err)
{
	struct sending *s = ctx;
	int r = 0;

	/* What cannot be taken back is brought to its end. */
	if (s->req->op == NL_FILTER_ADD && stop_hold_check(err) < 0)
		return -EINTR;
	s->f.ifindex = dev->ifindex;
	if (s->req->op != NL_FILTER_DEL)
		r = check_hook(s, dev->name, err);
	return r < 0 ? r : filter_attach_send(s, err);
}

/* What this command added goes again, the latest first. */
static void filter_attach_take_back(struct sending *s, size_t depth)
{
	auto_err err = ERR_INIT;

	if (undo_rewind(s->undo, depth, &err) == 0)
		return;
	s->at.unknown = true;
	log_warn("%s", err.text);
}

/* Every interface is tried, so that every failure is told at once. */
static int filter_attach_send_to_all(struct sending *s, const struct devices *devs,
				     struct err *err)
{
	bool add = s->req->op == NL_FILTER_ADD;
	size_t failed, depth = undo_depth(s->undo);

	s->at.undo = add ? s->undo : NULL;
	failed = devices_each(devs, filter_attach_send_to, s);
	s->stands = failed == 0 || (!add && failed < devs->nr);
	if (failed == 0)
		return 0;
	if (add)
		filter_attach_take_back(s, depth);
	err_say(err, -EIO, "%zu of %zu interfaces failed%s", failed, devs->nr,
		!add            ? ""
		: s->at.unknown ? "; the filters on the others are removed"
				: "; nothing is added");
	return err_status(err, TC_KERNEL);
}

static int send_all(struct sending *s, const struct devices *devs, struct err *err)
{
	int r;

	if (s->req->devs)
		return filter_attach_send_to_all(s, devs, err);
	r = stop_hold_check(err);
	if (r == 0)
		r = filter_attach_send(s, err);
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

/* What the filter needs beside itself; -errno with tc's status. */
static int filter_attach_prepare(struct sending *s, struct program *prog, struct err *err)
{
	struct tc *tc = s->tc;
	int r = program_load(prog, tc, s->req, &s->f, err);

	s->prog = prog;
	if (prog->object)
		s->undo = object_undo(prog->object);
	if (r == 0 && prog->object)
		r = run_export(prog->object, s->req->bpf.export, err);
	if (r == 0 && prog->object)
		r = keep_prog_arrays(prog->object, prog->wanted,
				     tc->tool.share.mount_bpffs, err);
	if (r < 0)
		return err->status ? r : err_status(err, TC_USAGE);
	return 0;
}

/* A filter that may be there needs its maps as much as one that is. */
static void end_attach(struct sending *s, struct program *prog,
		       const struct devices *devs)
{
	struct nl_filter place = s->f;

	if (s->stands || s->at.unknown)
		program_keep(prog);
	if (!devs->nr)
		program_cache_put(s->tc->cache, prog->id, &place);
	for (size_t i = 0; i < devs->nr; i++) {
		place.ifindex = devs->items[i].ifindex;
		program_cache_put(s->tc->cache, prog->id, &place);
	}
	/* Behind it, since the loader's locks end there. */
	if (s->stands)
		run_drop_kept(s->tc, false);
}

int run_filter_attach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, void *buf, struct err *err)
{
	/* First: what ends the process does so when everything is done or taken back. */
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(program_release) struct program prog = PROGRAM_INIT;
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_undo *undo = undo_new();
	auto_release(sending_release) struct sending s = {
		.tc = tc, .req = req, .f = *place, .undo = undo};
	int r;

	sending_begin(&s);
	stop_hold_begin(&hold);
	r = find_devices(&devs, &s, err);
	if (r == 0)
		r = filter_attach_prepare(&s, &prog, err);
	if (r < 0)
		return r;
	r = send_all(&s, &devs, err);
	end_attach(&s, &prog, &devs);
	if (r < 0)
		return r;
	print_echo(&s);
	run_twice_remark(tc, req, &s.f, buf);
	if (req->op == NL_FILTER_REPLACE && (!req->pref || !req->handle))
		log_info(
			"'replace' without %s adds a filter each time; name pref and handle to replace one",
			!req->pref ? "pref" : "handle");
	return 0;
}

int run_filter_detach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_undo *undo = undo_new();
	auto_release(sending_release) struct sending s = {
		.tc = tc, .req = req, .f = *place, .undo = undo};
	int r;

	sending_begin(&s);
	stop_hold_begin(&hold);
	r = find_devices(&devs, &s, err);
	if (r < 0)
		return r;
	r = send_all(&s, &devs, err);
	if (r < 0)
		keep_watch_look(&tc->going);
	run_drop_kept(tc, false);
	if (r == 0)
		print_echo(&s);
	return r;
}
