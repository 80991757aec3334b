/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "run_export.h"
#include "share/keep.h"
#include "tc.h"

/* Rows on their way to the printer. */
struct listing {
	struct print_filter_row *rows;
	size_t nr;
};

static void forget_rows(void *ctx)
{
	struct listing *l = ctx;

	for (size_t i = 0; i < l->nr; i++)
		nl_filter_release(&l->rows[i].f);
	l->nr = 0;
}

static void listing_release(struct listing *l)
{
	forget_rows(l);
	free(l->rows);
}

/* What tc shows of a program comes from the program itself, not from the filter. */
static void look_at_program(struct print_filter_row *row)
{
	struct bpf_prog_info info;
	auto_close int fd = prog_fd_by_id(row->f.prog_id);

	if (fd < 0 || prog_fd_info(fd, &info) < 0)
		return;
	row->prog = (struct print_prog){
		.known = true,
		.jited = info.jited_prog_len > 0,
		.load_time = info.load_time,
		.uid = info.created_by_uid,
		.btf_id = info.btf_id,
	};
	memcpy(row->prog.name, info.name, sizeof(row->prog.name) - 1);
	memcpy(row->prog.tag, info.tag, sizeof(row->prog.tag));
}

static int take_row(const struct nlmsghdr *nlh, void *ctx)
{
	struct listing *l = ctx;
	struct nl_filter f;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	array_grow(l->rows, l->nr);
	l->rows[l->nr] = (struct print_filter_row){.f = f};
	if (f.prog_id)
		look_at_program(&l->rows[l->nr]);
	l->nr++;
	return 0;
}

/* What these rows cannot tell, and what tc would not tell either. */
static void remarks(const struct request_filter *req, const struct listing *l)
{
	if (req->op == NL_FILTER_SHOW && req->dev && !req->has_parent && l->nr == 0)
		log_info("without ingress, egress or parent the root qdisc is asked; for "
			 "clsact name ingress or egress");
	for (size_t i = 0; i < l->nr; i++) {
		const struct nl_filter *f = &l->rows[i].f;

		if (strcmp(f->kind, "bpf") != 0) {
			log_info("options of filter '%s' are not shown; use tc", f->kind);
			return;
		}
		if (f->has_actions) {
			log_info("actions of filters are not shown; use tc");
			return;
		}
	}
}

static void print(const struct tc *tc, const struct request_filter *req,
		  const struct listing *l)
{
	bool show = req->op == NL_FILTER_SHOW;
	const struct print_filter_skip skip = {
		.block = req->f.block,
		.parent = show && req->has_parent,
		.parent_value = req->f.parent,
		.pref = show && req->has_pref,
		.protocol = show && req->has_protocol,
		.chain = show && req->f.has_chain,
	};
	auto_strbuf text = STRBUF_INIT;

	print_filters(tc, l->rows, l->nr, &skip, &text);
	fputs(sb_text(&text), tc->tool.out);
}

static int run_get(struct tc *tc, const struct request_filter *req, void *buf,
		   struct err *err)
{
	auto_release(listing_release) struct listing l = {.rows = NULL};
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	if (r == 0 && req->op == NL_FILTER_SHOW)
		r = nl_sock_dump(sock, buf, take_row, forget_rows, &l, err);
	else if (r == 0)
		r = nl_sock_request(sock, buf, take_row, &l, err);
	if (r < 0)
		return err_status(err, TC_KERNEL);
	print(tc, req, &l);
	remarks(req, &l);
	return 0;
}

/*
 * An ingress qdisc takes a filter for egress without a word and runs it on incoming
 * packets: nobody means that.
 */
static int check_hook(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *f, struct err *err)
{
	struct nl_qdisc q;
	int r;

	if (f->parent != NL_PARENT_EGRESS || !f->ifindex || f->block)
		return 0;
	r = run_qdisc_find(tc, f->ifindex, &q, err);
	if (r <= 0)
		return r;
	if (strcmp(q.kind, "ingress") != 0)
		return 0;
	err_say(err, -EINVAL,
		"'%s' has an ingress qdisc, which knows no egress: the filter would see "
		"incoming packets; use clsact",
		req->dev);
	return err_status(err, TC_KERNEL);
}

static int request(struct tc *tc, void *buf, struct err *err)
{
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	if (r == 0)
		r = nl_sock_request(sock, buf, NULL, NULL, err);
	if (r == -EPERM)
		caps_explain(err, CAPS_ATTACH);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

static int run_change(struct tc *tc, struct request_filter *req, void *buf,
		      struct err *err)
{
	auto_release(program_release) struct program prog = PROGRAM_INIT;
	int r = check_hook(tc, req, &req->f, err);

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
	r = nl_filter_build(buf, NL_FILTER_BUF, &req->f, req->op);
	if (r < 0)
		return err_set(err, r, "filter request");
	if (req->op != NL_FILTER_ADD)
		run_watch_filters(tc, &req->f);
	r = request(tc, buf, err);
	if (r < 0)
		return r;
	program_keep(&prog);
	run_drop_kept(tc, false);
	if (req->op == NL_FILTER_REPLACE && (!req->f.pref || !req->f.handle))
		log_info("'replace' without %s adds a filter each time; name pref and "
			 "handle "
			 "to replace one",
			 !req->f.pref ? "pref" : "handle");
	return 0;
}

static int find_place(struct tc *tc, struct request_filter *req, struct err *err)
{
	int r;

	if (req->dev)
		return run_device(req->dev, &req->f.ifindex, err);
	if (!req->f.block || req->op != NL_FILTER_SHOW)
		return 0;
	r = run_qdisc_block(tc, req->f.block, err);
	if (r != 0)
		return r < 0 ? r : 0;
	err_say(err, -ENOENT, "cannot find block '%u'", req->f.block);
	return err_status(err, TC_USAGE);
}

static int run_del(struct tc *tc, const struct request_filter *req, void *buf,
		   struct err *err)
{
	int r;

	run_watch_filters(tc, &req->f);
	r = request(tc, buf, err);
	if (r == 0)
		run_drop_kept(tc, false);
	return r;
}

int run_filter(struct tc *tc, struct request_filter *req, struct err *err)
{
	auto_free char *buf = xcalloc(1, NL_FILTER_BUF);
	int r = find_place(tc, req, err);

	if (r < 0)
		return r;
	switch (req->op) {
	case NL_FILTER_ADD:
	case NL_FILTER_REPLACE:
	case NL_FILTER_CHANGE:
		return run_change(tc, req, buf, err);
	case NL_FILTER_DEL:
	case NL_FILTER_GET:
	case NL_FILTER_SHOW:
		break;
	}
	/* What selects a filter is pref, handle and kind; a program is not looked at. */
	req->f.has_options = false;
	r = nl_filter_build(buf, NL_FILTER_BUF, &req->f, req->op);
	if (r < 0)
		return err_set(err, r, "filter request");
	return req->op == NL_FILTER_DEL ? run_del(tc, req, buf, err)
					: run_get(tc, req, buf, err);
}
