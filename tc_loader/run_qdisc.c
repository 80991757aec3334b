/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "devices.h"
#include "netlink/nl_link.h"
#include "kernel/caps.h"
#include "kernel/dev_name.h"
#include "kernel/nl_sock.h"
#include "kernel/stop_hold.h"
#include "print.h"
#include "refusal.h"
#include "request.h"
#include "run.h"
#include "run_look.h"
#include "run_outcome.h"
#include "tc.h"

static int qdisc_request(struct tc *tc, void *buf, nl_sock_fn fn, void *ctx,
			 struct err *err)
{
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	if (r == 0)
		r = nl_sock_request(sock, buf, fn, ctx, err);
	if (r == -EPERM)
		caps_explain(err, CAPS_ATTACH);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

/* A dump on its way to the printer. */
struct listing {
	const struct request_qdisc *req;
	int ifindex; /* 0: all */
	struct print_qdisc_row *rows;
	size_t nr;
};

static void qdisc_listing_release(struct listing *l)
{
	free(l->rows);
}

static void forget_rows(void *ctx)
{
	struct listing *l = ctx;

	l->nr = 0;
}

/* The kernel answers with all qdiscs, whatever was asked; tc sorts them out itself too.
 */
static int take_row(const struct nlmsghdr *nlh, void *ctx)
{
	struct listing *l = ctx;
	const struct request_qdisc *req = l->req;
	struct nl_qdisc q;
	int r = nl_qdisc_parse(&q, nlh);

	if (r < 0)
		return r;
	if ((l->ifindex && q.ifindex != l->ifindex) ||
	    (req->parent && q.parent != req->parent) ||
	    (req->handle && q.handle != req->handle))
		return 0;
	array_grow(l->rows, l->nr);
	l->rows[l->nr++] = (struct print_qdisc_row){.q = q};
	return 0;
}

static int qdisc_dump(struct tc *tc, struct listing *l, struct err *err)
{
	const struct nl_qdisc q = {.ifindex = l->ifindex, .invisible = l->req->invisible};
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	struct nl_sock *sock;
	int r = nl_qdisc_build(buf, sizeof(buf), &q, NL_QDISC_SHOW);

	if (r < 0)
		return err_set(err, r, "qdisc request");
	r = run_sock(tc, &sock, err);
	if (r == 0)
		r = nl_sock_dump(sock, (struct nlmsghdr *)buf, take_row, forget_rows, l,
				 err);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

int run_qdisc_block(struct tc *tc, unsigned int block, struct err *err)
{
	const struct request_qdisc all = {.op = NL_QDISC_SHOW};
	auto_release(qdisc_listing_release) struct listing l = {.req = &all};
	int r = qdisc_dump(tc, &l, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l.nr; i++)
		if (l.rows[i].q.ingress_block == block ||
		    l.rows[i].q.egress_block == block)
			return 1;
	return 0;
}

/* The first kind with options that only tc can print; NULL: there is none. */
static const char *foreign_qdisc(const struct listing *l)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->rows[i].q.has_options)
			return l->rows[i].q.kind;
	return NULL;
}

static int qdisc_show(struct tc *tc, const struct request_qdisc *req, struct err *err)
{
	auto_release(qdisc_listing_release) struct listing l = {.req = req};
	auto_free char(*names)[NL_LINK_NAME_MAX] = NULL;
	auto_strbuf text = STRBUF_INIT;
	const char *foreign;
	int r = req->dev ? run_device(tc, req->dev, &l.ifindex, err) : 0;

	if (r < 0)
		return r;
	r = qdisc_dump(tc, &l, err);
	if (r < 0)
		return r;
	foreign = foreign_qdisc(&l);
	if (foreign && tc->hand_over.path)
		return TC_NOT_OURS;
	names = xcalloc(l.nr + 1, sizeof(*names));
	for (size_t i = 0; i < l.nr && !req->dev; i++) {
		dev_name_now(tc->sock, l.rows[i].q.ifindex, names[i]);
		l.rows[i].dev = names[i];
	}
	print_qdiscs(tc, l.rows, l.nr, &text);
	fputs(sb_text(&text), tc->tool.out);
	if (foreign)
		log_info("options of qdisc '%s' are not shown; use tc, or --hand-over",
			 foreign);
	return 0;
}

/* One request on its way to one interface, or to many in turn. */
struct sending {
	struct tc *tc;
	enum nl_qdisc_op op;
	struct nl_qdisc q;
};

/* The answer was lost. err says how; it is emptied where all went well. */
static int qdisc_ask_outcome(struct sending *s, struct err *err)
{
	auto_free char *lost = xstrdup(err->text);
	bool del = s->op == NL_QDISC_DEL;
	auto_err why = ERR_INIT;

	switch (run_outcome_qdisc(s->tc, &s->q, s->op, &why)) {
	case OUTCOME_DONE:
		log_info("%s: the answer is lost; a second look finds the qdisc %s", lost,
			 del ? "gone" : "in place");
		err_release(err);
		return 0;
	case OUTCOME_NOT_DONE:
		return err_say(err, err->code,
			       "%s: the answer is lost; a second look finds the qdisc %s",
			       lost, del ? "still in place" : "not in place");
	case OUTCOME_UNKNOWN:
		break;
	}
	return err_say(
		err, err->code,
		"%s: the answer is lost; unknown whether the qdisc is %sin place (%s)",
		lost, del ? "still " : "", why.text);
}

static int qdisc_send_to(const struct nl_link *dev, void *ctx, struct err *err)
{
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	struct sending *s = ctx;
	int r;

	s->q.ifindex = dev->ifindex;
	r = nl_qdisc_build(buf, sizeof(buf), &s->q, s->op);
	if (r < 0)
		return err_set(err, r, "qdisc request");
	if (s->op == NL_QDISC_DEL || s->op == NL_QDISC_REPLACE)
		run_watch_qdisc(s->tc, dev->ifindex);
	r = qdisc_request(s->tc, buf, NULL, NULL, err);
	if (r < 0 && s->tc->sock && nl_sock_lost(s->tc->sock))
		r = qdisc_ask_outcome(s, err);
	else if (r < 0 && s->tc->sock)
		refusal_of_qdisc(s->tc, s->op, &s->q, err);
	return r < 0 ? err_status(err, TC_KERNEL) : 0;
}

/* Qdiscs made so far stay: others may already have put filters there. */
static int qdisc_send_to_all(struct sending *s, const char *word, struct err *err)
{
	auto_release(devices_release) struct devices devs = {.nr = 0};
	int r = devices_find(&devs, s->tc, word, err);
	size_t failed;

	if (r < 0)
		return r;
	failed = devices_each(&devs, qdisc_send_to, s);
	if (failed == 0)
		return 0;
	err_say(err, -EIO, "%zu of %zu interfaces failed", failed, devs.nr);
	return err_status(err, TC_KERNEL);
}

static struct nl_qdisc qdisc_wire(const struct request_qdisc *req)
{
	struct nl_qdisc q = {
		.parent = req->parent,
		.handle = req->handle,
		.ingress_block = req->ingress_block,
		.egress_block = req->egress_block,
	};

	if (req->kind)
		snprintf(q.kind, sizeof(q.kind), "%s", req->kind);
	return q;
}

/* tc leaves it to the kernel to miss the kind. */
static int refuse_no_kind(struct err *err)
{
	err_say(err, -EINVAL,
		"say 'clsact' or 'ingress'; use tc for other qdiscs, or --hand-over");
	return err_status(err, TC_KERNEL);
}

int run_qdisc(struct tc *tc, const struct request_qdisc *req, struct err *err)
{
	/* Each interface on its own is done or not; all of them are brought to their end. */
	auto_stop_hold hold = STOP_HOLD_INIT;
	struct sending s = {.tc = tc, .op = req->op, .q = qdisc_wire(req)};
	struct nl_link dev = {.ifindex = 0};
	int r = 0;

	if (req->op == NL_QDISC_SHOW)
		return qdisc_show(tc, req, err);
	stop_hold_begin(&hold);
	if (req->dev)
		r = run_device(tc, req->dev, &dev.ifindex, err);
	if (r == 0 && req->no_kind)
		return refuse_no_kind(err);
	if (r == 0)
		r = req->devs ? qdisc_send_to_all(&s, req->devs, err)
			      : qdisc_send_to(&dev, &s, err);
	if (r < 0 && req->op == NL_QDISC_DEL)
		keep_watch_look(&tc->going);
	if (req->op == NL_QDISC_DEL || req->op == NL_QDISC_REPLACE)
		run_drop_kept(tc, false);
	return r;
}
