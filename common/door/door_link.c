/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An attachment by a link of the kernel's, which is the caller's to hold or pin. */
#include <errno.h>

#include "base/alloc.h"
#include "door/door_private.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/nl_sock.h"
#include "load/keep.h"
#include "load/new_pin.h"

static void sock_closep(struct nl_sock **sock)
{
	nl_sock_close(*sock);
}

static int link_on_dev(const struct object_program *prog,
		       const struct mapshare_link_opts *opts, struct err *err)
{
	static const uint32_t types[] = {
		[MAPSHARE_INGRESS] = LINK_FD_ATTACH_TCX_INGRESS,
		[MAPSHARE_EGRESS] = LINK_FD_ATTACH_TCX_EGRESS,
		[MAPSHARE_XDP] = LINK_FD_ATTACH_XDP,
	};
	auto_release(sock_closep) struct nl_sock *sock = NULL;
	int r, ifindex;

	if ((size_t)opts->hook >= array_size(types))
		return err_say(err, -EINVAL, "hook is %u, which is unknown", opts->hook);
	r = nl_sock_open(&sock, err);
	if (r < 0)
		return r;
	ifindex = nl_sock_ifindex(sock, opts->dev);
	if (ifindex < 0)
		return err_set(err, ifindex, "device '%s'", opts->dev);
	r = link_fd_on_dev(prog->fd, ifindex, types[opts->hook]);
	if (r == -EINVAL && opts->hook != MAPSHARE_XDP)
		return err_say(
			err, r,
			"link on '%s': the kernel refuses it: tcx takes Linux 6.6 and a program of type sched_cls",
			opts->dev);
	if (r < 0) {
		err_set(err, r, "link on '%s'", opts->dev);
		return caps_explain(err, CAPS_ATTACH);
	}
	return r;
}

struct call_link {
	struct mapshare_session *s;
	const struct mapshare_link_opts *opts;
};

static int door_attach_link(void *call, struct err *err)
{
	struct call_link *c = call;
	struct object_program *prog;
	struct mapshare_link_opts opts;
	auto_close int fd = -1;
	int r = door_opts(&opts, sizeof(opts), c->opts, "link options", err);

	if (r == 0)
		r = door_program(c->s, opts.program, &prog, err);
	if (r == 0 && opts.link_pin && c->s->committed)
		r = err_say(err, -EINVAL, "pin '%s': the session is committed",
			    opts.link_pin);
	if (r == 0 && opts.link_pin)
		r = new_pin_check(object_txn(c->s->obj), &c->s->owner->opts,
				  opts.link_pin, err);
	if (r == 0)
		r = keep_prog_arrays(c->s->obj, prog, c->s->owner->opts.mount_bpffs, err);
	if (r < 0)
		return r;
	if (opts.dev)
		fd = link_on_dev(prog, &opts, err);
	else
		r = object_autoattach(c->s->obj, prog, &fd, err);
	if (fd < 0)
		return r < 0 ? r : fd;
	r = opts.link_pin ? door_pin(c->s, fd, opts.link_pin, err) : 0;
	return r < 0 ? r : take_fd(&fd);
}

int mapshare_session_attach_link(struct mapshare_session *s,
				 const struct mapshare_link_opts *opts)
{
	struct call_link c = {.s = s, .opts = opts};

	return door_run(s->owner->ms, door_attach_link, &c);
}
