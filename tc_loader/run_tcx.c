/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "devices.h"
#include "filter_rows.h"
#include "kernel/bpf_fd.h"
#include "kernel/dev_name.h"
#include "kernel/stop_hold.h"
#include "load/attach_tcx.h"
#include "load/session.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "run_export.h"
#include "run_look.h"
#include "run_tcx.h"
#include "tc.h"

int run_tcx_devices(struct tc *tc, const struct request_filter *req, struct devices *ret,
		    struct err *err)
{
	struct nl_link one = {.ifindex = 0};
	int r;

	if (req->devs)
		return devices_find(ret, tc, req->devs, err);
	r = run_device(tc, req->dev, &one.ifindex, err);
	if (r < 0)
		return r;
	dev_name_now(tc->sock, one.ifindex, one.name);
	ret->items = xmemdup(&one, sizeof(one));
	ret->nr = 1;
	return 0;
}

/* --- show ------------------------------------------------- */

static void tcx_rows_add(struct filter_rows *rows, uint32_t attach_type,
			 const struct dev_query *q)
{
	for (uint32_t i = 0; i < q->nr; i++) {
		struct print_filter_row row = {
			.order = i + 1, .of = q->nr, .link_id = q->link_ids[i]};

		row.f.has_options = true;
		row.f.prog_id = q->prog_ids[i];
		switch (attach_type) {
		case DEV_QUERY_TCX_INGRESS:
			row.f.parent = NL_PARENT_INGRESS;
			break;
		case DEV_QUERY_TCX_EGRESS:
			row.f.parent = NL_PARENT_EGRESS;
			break;
		case DEV_QUERY_NETKIT_PRIMARY:
			row.hook = "primary";
			break;
		default:
			row.hook = "peer";
			break;
		}
		strcpy(row.f.kind, row.hook ? "netkit" : "tcx");
		filter_rows_look(rows, &row);
		array_grow(rows->rows, rows->nr);
		rows->rows[rows->nr++] = row;
	}
}

static int tcx_rows_read(struct filter_rows *rows, uint32_t attach_type,
			 const struct nl_link *dev, struct err *err)
{
	struct dev_query q;
	int r = attach_tcx_query(attach_type, dev, &q, err);

	if (r == 0)
		tcx_rows_add(rows, attach_type, &q);
	return r;
}

int run_tcx_show(struct tc *tc, const struct request_filter *req, struct err *err)
{
	const struct print_filter_skip skip = {.parent = req->has_parent,
					       .parent_value = req->parent};
	auto_release(filter_rows_release) struct filter_rows rows = {.nr = 0};
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_strbuf text = STRBUF_INIT;
	int r = run_tcx_devices(tc, req, &devs, err);

	if (r == 0)
		r = tcx_rows_read(&rows, req->tcx.attach_type, devs.items, err);
	/* Without a direction it is both. */
	if (r == 0 && req->tcx.tcx && !req->tcx.netkit && !req->has_parent)
		r = tcx_rows_read(&rows, DEV_QUERY_TCX_EGRESS, devs.items, err);
	if (r < 0)
		return err->status ? r : err_status(err, TC_KERNEL);
	print_filters(tc, rows.rows, rows.nr, &skip, &text);
	fputs(sb_text(&text), tc->tool.out);
	filter_rows_remark(&rows);
	return 0;
}

/* Where it cannot be looked at, nothing is claimed. */
void run_tcx_remark(struct tc *tc, const struct request_filter *req)
{
	uint32_t type = req->parent == NL_PARENT_EGRESS ? DEV_QUERY_TCX_EGRESS
							: DEV_QUERY_TCX_INGRESS;
	auto_err unused = ERR_INIT;
	struct dev_query q;
	int ifindex;

	if (req->parent != NL_PARENT_INGRESS && req->parent != NL_PARENT_EGRESS)
		return;
	if (run_device(tc, req->dev, &ifindex, &unused) < 0 ||
	    dev_query(dev_query_kernel, ifindex, type, &q) < 0 || !q.nr)
		return;
	log_info("%u %s of %s %s not listed; add 'tcx'", q.nr,
		 q.nr == 1 ? "program" : "programs", dev_hook_name(type),
		 q.nr == 1 ? "is" : "are");
}

/* --- add, replace ----------------------------------------- */

/* A pin is of a program or of a link. */
static int tcx_open_anchor(const struct request_tcx *req, struct dev_attach_opts *opts,
			   struct err *err)
{
	auto_close int fd = -1;
	enum bpf_fd_kind kind;
	int r;

	opts->order = req->before ? DEV_BEFORE : req->after ? DEV_AFTER : DEV_ORDER_NONE;
	opts->anchor_is_link = req->anchor.link != 0;
	opts->anchor_id = req->anchor.link ? req->anchor.link : req->anchor.program;
	if (!req->anchor.pin)
		return 0;
	fd = bpf_fd_by_pin(req->anchor.pin, BPF_FD_UNKNOWN);
	if (fd < 0)
		return err_set(err, fd, "pin '%s'", req->anchor.pin);
	kind = bpf_fd_kind(fd);
	if (kind != BPF_FD_PROG && kind != BPF_FD_LINK)
		return err_say(err, -EINVAL, "pin '%s': neither a program nor a link",
			       req->anchor.pin);
	opts->anchor_is_link = kind == BPF_FD_LINK;
	r = bpf_fd_id(fd, &opts->anchor_id);
	return r < 0 ? err_set(err, r, "pin '%s'", req->anchor.pin) : 0;
}

int run_tcx_program(struct session *s, const struct request_filter *req,
		    const struct object_program **ret, struct err *err)
{
	int r = req->bpf.source == SOURCE_PINNED
			? program_open_pin(s, req->bpf.path, BPF_PROG_TYPE_SCHED_CLS, ret,
					   err)
			: program_load_object(s, &req->bpf, BPF_PROG_TYPE_SCHED_CLS, 0,
					      ret, err);

	if (r == 0 && session_object(s))
		r = run_export(session_object(s), req->bpf.export, err);
	return r < 0 && !err->status ? err_status(err, TC_USAGE) : r;
}

/* What can be refused before anything is loaded. */
static int tcx_prepare(struct tc *tc, const struct request_filter *req, struct session *s,
		       struct devices *devs, struct attach_tcx *at, struct err *err)
{
	int r = run_tcx_devices(tc, req, devs, err);

	if (r == 0)
		r = run_sock(tc, &at->sock, err);
	if (r < 0)
		return r;
	at->devs = devs->items;
	at->nr_devs = devs->nr;
	r = tcx_open_anchor(&req->tcx, &at->opts, err);
	if (r == 0)
		r = attach_tcx_check(at, err);
	if (r == 0 && at->link_pin && !at->pin_each)
		r = session_check_link_pin(s, at->link_pin, err);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

/* -echo: what the list has of it now. */
static void tcx_echo(const struct tc *tc, const struct attach_tcx *at)
{
	const struct print_filter_skip nothing = {.block = 0};
	auto_release(filter_rows_release) struct filter_rows rows = {.nr = 0};
	auto_strbuf text = STRBUF_INIT;

	for (size_t i = 0; tc->echo && i < at->nr_devs; i++) {
		size_t from = rows.nr;
		auto_err gone = ERR_INIT;

		if (at->found[i].kind == AGAIN_SAME)
			continue;
		if (tcx_rows_read(&rows, at->attach_type, &at->devs[i], &gone) < 0) {
			log_warn("what was made is not shown: %s", gone.text);
			continue;
		}
		for (size_t k = from; k < rows.nr; k++) {
			if (rows.rows[k].f.prog_id != at->put_id)
				continue;
			rows.rows[from] = rows.rows[k];
			rows.rows[from].event = at->found[i].kind == AGAIN_SWAP
							? EVENT_REPLACED
							: EVENT_ADDED;
			strcpy(rows.rows[from++].dev, at->devs[i].name);
		}
		rows.nr = from;
	}
	if (!tc->echo)
		return;
	print_filters(tc, rows.rows, rows.nr, &nothing, &text);
	fputs(sb_text(&text), tc->tool.out);
	filter_rows_remark(&rows);
}

int run_tcx_attach(struct tc *tc, const struct request_filter *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	const struct share_opts opts = program_opts(tc, &req->bpf);
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_release(attach_tcx_release) struct attach_tcx at = {
		.attach_type = req->tcx.attach_type,
		.link_pin = req->tcx.link_pin,
		.pin_each = req->devs != NULL,
		.replace = req->tcx.replace || req->op == NL_FILTER_REPLACE,
		.last = true};
	const struct object_program *prog;
	auto_session *s = session_new(&opts);
	int r;

	stop_hold_begin(&hold);
	r = tcx_prepare(tc, req, s, &devs, &at, err);
	if (r == 0)
		r = run_tcx_program(s, req, &prog, err);
	if (r < 0)
		return r;
	r = session_attach_tcx(s, prog, &at, err);
	if (r < 0)
		return err_status(err, TC_KERNEL);
	session_commit(s);
	tcx_echo(tc, &at);
	return 0;
}
