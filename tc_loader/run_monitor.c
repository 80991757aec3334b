/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <sys/time.h>

#include <linux/rtnetlink.h>

#include "dev_names.h"
#include "filter_rows.h"
#include "kernel/nl_sock.h"
#include "print.h"
#include "run.h"
#include "run_look.h"
#include "tc.h"

struct watching {
	struct tc tc; /* as in tc: events are text, whatever -j says */
	struct nl_sock *sock;
	struct dev_names names;
	bool unread_said; /* that a program could not be asked */
	struct err *err;
};

static void watching_release(struct watching *w)
{
	dev_names_release(&w->names);
}

static int qdisc_event(struct watching *w, const struct nlmsghdr *nlh, struct strbuf *out)
{
	char name[NL_LINK_NAME_MAX];
	struct print_qdisc_row row = {.dev = name};
	int r = nl_qdisc_parse(&row.q, nlh);

	if (r < 0)
		return r;
	dev_names_get(&w->names, w->sock, row.q.ifindex, name);
	row.event = print_event(nlh->nlmsg_type == RTM_DELQDISC, nlh->nlmsg_flags);
	print_qdiscs(&w->tc, &row, 1, out);
	return 0;
}

static int filter_event(struct watching *w, const struct nlmsghdr *nlh,
			struct strbuf *out)
{
	const struct print_filter_skip nothing = {.block = 0};
	auto_release(filter_rows_release) struct filter_rows l = {.nr = 0};
	int r = filter_rows_take_event(nlh, &l);

	for (size_t i = 0; r == 0 && i < l.nr; i++)
		if (l.rows[i].f.ifindex)
			dev_names_get(&w->names, w->sock, l.rows[i].f.ifindex,
				      l.rows[i].dev);
	if (r == 0)
		print_filters(&w->tc, l.rows, l.nr, &nothing, out);
	if (r == 0 && !w->unread_said && l.nr_unread) {
		filter_rows_remark(&l);
		w->unread_said = true;
	}
	return r;
}

static int chain_event(struct watching *w, const struct nlmsghdr *nlh, struct strbuf *out)
{
	char name[NL_LINK_NAME_MAX];
	struct nl_chain c;
	int r = nl_chain_parse(&c, nlh);

	if (r < 0)
		return r;
	dev_names_get(&w->names, w->sock, c.ifindex, name);
	print_chain(&w->tc,
		    &(struct print_chain_row){
			    .event = print_event(nlh->nlmsg_type == RTM_DELCHAIN,
						 nlh->nlmsg_flags),
			    .dev = name,
			    .block = c.block,
			    .parent = c.parent,
			    .chain = c.chain,
		    },
		    out);
	return 0;
}

/* Classes and actions are in the same group; nothing here makes them. */
static int take_event(const struct nlmsghdr *nlh, void *ctx)
{
	struct watching *w = ctx;
	const struct tc *tc = &w->tc;
	auto_strbuf text = STRBUF_INIT;
	struct timeval now;
	int r;

	gettimeofday(&now, NULL);
	print_time(tc, &now, &text);
	switch (nlh->nlmsg_type) {
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
		r = qdisc_event(w, nlh, &text);
		break;
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		r = filter_event(w, nlh, &text);
		break;
	case RTM_NEWCHAIN:
	case RTM_DELCHAIN:
		r = chain_event(w, nlh, &text);
		break;
	default:
		return 0;
	}
	if (r < 0)
		return r;
	fputs(sb_text(&text), tc->tool.out);
	return tool_flush(&tc->tool, w->err);
}

int run_monitor(struct tc *tc, struct err *err)
{
	auto_release(watching_release) struct watching w = {.tc = *tc, .err = err};
	int r = run_sock(tc, &w.sock, err);

	w.tc.tool.json = false;
	if (r == 0)
		r = dev_names_fill(&w.names, w.sock, err);
	return r < 0 ? r : nl_sock_listen(w.sock, RTNLGRP_TC, take_event, &w, err);
}
