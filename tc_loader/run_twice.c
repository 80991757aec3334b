/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/dev_name.h"
#include "filter_rows.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "request.h"
#include "run.h"
#include "run_look.h"
#include "tc.h"

static int twice_take(const struct nlmsghdr *nlh, void *ctx)
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

/* The same instructions under the same name in the same chain. */
static bool twice_same(const struct nl_filter *f, const struct nl_filter *made,
		       const uint8_t tag[static 8])
{
	return f->has_options && f->has_tag && f->chain == made->chain &&
	       memcmp(f->tag, tag, sizeof(f->tag)) == 0 &&
	       strcmp(f->name, made->name) == 0;
}

void run_twice_remark(struct tc *tc, const struct request_filter *req,
		      const struct nl_filter *made, void *buf)
{
	auto_release(filter_rows_release) struct filter_rows l = {.nr = 0};
	struct nl_filter place = *made;
	auto_strbuf prefs = STRBUF_INIT;
	struct bpf_prog_info info;
	char dev[NL_LINK_NAME_MAX];
	auto_err unused = ERR_INIT;
	struct nl_sock *sock;
	size_t nr = 0;

	if (req->op != NL_FILTER_ADD || req->devs || made->pref || made->handle ||
	    !made->name[0] || !made->ifindex)
		return;
	/* A batch that piles up filters on one hook reads its list until this was said. */
	if (tc->twice.ifindex == made->ifindex && tc->twice.parent == made->parent)
		return;
	place.has_options = false;
	if (nl_filter_build(buf, NL_FILTER_BUF, &place, NL_FILTER_SHOW) < 0 ||
	    prog_fd_info(made->prog_fd, &info) < 0 || run_sock(tc, &sock, &unused) < 0 ||
	    nl_sock_dump(sock, buf, twice_take, filter_rows_clear, &l, &unused) < 0)
		return;
	for (size_t i = 0; i < l.nr; i++)
		if (twice_same(&l.rows[i].f, made, info.tag))
			sb_addf(&prefs, "%s%u", nr++ ? ", " : "", l.rows[i].f.pref);
	if (nr < 2)
		return;
	tc->twice.ifindex = made->ifindex;
	tc->twice.parent = made->parent;
	dev_name_now(sock, made->ifindex, dev);
	log_info(
		"'%s' is now %zu times on this hook of '%s' (pref %s); 'filter replace' with pref and handle keeps one",
		made->name, nr, dev, sb_text(&prefs));
}
