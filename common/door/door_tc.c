/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A filter of tc's as part of a session. */
#include <errno.h>
#include <string.h>

#include <linux/if_ether.h>

#include "door/door_private.h"
#include "kernel/nl_sock.h"
#include "load/attach_tc.h"

static int tc_fill(struct nl_filter *f, const struct mapshare_tc_opts *opts,
		   struct err *err)
{
	if (opts->hook != MAPSHARE_INGRESS && opts->hook != MAPSHARE_EGRESS)
		return err_say(err, -EINVAL,
			       "hook is %u; a filter has ingress and egress", opts->hook);
	if (opts->preference > UINT16_MAX)
		return err_say(err, -EINVAL, "preference is %u, more than 65535",
			       opts->preference);
	if (opts->replace && (!opts->preference || !opts->handle))
		return err_say(err, -EINVAL, "replace needs preference and handle");
	*f = (struct nl_filter){
		.parent = opts->hook == MAPSHARE_EGRESS ? NL_PARENT_EGRESS
							: NL_PARENT_INGRESS,
		.pref = (uint16_t)opts->preference,
		.handle = opts->handle,
		.protocol = ETH_P_ALL,
		.kind = "bpf",
		.has_options = true,
		.direct_action = !opts->no_direct_action,
	};
	return 0;
}

struct call_tc {
	struct mapshare_session *s;
	const char *dev;
	const struct mapshare_tc_opts *opts;
};

static int door_attach_tc(void *call, struct err *err)
{
	auto_release(attach_tc_release) struct attach_tc at = {.undo = NULL};
	struct nl_filter f = {.ifindex = 0};
	struct call_tc *c = call;
	struct session *s = c->s->session;
	struct session_tc where = {
		.op = NL_FILTER_ADD, .f = &f, .dev = c->dev, .at = &at};
	struct object_program *prog;
	struct mapshare_tc_opts opts;
	int r = door_opts(&opts, sizeof(opts), c->opts, "tc options", err);

	if (r == 0)
		r = door_attaching(c->s, opts.program, &prog, err);
	if (r == 0)
		r = tc_fill(&f, &opts, err);
	if (r == 0)
		r = session_sock(s, &at.sock, err);
	if (r < 0)
		return r;
	f.ifindex = nl_sock_ifindex(at.sock, c->dev);
	if (f.ifindex < 0)
		return err_set(err, f.ifindex, "device '%s'", c->dev);
	attach_tc_name(&f, c->s->owner->path, prog->section);
	if (opts.replace)
		where.op = NL_FILTER_REPLACE;
	r = session_attach_tc(s, prog, &where, err);
	return r < 0 ? err_context(err, "filter on '%s'", c->dev) : 0;
}

int mapshare_session_attach_tc(struct mapshare_session *s, const char *dev,
			       const struct mapshare_tc_opts *opts)
{
	struct call_tc c = {.s = s, .dev = dev, .opts = opts};

	return door_run(s->owner->ms, door_attach_tc, &c);
}
