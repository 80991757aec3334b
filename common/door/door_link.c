/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An attachment by a link of the kernel's, which is the caller's to hold or pin. */
#include <errno.h>

#include "door/door_private.h"
#include "kernel/link_fd.h"
#include "kernel/nl_sock.h"

static int link_place(struct session *s, const struct mapshare_link_opts *opts,
		      struct session_link *ret, struct err *err)
{
	static const uint32_t types[] = {
		[MAPSHARE_INGRESS] = LINK_FD_ATTACH_TCX_INGRESS,
		[MAPSHARE_EGRESS] = LINK_FD_ATTACH_TCX_EGRESS,
		[MAPSHARE_XDP] = LINK_FD_ATTACH_XDP,
	};
	struct nl_sock *sock;
	int r;

	if (!opts->dev)
		return opts->replace
			       ? err_say(err, -EINVAL, "replace needs dev and link_pin")
			       : 0;
	if (opts->replace && !opts->link_pin)
		return err_say(err, -EINVAL, "replace needs link_pin");
	if ((size_t)opts->hook >= array_size(types))
		return err_say(err, -EINVAL, "hook is %u, which is unknown", opts->hook);
	r = session_sock(s, &sock, err);
	if (r < 0)
		return r;
	r = nl_sock_ifindex(sock, opts->dev);
	if (r < 0)
		return err_set(err, r, "device '%s'", opts->dev);
	ret->ifindex = r;
	ret->dev = opts->dev;
	ret->replace = opts->replace;
	ret->attach_type = types[opts->hook];
	return 0;
}

static int link_order(const struct mapshare_link_opts *opts, struct session_link *ret,
		      struct err *err)
{
	static const enum dev_order orders[] = {
		[MAPSHARE_LAST] = DEV_ORDER_NONE,
		[MAPSHARE_BEFORE] = DEV_BEFORE,
		[MAPSHARE_AFTER] = DEV_AFTER,
	};
	bool beside = opts->beside_program || opts->beside_link;

	if ((size_t)opts->order >= array_size(orders))
		return err_say(err, -EINVAL, "order is %u, which is unknown",
			       opts->order);
	if ((opts->order || beside) && (!opts->dev || opts->hook == MAPSHARE_XDP))
		return err_say(err, -EINVAL, "order is for the lists of tcx");
	if (beside && !opts->order)
		return err_say(err, -EINVAL,
			       "beside_program and beside_link go with order");
	if (opts->beside_program && opts->beside_link)
		return err_say(err, -EINVAL,
			       "beside_program and beside_link exclude each other");
	ret->order =
		(struct dev_attach_opts){.order = orders[opts->order],
					 .anchor_is_link = opts->beside_link != 0,
					 .anchor_id = opts->beside_link
							      ? opts->beside_link
							      : opts->beside_program};
	return 0;
}

struct call_link {
	struct mapshare_session *s;
	const struct mapshare_link_opts *opts;
};

static int door_attach_link(void *call, struct err *err)
{
	struct call_link *c = call;
	struct session *s = c->s->session;
	struct session_link where = {.ifindex = 0};
	struct object_program *prog;
	struct mapshare_link_opts opts;
	auto_close int fd = -1;
	int r = door_opts(&opts, sizeof(opts), c->opts, "link options", err);

	if (r == 0)
		r = door_program(c->s, opts.program, &prog, err);
	if (r == 0 && opts.link_pin && c->s->committed)
		r = err_say(err, -EINVAL, "pin '%s': the session is committed",
			    opts.link_pin);
	if (r == 0)
		r = link_place(s, &opts, &where, err);
	if (r == 0)
		r = link_order(&opts, &where, err);
	where.pin = opts.link_pin;
	if (r == 0 && where.pin)
		r = where.ifindex ? session_check_link_pin(s, where.pin, err)
				  : session_check_pin(s, where.pin, err);
	if (r < 0)
		return r;
	r = session_attach_link(s, prog, &where, &fd, err);
	if (r < 0)
		return opts.dev ? err_context(err, "link on '%s'", opts.dev) : r;
	return take_fd(&fd);
}

int mapshare_session_attach_link(struct mapshare_session *s,
				 const struct mapshare_link_opts *opts)
{
	struct call_link c = {.s = s, .opts = opts};

	return door_run(s->owner->ms, door_attach_link, &c);
}
