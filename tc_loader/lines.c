/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/wrap.h"
#include "lines.h"
#include "parse.h"
#include "run.h"
#include "tc.h"

static const char *const qdisc_names[] = {
	[NL_QDISC_ADD] = "add",       [NL_QDISC_REPLACE] = "replace",
	[NL_QDISC_CHANGE] = "change", [NL_QDISC_LINK] = "link",
	[NL_QDISC_DEL] = "delete",    [NL_QDISC_SHOW] = "show",
};

static const char *const filter_names[] = {
	[NL_FILTER_ADD] = "add",       [NL_FILTER_REPLACE] = "replace",
	[NL_FILTER_CHANGE] = "change", [NL_FILTER_DEL] = "delete",
	[NL_FILTER_GET] = "get",       [NL_FILTER_SHOW] = "show",
};

/* Words that cannot be read, where the parser names no other status. */
static int lines_parsed(int r, struct err *err)
{
	if (r < 0 && !err->status)
		err_status(err, TC_FATAL);
	return r;
}

/* "filter add dev 'eth0': ..." */
static int with_command(struct err *err, const char *object, const char *verb,
			const char *dev, const char *devs)
{
	if (devs)
		return err_context(err, "%s %s devs '%s'", object, verb, devs);
	if (dev)
		return err_context(err, "%s %s dev '%s'", object, verb, dev);
	return err_context(err, "%s %s", object, verb);
}

int lines_qdisc(struct tc *tc, enum nl_qdisc_op op, struct args *a, struct err *err)
{
	struct request_qdisc req = {.op = op};
	auto_strbuf usage = STRBUF_INIT;
	int r = lines_parsed(parse_qdisc(&req, op, a, err), err);

	if (r == 0 && req.help != HELP_NONE) {
		parse_qdisc_usage(&usage);
		wrap_print(&usage, stderr);
		/* The list comes all the same, as in tc. */
		if (op != NL_QDISC_SHOW)
			return req.kind ? TC_USAGE : TC_KERNEL;
	}
	if (r == 0)
		r = run_qdisc(tc, &req, err);
	if (r < 0)
		return with_command(err, "qdisc", qdisc_names[op], req.dev, req.devs);
	return r == TC_NOT_OURS ? r : 0;
}

int lines_filter(struct tc *tc, enum nl_filter_op op, struct args *a, struct err *err)
{
	auto_release(request_filter_release) struct request_filter req;
	auto_strbuf usage = STRBUF_INIT;
	int r = lines_parsed(parse_filter(&req, op, a, err), err);

	if (r == 0 && req.help != HELP_NONE) {
		if (req.help == HELP_BPF)
			parse_bpf_usage(&usage);
		else
			parse_filter_usage(&usage);
		wrap_print(&usage, stderr);
		/* Scripts that ask tc's kind for help get this status. */
		if (op != NL_FILTER_SHOW)
			return req.help == HELP_BPF ? TC_USAGE : 0;
	}
	if (r == 0)
		r = run_filter(tc, &req, err);
	if (r < 0)
		return with_command(err, "filter", filter_names[op], req.dev, req.devs);
	return r == TC_NOT_OURS ? r : 0;
}

int lines_exec(struct tc *tc, struct args *a, struct err *err)
{
	auto_release(request_exec_release) struct request_exec req;
	int r = parse_exec(&req, a, err);

	if (r == 0)
		r = run_exec(tc, &req, err);
	return r < 0 ? err_context(err, "exec") : r;
}

void lines_monitor_usage(struct strbuf *out)
{
	sb_add(out, "Usage: tc_loader [-timestamp | -tshort] monitor\n");
}

int lines_monitor(struct tc *tc, struct args *a, struct err *err)
{
	auto_strbuf usage = STRBUF_INIT;
	const char *word = args_next(a);

	if (!word)
		return run_monitor(tc, err);
	if (!args_is_prefix(word, "help"))
		return err_say(
			err, -EINVAL,
			"monitor: '%s' is not offered here; use tc, or --hand-over",
			word);
	lines_monitor_usage(&usage);
	wrap_print(&usage, stderr);
	return TC_GRAMMAR; /* tc's, even for help */
}
