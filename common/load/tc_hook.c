/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/dev_name.h"
#include "kernel/nl_sock.h"
#include "load/tc_hook.h"
#include "netlink/nl_qdisc.h"

struct hook_found {
	struct nl_qdisc qdisc;
	bool there;
};

static int tc_hook_take(const struct nlmsghdr *nlh, void *ctx)
{
	struct hook_found *found = ctx;
	int r = nl_qdisc_parse(&found->qdisc, nlh);

	found->there |= r >= 0;
	return r;
}

int tc_hook_find(struct nl_sock *sock, int ifindex, struct nl_qdisc *ret, struct err *err)
{
	const struct nl_qdisc q = {.ifindex = ifindex, .parent = NL_PARENT_QDISC};
	char buf[NL_QDISC_BUF] __attribute__((aligned(8)));
	struct hook_found found = {.there = false};
	auto_err refused = ERR_INIT;
	int r = nl_qdisc_build(buf, sizeof(buf), &q, NL_QDISC_GET);

	if (r < 0)
		return err_set(err, r, "qdisc request");
	r = nl_sock_request(sock, (struct nlmsghdr *)buf, tc_hook_take, &found, &refused);
	if (r == -EPERM)
		caps_explain(&refused, CAPS_ATTACH);
	if (r < 0 && r != -ENOENT && r != -EINVAL)
		return err_say(err, r, "%s", refused.text);
	if (r < 0 || !found.there)
		return 0;
	*ret = found.qdisc;
	return 1;
}

int tc_hook_check(struct nl_sock *sock, const struct nl_filter *f, const char *dev,
		  struct err *err)
{
	struct nl_qdisc q;
	int r;

	if (f->parent != NL_PARENT_EGRESS || !f->ifindex || f->block)
		return 0;
	r = tc_hook_find(sock, f->ifindex, &q, err);
	if (r <= 0)
		return r;
	if (strcmp(q.kind, "ingress") != 0)
		return 0;
	return err_say(
		err, -EINVAL,
		"'%s' has an ingress qdisc, which has no egress: the filter would see incoming packets; use clsact",
		dev);
}

/* --- what a refusal means --- */

static void tc_hook_say_missing(enum nl_filter_op op, const char *dev, struct err *err)
{
	if (op == NL_FILTER_DEL)
		err_say(err, err->code, "no clsact qdisc on '%s', so no filters", dev);
	else
		err_say(err, err->code,
			"no clsact qdisc on '%s'; add one: tc_loader qdisc add dev %s clsact",
			dev, dev);
}

/* Said twice or with other words missing, the kernel's "Invalid argument" means these. */
static void tc_hook_say_incomplete(enum nl_filter_op op, const struct nl_filter *f,
				   struct err *err)
{
	if (op == NL_FILTER_DEL || err->code != -EINVAL)
		return;
	if (!f->kind[0])
		err_say(err, err->code,
			"no kind of filter is named; add 'bpf' and a program");
	else if (f->prog == NL_FILTER_NO_PROG)
		err_say(err, err->code,
			"no program is named; add 'object-file FILE', 'object-pinned PATH' or 'bytecode TEXT'");
}

void tc_hook_explain(struct nl_sock *sock, enum nl_filter_op op,
		     const struct nl_filter *f, struct err *err)
{
	bool hook = f->parent == NL_PARENT_INGRESS || f->parent == NL_PARENT_EGRESS;
	char dev[NL_LINK_NAME_MAX];
	auto_err unused = ERR_INIT;
	struct nl_qdisc q;
	int found;

	if (err->code == -EEXIST && op == NL_FILTER_ADD)
		err_hint(err, "'filter replace' puts the new one in its place");
	if (f->block && err->code == -EINVAL)
		err_hint(err, "'qdisc add dev DEV clsact ingress_block N' makes a block");
	if (f->block || (err->code != -EINVAL && err->code != -ENOENT &&
			 err->code != -EOPNOTSUPP && err->code != -ENODEV))
		return;
	if (!f->ifindex) {
		err_say(err, err->code, "no interface is named; add 'dev NAME'");
		return;
	}
	if (f->parent && !hook) {
		tc_hook_say_incomplete(op, f, err);
		if (err->code == -ENOENT || err->code == -EINVAL)
			err_hint(err, "the hooks of clsact are 'ingress' and 'egress'");
		return;
	}
	dev_name_now(sock, f->ifindex, dev);
	found = tc_hook_find(sock, f->ifindex, &q, &unused);
	if (found == 0 && hook)
		tc_hook_say_missing(op, dev, err);
	else if (found > 0 && !f->parent)
		err_say(err, err->code,
			"no hook is named, and the root qdisc of '%s' takes no filter; add 'ingress' or 'egress'",
			dev);
	else
		tc_hook_say_incomplete(op, f, err);
	if (found <= 0 || !hook || !f->pref)
		return;
	if (op == NL_FILTER_CHANGE && err->code == -EINVAL && f->kind[0])
		err_hint(err, "no filter is there to change; 'filter replace' makes it");
	/* A flush says what it lacks by itself. */
	else if (err->code == -ENOENT)
		err_hint(err,
			 "'filter show' with that device and hook lists those there are");
}
