/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "kernel/caps.h"
#include "kernel/dev_attach.h"
#include "kernel/link_fd.h"
#include "kernel/nl_sock.h"
#include "load/again_judge.h"
#include "load/attach_dev_link.h"
#include "load/attach_link.h"
#include "netlink/nl_link.h"

int attach_dev_link_open(const struct attach_dev_link *at, struct err *err)
{
	const struct dev_hook hook = {.ifindex = at->ifindex,
				      .attach_type = at->attach_type};
	int fd = at->attach_type == LINK_FD_ATTACH_XDP
			 ? link_fd_on_dev(at->prog_fd, at->ifindex, at->attach_type)
			 : dev_attach_link(&hook, at->prog_fd, &at->order);

	if (fd == -ENOENT && at->order.anchor_id)
		return err_say(err, fd, "%s id %u is not attached to %s",
			       at->order.anchor_is_link ? "link" : "program",
			       at->order.anchor_id, dev_hook_name(at->attach_type));
	if (fd == -EINVAL && at->attach_type != LINK_FD_ATTACH_XDP)
		return err_say(
			err, fd,
			"the kernel refuses the link: tcx takes Linux 6.6 and a program of type sched_cls");
	if (fd < 0) {
		err_set(err, fd, "attach");
		return caps_explain(err, CAPS_ATTACH);
	}
	return fd;
}

/* --- is the pinned link here? ----------------------------- */

/* Numbers of interfaces come again in each network namespace, and a link does not tell which. */
struct dev_link_seen {
	int ifindex;
	uint32_t prog_id;
	bool here;
};

static int dev_link_see_xdp(const struct nlmsghdr *nlh, void *ctx)
{
	struct dev_link_seen *seen = ctx;
	struct nl_link link;

	if (nl_link_parse(&link, nlh) < 0 || link.ifindex != seen->ifindex)
		return 0;
	for (size_t i = 0; i < link.nr_xdp; i++)
		seen->here |= link.xdp[i].prog_id == seen->prog_id;
	return 0;
}

static int dev_link_is_xdp_here(const struct attach_dev_link *at,
				const struct link_fd_info *info, bool *ret,
				struct err *err)
{
	struct dev_link_seen seen = {.ifindex = at->ifindex, .prog_id = info->prog_id};
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r == 0)
		r = nl_sock_dump(at->sock, (struct nlmsghdr *)buf, dev_link_see_xdp, NULL,
				 &seen, err);
	*ret = seen.here;
	return r < 0 ? err_context(err, "list interfaces") : 0;
}

static int dev_link_is_here(const struct attach_dev_link *at,
			    const struct link_fd_info *info, bool *ret, struct err *err)
{
	struct dev_query q;
	int r;

	*ret = false;
	if (info->attach_type != at->attach_type ||
	    info->ifindex != (uint32_t)at->ifindex)
		return 0;
	if (at->attach_type == LINK_FD_ATTACH_XDP)
		return dev_link_is_xdp_here(at, info, ret, err);
	r = dev_query(dev_query_kernel, at->ifindex, at->attach_type, &q);
	if (r < 0)
		return err_set(err, r, "query %s", dev_hook_name(at->attach_type));
	for (uint32_t i = 0; i < q.nr; i++)
		*ret |= q.link_ids[i] == info->id;
	return 0;
}

/* --- look and make ---------------------------------------- */

int attach_dev_link_look(const struct attach_dev_link *at, struct again *ret,
			 struct err *err)
{
	const struct again_judge j = {.obj = at->obj,
				      .prog_fd = at->prog_fd,
				      .where = at->dev,
				      .hook = dev_hook_name(at->attach_type)};
	struct link_fd_info info;
	bool here;
	int r;

	*ret = (struct again){.kind = AGAIN_ATTACH};
	r = again_judge_pin(at->pin, &info, ret, err);
	if (r <= 0)
		return r;
	r = dev_link_is_here(at, &info, &here, err);
	if (r < 0)
		return r;
	if (here)
		return again_judge_link(&j, at->pin, info.prog_id, at->replace, ret, err);
	if (!link_fd_is_dead(&info))
		return again_judge_refuse_dev(&j, at->pin, &info, err);
	ret->kind = AGAIN_REVIVE;
	return 0;
}

static int dev_link_open(const struct attach_link *link, struct err *err)
{
	return attach_dev_link_open(link->ctx, err);
}

int attach_dev_link_make(const struct attach_dev_link *at, const struct again *again,
			 struct err *err)
{
	const struct attach_link link = {.prog_fd = at->prog_fd,
					 .txn = at->txn,
					 .pin = at->pin,
					 .target = "device",
					 .open = dev_link_open,
					 .ctx = at};

	return attach_link(&link, again, err);
}
