/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "kernel/dev_name.h"
#include "refusal.h"
#include "run_look.h"
#include "tc.h"

void refusal_of_qdisc(struct tc *tc, enum nl_qdisc_op op, const struct nl_qdisc *q,
		      struct err *err)
{
	const char *wanted = q->kind[0] ? q->kind : "clsact";
	char dev[NL_LINK_NAME_MAX];
	auto_err unused = ERR_INIT;
	struct nl_qdisc found;
	const char *kind;
	int r;

	if (err->code != -EINVAL && err->code != -ENOENT && err->code != -EEXIST &&
	    err->code != -ENODEV)
		return;
	if (!q->ifindex) {
		err_say(err, err->code, "no interface is named; add 'dev NAME'");
		return;
	}
	dev_name_now(tc->sock, q->ifindex, dev);
	r = run_qdisc_find(tc, q->ifindex, &found, &unused);
	if (r < 0)
		return;
	kind = r ? found.kind : "";
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
