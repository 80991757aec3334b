/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is there a filter in front of the new one that ends the list? What a direct-action program
 * returns does, TC_ACT_UNSPEC and what cls_bpf takes for it aside, and filters behind it see
 * nothing. Without a pref the kernel puts a new filter in front of those that have theirs from
 * the kernel, too, and behind any with a pref below 32768.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "def/returned.h"
#include "filter_rows.h"
#include "kernel/dev_name.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "request.h"
#include "run.h"
#include "run_look.h"
#include "tc.h"

/* A batch would read a hook for each of its lines: it is told by the first ones. */
enum { FRONT_LOOKS = 4, FRONT_LOOKS_IN_ALL = 64 };

static bool front_is_once_too_often(struct tc *tc, const struct nl_filter *made)
{
	if (tc->front.ifindex != made->ifindex || tc->front.parent != made->parent)
		tc->front.looks = 0;
	tc->front.ifindex = made->ifindex;
	tc->front.parent = made->parent;
	return tc->front.looks++ >= FRONT_LOOKS || tc->front.all++ >= FRONT_LOOKS_IN_ALL;
}

static int front_take(const struct nlmsghdr *nlh, void *ctx)
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

/* What says so without end: a program that drops some and passes others on hides nothing. */
static bool front_is_ok(int32_t value)
{
	return value == TC_ACT_OK;
}

static bool front_may_end(uint32_t prog_id)
{
	auto_close int fd = prog_fd_by_id(prog_id);
	auto_free struct bpf_insn *insns = NULL;
	size_t nr;

	if (fd < 0 || prog_fd_insns(fd, &insns, &nr) < 0)
		return false;
	return returned_constant(insns, nr, front_is_ok);
}

static bool front_meets(const struct nl_filter *f, const struct nl_filter *made)
{
	return f->has_options && f->direct_action && f->prog_id &&
	       f->chain == made->chain &&
	       (f->protocol == made->protocol || f->protocol == ETH_P_ALL ||
		made->protocol == ETH_P_ALL);
}

/* The kernel lists filters in the order in which it runs them. *own: the new one. */
static const struct nl_filter *front_find(const struct filter_rows *l,
					  const struct nl_filter *made, uint32_t own_id,
					  const struct nl_filter **own)
{
	const struct nl_filter *front = NULL;

	for (size_t i = 0; i < l->nr; i++) {
		const struct nl_filter *f = &l->rows[i].f;

		*own = f;
		if (f->prog_id == own_id && (!made->pref || f->pref == made->pref))
			return front;
		if (!front && front_meets(f, made) && front_may_end(f->prog_id))
			front = f;
	}
	return NULL;
}

void run_front_remark(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *made, void *buf)
{
	auto_release(filter_rows_release) struct filter_rows l = {.nr = 0};
	struct nl_filter place = *made;
	const struct nl_filter *front, *own;
	struct bpf_prog_info info;
	char dev[NL_LINK_NAME_MAX];
	auto_err unused = ERR_INIT;
	auto_strbuf scratch = STRBUF_INIT;
	struct nl_sock *sock;

	if ((req->op != NL_FILTER_ADD && req->op != NL_FILTER_REPLACE) || req->devs ||
	    !made->ifindex || made->prog != NL_FILTER_EBPF ||
	    front_is_once_too_often(tc, made))
		return;
	place.has_options = false;
	place.pref = 0;
	place.handle = 0;
	place.protocol = 0;
	place.kind[0] = '\0';
	if (nl_filter_build(buf, NL_FILTER_BUF, &place, NL_FILTER_SHOW) < 0 ||
	    prog_fd_info(made->prog_fd, &info) < 0 || run_sock(tc, &sock, &unused) < 0 ||
	    nl_sock_dump(sock, buf, front_take, filter_rows_clear, &l, &unused) < 0)
		return;
	front = front_find(&l, made, info.id, &own);
	if (!front)
		return;
	dev_name_now(sock, made->ifindex, dev);
	log_info(
		"'%s' (pref %u, id %u) runs first on this hook of '%s' and may return TC_ACT_OK, which ends the list: this filter (pref %u) sees only what that one passes on with TC_ACT_UNSPEC",
		utf8_visible(front->name, &scratch), front->pref, front->prog_id, dev,
		own->pref);
}
