/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <string.h>

#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "load/tc_outcome.h"

/* The filters of one place, and those among them that are meant. */
struct look {
	const struct outcome_filter *asked;
	uint32_t prog_id; /* of what was sent; 0: classic BPF */
	size_t nr;        /* that fit */
	struct nl_filter found;
};

static void outcome_look_release(struct look *l)
{
	nl_filter_release(&l->found);
}

static bool is_known(const struct outcome_filter *asked, const struct nl_filter *f)
{
	for (size_t i = 0; i < asked->nr_known; i++) {
		const struct nl_filter *k = &asked->known[i];

		if (k->ifindex == f->ifindex && k->block == f->block &&
		    k->parent == f->parent && k->chain == f->chain &&
		    k->pref == f->pref && k->handle == f->handle)
			return true;
	}
	return false;
}

static bool is_selected(const struct nl_filter *asked, const struct nl_filter *f)
{
	return f->chain == asked->chain && (!asked->pref || f->pref == asked->pref) &&
	       (!asked->handle || f->handle == asked->handle);
}

static bool is_sent(const struct look *l, const struct nl_filter *f)
{
	const struct nl_filter *sent = l->asked->f;

	if (strcmp(f->kind, "bpf") != 0 || !f->has_options ||
	    f->protocol != sent->protocol || f->classid != sent->classid ||
	    f->direct_action != sent->direct_action)
		return false;
	if (sent->prog == NL_FILTER_EBPF)
		return l->prog_id && f->prog_id == l->prog_id;
	return f->prog == NL_FILTER_CBPF && f->nr_ops == sent->nr_ops &&
	       memcmp(f->ops, sent->ops, f->nr_ops * sizeof(*f->ops)) == 0;
}

static int look_at_filter(const struct nlmsghdr *nlh, void *ctx)
{
	struct look *l = ctx;
	struct nl_filter f;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	if (!is_selected(l->asked->f, &f) ||
	    (l->asked->op != NL_FILTER_DEL &&
	     (is_known(l->asked, &f) || !is_sent(l, &f)))) {
		nl_filter_release(&f);
		return 0;
	}
	l->nr++;
	nl_filter_release(&l->found);
	l->found = f;
	return 0;
}

static void tc_outcome_look_again(void *ctx)
{
	((struct look *)ctx)->nr = 0;
}

static int look_at_place(struct nl_sock *sock, struct look *l, struct err *err)
{
	const struct nl_filter *f = l->asked->f;
	const struct nl_filter place = {.ifindex = f->ifindex,
					.block = f->block,
					.parent = f->parent,
					.has_chain = f->has_chain,
					.chain = f->chain};
	char buf[256] __attribute__((aligned(8)));
	struct bpf_prog_info info;
	int r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_SHOW);

	if (r == 0 && l->asked->op != NL_FILTER_DEL && f->prog == NL_FILTER_EBPF) {
		r = prog_fd_info(f->prog_fd, &info);
		l->prog_id = r == 0 ? info.id : 0;
	}
	if (r < 0)
		return err_set(err, r, "look for the filter");
	return nl_sock_dump(sock, (struct nlmsghdr *)buf, look_at_filter,
			    tc_outcome_look_again, l, err);
}

enum tc_outcome tc_outcome_filter(struct nl_sock *sock,
				  const struct outcome_filter *asked,
				  struct nl_filter *found, struct err *err)
{
	auto_release(outcome_look_release) struct look l = {.asked = asked};
	bool exact = asked->f->pref && asked->f->handle && asked->op != NL_FILTER_ADD;

	if (look_at_place(sock, &l, err) < 0)
		return OUTCOME_UNKNOWN;
	if (asked->op == NL_FILTER_DEL)
		return l.nr ? OUTCOME_NOT_DONE : OUTCOME_DONE;
	if (!l.nr)
		return OUTCOME_NOT_DONE;
	if (!asked->own_program && !exact) {
		err_say(err, -EEXIST,
			"a filter with this program is at pref %u handle 0x%x, maybe since earlier",
			l.found.pref, l.found.handle);
		return OUTCOME_UNKNOWN;
	}
	*found = l.found;
	l.found = (struct nl_filter){.ifindex = 0};
	return OUTCOME_DONE;
}
