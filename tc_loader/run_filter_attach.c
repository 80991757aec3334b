/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "devices.h"
#include "filter_rows.h"
#include "kernel/stop_hold.h"
#include "load/attach_tc.h"
#include "load/object.h"
#include "load/session.h"
#include "load/tc_hook.h"
#include "load/tcx_leave.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "run_look.h"
#include "run_export.h"
#include "tc.h"

static void filter_attach_begin(struct attach_tc *at, struct tc *tc,
				struct filter_rows *made)
{
	at->going = &tc->going;
	if (!tc->echo)
		return;
	at->echo = filter_rows_take_event;
	at->found = filter_rows_add_new;
	at->ctx = made;
	made->tc = tc;
}

static void print_echo(const struct tc *tc, const struct filter_rows *made)
{
	const struct print_filter_skip nothing = {.block = 0};
	auto_strbuf text = STRBUF_INIT;

	if (!tc->echo)
		return;
	print_filters(tc, made->rows, made->nr, &nothing, &text);
	fputs(sb_text(&text), tc->tool.out);
	filter_rows_remark(made);
}

/* Where it goes: several interfaces, or one, whose hook is judged before anything is loaded. */
static int filter_attach_place(struct tc *tc, const struct request_filter *req,
			       const struct nl_filter *place, struct attach_tc *at,
			       struct devices *devs, struct err *err)
{
	int r = run_sock(tc, &at->sock, err);

	if (r < 0)
		return r;
	if (req->devs)
		return devices_find(devs, tc, req->devs, err);
	if (req->op == NL_FILTER_DEL)
		return 0;
	r = tc_hook_check(at->sock, place, req->dev, err);
	return r == -EINVAL ? err_status(err, TC_KERNEL) : r;
}

/* What the filter needs beside itself; -errno with tc's status. */
static int filter_attach_load(struct session *s, const struct tc *tc,
			      const struct request_filter *req, struct nl_filter *f,
			      const struct object_program **ret, struct err *err)
{
	int r = program_load(s, tc, req, f, ret, err);

	if (r == 0 && session_object(s))
		r = run_export(session_object(s), req->bpf.export, err);
	return r < 0 && !err->status ? err_status(err, TC_USAGE) : r;
}

/* clsact and ingress have no classes: what a program returns counts with 'da' alone. */
static void filter_attach_remark_verdicts(struct session *s,
					  const struct request_filter *req,
					  const struct object_program *prog)
{
	bool hook = req->block || req->parent == NL_PARENT_INGRESS ||
		    req->parent == NL_PARENT_EGRESS;

	if (!hook || req->direct_action || !prog || !session_object(s))
		return;
	if (object_returns_verdicts(session_object(s), prog))
		log_info(
			"what program '%s' returns is ignored without 'da': nothing is dropped or redirected",
			prog->name);
}

/* What comes from tcx, looked at before the filter is made. */
static int filter_attach_from_tcx(const struct request_filter *req,
				  const struct nl_filter *f,
				  const struct object_program *prog,
				  struct tcx_leave *ret, struct keep_watch *going,
				  struct err *err)
{
	const struct dev_hook hook = {f->ifindex, f->parent == NL_PARENT_EGRESS
							  ? DEV_QUERY_TCX_EGRESS
							  : DEV_QUERY_TCX_INGRESS};
	int r;

	*ret = (struct tcx_leave){.dead_link = 0};
	if (!req->tcx.clsact || !prog)
		return 0;
	r = tcx_leave_find(ret, &hook, req->dev, prog->fd, req->tcx.link_pin, err);
	keep_watch_add(going, ret->goes.prog_id);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

/* The filter is there: from here on no packet needs what tcx has. */
static int filter_attach_leave(const struct tcx_leave *leave, struct attach_tc *at,
			       struct err *err)
{
	int r = tcx_leave_drop(leave, err);

	if (r < 0)
		at->stands = false;
	return r;
}

int run_filter_attach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, void *buf, struct err *err)
{
	/* First: what ends the process does so when everything is done or taken back. */
	auto_stop_hold hold = STOP_HOLD_INIT;
	const struct share_opts opts = program_opts(tc, &req->bpf);
	auto_release(filter_rows_release) struct filter_rows made = {.nr = 0};
	auto_release(attach_tc_release) struct attach_tc at = {.undo = NULL};
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_session *s = session_new(&opts);
	auto_release(nl_filter_release) struct nl_filter f = *place;
	struct session_tc where = {.op = req->op,
				   .f = &f,
				   .dev = req->dev,
				   .at = &at,
				   .last = !req->tcx.clsact};
	const struct object_program *prog;
	struct tcx_leave leave;
	int r;

	filter_attach_begin(&at, tc, &made);
	stop_hold_begin(&hold);
	r = filter_attach_place(tc, req, place, &at, &devs, err);
	if (r == 0)
		r = filter_attach_load(s, tc, req, &f, &prog, err);
	if (r == 0)
		r = filter_attach_from_tcx(req, &f, prog, &leave, &tc->going, err);
	if (r < 0)
		return r;
	where.devs = devs.items;
	where.nr_devs = devs.nr;
	r = session_attach_tc(s, prog, &where, err);
	if (r == 0)
		r = filter_attach_leave(&leave, &at, err);
	/* A filter that may be there needs its maps as much as one that is. */
	if (at.stands || at.unknown)
		session_commit(s);
	if (at.stands)
		run_drop_kept(tc, false);
	if (r < 0)
		return err_status(err, TC_KERNEL);
	print_echo(tc, &made);
	filter_attach_remark_verdicts(s, req, prog);
	run_twice_remark(tc, req, &f, buf);
	run_front_remark(tc, req, &f, buf);
	if (req->op == NL_FILTER_REPLACE && (!req->pref || !req->handle))
		log_info(
			"'replace' without %s adds a filter each time; name pref and handle to replace one",
			!req->pref ? "pref" : "handle");
	return 0;
}

static void refuse_without_pref(struct err *err)
{
	auto_free char *said = xstrdup(err->text);

	err_say(err, err->code, "%s; 'pref N' says which filter", said);
}

int run_filter_detach(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *place, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(filter_rows_release) struct filter_rows made = {.nr = 0};
	auto_release(attach_tc_release) struct attach_tc at = {.undo = NULL};
	auto_release(devices_release) struct devices devs = {.nr = 0};
	int r;

	filter_attach_begin(&at, tc, &made);
	stop_hold_begin(&hold);
	r = filter_attach_place(tc, req, place, &at, &devs, err);
	if (r < 0)
		return r;
	r = devs.nr ? attach_tc_devs(&at, req->op, place, devs.items, devs.nr, err)
		    : attach_tc_one(&at, req->op, place, req->dev, err);
	if (r < 0)
		keep_watch_look(&tc->going);
	run_drop_kept(tc, false);
	/* The kernel takes it for a wish to flush them all. */
	if (r == -ENOENT && strstr(err->text, "Cannot flush filters"))
		refuse_without_pref(err);
	if (r < 0)
		return err_status(err, TC_KERNEL);
	print_echo(tc, &made);
	return 0;
}
