/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "dev_names.h"
#include "refusal.h"
#include "run.h"
#include "tc.h"

/* The qdisc that filters hang on: its kind, "" if there is none, NULL if nobody can tell. */
static const char *refusal_look(struct tc *tc, int ifindex, struct nl_qdisc *q)
{
	auto_err unused = ERR_INIT;
	int r = run_qdisc_find(tc, ifindex, q, &unused);

	return r < 0 ? NULL : r == 0 ? "" : q->kind;
}

static void refusal_no_device(struct err *err)
{
	err_say(err, err->code, "no interface is named; add 'dev NAME'");
}

static void refusal_no_qdisc(enum nl_filter_op op, const char *dev, struct err *err)
{
	if (op == NL_FILTER_DEL)
		err_say(err, err->code, "no clsact qdisc on '%s', so no filters", dev);
	else
		err_say(err, err->code,
			"no clsact qdisc on '%s'; add one: tc_loader qdisc add dev %s clsact",
			dev, dev);
}

/* Said twice or with other words missing, the kernel's "Invalid argument" means these. */
static bool refusal_incomplete(enum nl_filter_op op, const struct nl_filter *f,
			       struct err *err)
{
	if (op == NL_FILTER_DEL || err->code != -EINVAL)
		return false;
	if (!f->kind[0])
		err_say(err, err->code,
			"no kind of filter is named; add 'bpf' and a program");
	else if (f->prog == NL_FILTER_NO_PROG)
		err_say(err, err->code,
			"no program is named; add 'object-file FILE', 'object-pinned PATH' or 'bytecode TEXT'");
	else
		return false;
	return true;
}

void refusal_of_filter(struct tc *tc, enum nl_filter_op op, const struct nl_filter *f,
		       struct err *err)
{
	bool hook = f->parent == NL_PARENT_INGRESS || f->parent == NL_PARENT_EGRESS;
	char dev[NL_LINK_NAME_MAX];
	struct nl_qdisc q;
	const char *kind;

	if (f->block || (err->code != -EINVAL && err->code != -ENOENT &&
			 err->code != -EOPNOTSUPP && err->code != -ENODEV))
		return;
	if (!f->ifindex) {
		refusal_no_device(err);
		return;
	}
	if (f->parent && !hook) {
		refusal_incomplete(op, f, err);
		return;
	}
	dev_name_now(f->ifindex, dev);
	kind = refusal_look(tc, f->ifindex, &q);
	if (kind && !*kind && hook)
		refusal_no_qdisc(op, dev, err);
	else if (kind && *kind && !f->parent)
		err_say(err, err->code,
			"no hook is named, and the root qdisc of '%s' takes no filter; add 'ingress' or 'egress'",
			dev);
	else
		refusal_incomplete(op, f, err);
}

void refusal_of_qdisc(struct tc *tc, enum nl_qdisc_op op, const struct nl_qdisc *q,
		      struct err *err)
{
	const char *wanted = q->kind[0] ? q->kind : "clsact";
	char dev[NL_LINK_NAME_MAX];
	struct nl_qdisc found;
	const char *kind;

	if (err->code != -EINVAL && err->code != -ENOENT && err->code != -EEXIST &&
	    err->code != -ENODEV)
		return;
	if (!q->ifindex) {
		refusal_no_device(err);
		return;
	}
	dev_name_now(q->ifindex, dev);
	kind = refusal_look(tc, q->ifindex, &found);
	if (!kind)
		return;
	if (!*kind && op != NL_QDISC_ADD && op != NL_QDISC_REPLACE)
		err_say(err, err->code, "no %s qdisc on '%s'", wanted, dev);
	else if (*kind && q->kind[0] && strcmp(kind, q->kind) != 0)
		err_say(err, err->code,
			"the %s qdisc of '%s' is in the way; 'qdisc del dev %s %s' removes it and its filters",
			kind, dev, dev, kind);
	else if (*kind && op == NL_QDISC_ADD && err->code == -EEXIST)
		err_say(err, err->code,
			"'%s' has its %s qdisc already; 'qdisc replace' takes it as it is, with its filters",
			dev, kind);
}
