/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "base/log.h"
#include "filter_rows.h"
#include "kernel/nl_sock.h"
#include "print.h"
#include "request.h"
#include "run.h"
#include "run_look.h"
#include "run_tcx.h"
#include "tc.h"

/* A row with more than what is shown here of a bpf filter; NULL: there is none. */
static const struct nl_filter *foreign_filter(const struct filter_rows *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		const struct nl_filter *f = &l->rows[i].f;

		if (strcmp(f->kind, "bpf") != 0 || f->has_actions)
			return f;
	}
	return NULL;
}

/* What these rows cannot tell, and what tc would not tell either. */
static void filter_remarks(struct tc *tc, const struct request_filter *req,
			   const struct filter_rows *l)
{
	const struct nl_filter *foreign = foreign_filter(l);

	if (req->op == NL_FILTER_SHOW && req->dev && !req->has_parent && l->nr == 0)
		log_info(
			"without ingress, egress or parent the root qdisc is asked; for clsact name ingress or egress");
	if (req->op == NL_FILTER_SHOW && req->dev)
		run_tcx_remark(tc, req);
	if (foreign && strcmp(foreign->kind, "bpf") != 0)
		log_info("options of filter '%s' are not shown; use tc, or --hand-over",
			 foreign->kind);
	else if (foreign)
		log_info("actions of filters are not shown; use tc, or --hand-over");
}

static int refuse_brief(struct err *err)
{
	err_say(err, -EOPNOTSUPP,
		"the kernel has no brief list of bpf filters; leave -brief out");
	return err_status(err, TC_USAGE);
}

static void filter_print(const struct tc *tc, const struct request_filter *req,
			 const struct filter_rows *l)
{
	bool show = req->op == NL_FILTER_SHOW;
	const struct print_filter_skip skip = {
		.block = req->block,
		.parent = show && req->has_parent,
		.parent_value = req->parent,
		/* 0 selects nothing. */
		.pref = show && req->pref && !req->wide_pref,
		.protocol = show && req->protocol,
		.chain = show && req->has_chain,
	};
	auto_strbuf text = STRBUF_INIT;

	print_filters(tc, l->rows, l->nr, &skip, &text);
	fputs(sb_text(&text), tc->tool.out);
}

static int run_get(struct tc *tc, const struct request_filter *req, void *buf,
		   struct err *err)
{
	auto_release(filter_rows_release) struct filter_rows l = {.rows = NULL};
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	if (r == 0 && req->op == NL_FILTER_SHOW)
		r = nl_sock_dump(sock, buf, filter_rows_take, filter_rows_clear, &l, err);
	else if (r == 0)
		r = nl_sock_request(sock, buf, filter_rows_take, &l, err);
	if (r < 0)
		return err_status(err, TC_KERNEL);
	if (tc->hand_over.path && foreign_filter(&l))
		return TC_NOT_OURS;
	if (tc->brief && req->op == NL_FILTER_SHOW && l.nr > 0)
		return refuse_brief(err);
	filter_print(tc, req, &l);
	filter_rows_remark(&l);
	filter_remarks(tc, req, &l);
	return 0;
}

/* What the kernel is asked, but for the interface and the program. */
static void filter_wire(struct nl_filter *ret, const struct request_filter *req)
{
	*ret = (struct nl_filter){
		.block = req->block,
		.parent = req->parent,
		.handle = req->handle,
		.pref = req->pref,
		.protocol = req->protocol,
		.has_chain = req->has_chain,
		.chain = req->chain,
		.has_options = req->has_options,
		.has_classid = req->has_classid,
		.classid = req->classid,
		.direct_action = req->direct_action,
		.gen_flags = (req->skip_hw ? TCA_CLS_FLAGS_SKIP_HW : 0) |
			     (req->skip_sw ? TCA_CLS_FLAGS_SKIP_SW : 0),
	};
	if (req->is_bpf)
		strcpy(ret->kind, "bpf");
}

static void filter_say_ignored(const struct request_filter *req)
{
	if (req->ignored && req->op == NL_FILTER_SHOW)
		log_info(
			"'%s' selects nothing in a list, and is ignored; 'filter get' shows one filter",
			req->ignored);
	else if (req->ignored)
		log_info(
			"'%s' and what follows has no meaning for a filter that exists, and is ignored; 'pref' and 'handle' select it",
			req->ignored);
}

static int find_place(struct tc *tc, const struct request_filter *req,
		      struct nl_filter *ret, struct err *err)
{
	int r;

	filter_wire(ret, req);
	if (req->dev)
		return run_device(tc, req->dev, &ret->ifindex, err);
	if (!req->block || req->op != NL_FILTER_SHOW)
		return 0;
	r = run_qdisc_block(tc, req->block, err);
	if (r != 0)
		return r < 0 ? r : 0;
	err_say(err, -ENOENT, "cannot find block '%u'", req->block);
	return err_status(err, TC_USAGE);
}

static int run_filter_tcx(struct tc *tc, const struct request_filter *req,
			  struct err *err)
{
	switch (req->op) {
	case NL_FILTER_SHOW:
		return run_tcx_show(tc, req, err);
	case NL_FILTER_DEL:
		return run_tcx_delete(tc, req, err);
	default:
		return run_tcx_attach(tc, req, err);
	}
}

int run_filter(struct tc *tc, const struct request_filter *req, struct err *err)
{
	auto_free char *buf = xcalloc(1, NL_FILTER_BUF);
	struct nl_filter place;
	int r;

	if (req->tcx.attach_type)
		return run_filter_tcx(tc, req, err);
	r = find_place(tc, req, &place, err);
	if (r < 0)
		return r;
	filter_say_ignored(req);
	switch (req->op) {
	case NL_FILTER_ADD:
	case NL_FILTER_REPLACE:
	case NL_FILTER_CHANGE:
		return run_filter_attach(tc, req, &place, buf, err);
	case NL_FILTER_DEL:
		return run_filter_detach(tc, req, &place, err);
	case NL_FILTER_SHOW:
	case NL_FILTER_GET:
		break;
	}
	r = nl_filter_build(buf, NL_FILTER_BUF, &place, req->op);
	if (r < 0)
		return err_set(err, r, "filter request");
	return run_get(tc, req, buf, err);
}
