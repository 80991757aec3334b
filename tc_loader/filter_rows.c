/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "base/log.h"
#include "filter_rows.h"
#include "kernel/caps.h"
#include "kernel/dev_name.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "tc.h"

void filter_rows_look(struct filter_rows *l, struct print_filter_row *row)
{
	struct bpf_prog_info info;
	auto_close int fd = prog_fd_by_id(row->f.prog_id);
	int r = fd < 0 ? fd : prog_fd_info(fd, &info);

	/* One that went meanwhile is no secret. */
	if (r < 0 && r != -ENOENT && !l->nr_unread++)
		l->unread = r;
	if (r < 0)
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

void filter_rows_remark(const struct filter_rows *l)
{
	auto_err err = ERR_INIT;

	if (!l->nr_unread)
		return;
	err_set(&err, l->unread, "name and state of %zu program%s are not shown",
		l->nr_unread, l->nr_unread == 1 ? "" : "s");
	caps_explain(&err, CAPS_IDS);
	log_warn("%s", err.text);
}

int filter_rows_take(const struct nlmsghdr *nlh, void *ctx)
{
	struct filter_rows *l = ctx;
	struct nl_filter f;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	array_grow(l->rows, l->nr);
	l->rows[l->nr] = (struct print_filter_row){.f = f};
	if (f.prog_id)
		filter_rows_look(l, &l->rows[l->nr]);
	l->nr++;
	return 0;
}

void filter_rows_add_new(void *ctx, struct nl_filter *f, bool replaced)
{
	struct filter_rows *l = ctx;
	struct print_filter_row row = {.f = *f};

	row.event = replaced ? EVENT_REPLACED : EVENT_ADDED;
	if (f->prog_id)
		filter_rows_look(l, &row);
	if (f->ifindex)
		dev_name_now(l->tc ? l->tc->sock : NULL, f->ifindex, row.dev);
	array_grow(l->rows, l->nr);
	l->rows[l->nr++] = row;
	*f = (struct nl_filter){.ifindex = 0};
}

int filter_rows_take_event(const struct nlmsghdr *nlh, void *ctx)
{
	struct filter_rows *l = ctx;
	struct print_filter_row *row;
	int r = filter_rows_take(nlh, ctx);

	if (r < 0)
		return r;
	row = &l->rows[l->nr - 1];
	row->event = print_event(nlh->nlmsg_type == RTM_DELTFILTER, nlh->nlmsg_flags);
	if (row->f.ifindex)
		dev_name_now(l->tc ? l->tc->sock : NULL, row->f.ifindex, row->dev);
	return 0;
}

void filter_rows_clear(void *ctx)
{
	struct filter_rows *l = ctx;

	for (size_t i = 0; i < l->nr; i++)
		nl_filter_release(&l->rows[i].f);
	l->nr = l->nr_unread = 0;
}

void filter_rows_release(struct filter_rows *l)
{
	filter_rows_clear(l);
	free(l->rows);
}
