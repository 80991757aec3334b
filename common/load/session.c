/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/cgroup_fd.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"
#include "load/attach_tc.h"
#include "load/keep.h"
#include "load/new_pin.h"
#include "load/object.h"
#include "load/session.h"

enum { PROTOCOL_ALL = 3 };

struct session {
	const struct share_opts *opts; /* borrowed */
	struct object *obj;
	struct nl_sock *sock; /* opened by the first filter */
};

int session_new(struct session **ret, const char *path, const struct share_opts *opts,
		struct err *err)
{
	auto_session *s = xcalloc(1, sizeof(*s));
	int r = object_open(&s->obj, path, opts, err);

	if (r < 0)
		return r;
	s->opts = opts;
	*ret = take_ptr(s);
	return 0;
}

struct object *session_object(struct session *s)
{
	return s->obj;
}

struct undo *session_undo(struct session *s)
{
	return object_undo(s->obj);
}

int session_select(struct session *s, const char *section, const char *program,
		   struct object_program **ret, struct err *err)
{
	return object_want(s->obj, section, program, ret, err);
}

int session_load(struct session *s, struct err *err)
{
	int r = new_pin_check_mount(s->opts, err);

	return r < 0 ? r : object_load(s->obj, err);
}

/* --- tc --- */

/* "x.o:[section]", as tc names its filters. */
static void name_filter(struct nl_filter *f, const char *path,
			const struct object_program *prog)
{
	const char *slash = strrchr(path, '/');
	auto_free char *name =
		xasprintf("%s:[%s]", slash ? slash + 1 : path, prog->section);

	snprintf(f->name, sizeof(f->name) - 1, "%s", name);
}

static int session_open_sock(struct session *s, const char *dev, int *ifindex,
			     struct err *err)
{
	int r = s->sock ? 0 : nl_sock_open(&s->sock, err);

	if (r < 0)
		return r;
	r = strlen(dev) < IFNAMSIZ ? nl_sock_ifindex(s->sock, dev) : -ENODEV;
	if (r <= 0)
		return err_set(err, r < 0 ? r : -ENODEV, "dev '%s'", dev);
	*ifindex = r;
	return 0;
}

int session_attach_tc(struct session *s, const struct object_program *prog,
		      const struct session_tc *where, struct err *err)
{
	struct nl_filter f = {
		.parent = where->parent,
		.handle = where->handle,
		.pref = where->pref,
		.protocol = where->protocol ? where->protocol : PROTOCOL_ALL,
		.kind = "bpf",
		.has_options = true,
		.prog = NL_FILTER_EBPF,
		.prog_fd = prog->fd,
		.direct_action = !where->classify,
		.gen_flags = where->flags,
	};
	auto_release(attach_tc_release) struct attach_tc at = {.own_program = true};
	int r;

	if (where->replace && (!where->pref || !where->handle))
		return err_say(err, -EINVAL,
			       "dev '%s': to replace a filter takes its pref and handle",
			       where->dev);
	r = session_open_sock(s, where->dev, &f.ifindex, err);
	if (r == 0)
		r = keep_prog_arrays(s->obj, prog, s->opts->mount_bpffs, err);
	if (r < 0)
		return r;
	name_filter(&f, object_path(s->obj), prog);
	at.sock = s->sock;
	at.undo = session_undo(s);
	r = attach_tc_request(&at, where->replace ? NL_FILTER_REPLACE : NL_FILTER_ADD, &f,
			      err);
	return r < 0 ? err_context(err, "dev '%s'", where->dev) : 0;
}

/* --- cgroups --- */

int session_attach_cgroup(struct session *s, const struct object_program *prog,
			  const struct session_cgroup *where, struct err *err)
{
	const struct cgroup_attach_opts opts = {.flags = where->flags,
						.replace = where->replace};
	char *path = (char *)where->path;
	const struct cgroup_paths one = {.items = &path, .nr = 1};
	auto_release(attach_cgroup_release) struct attach_cgroup at = {
		.opts = &opts,
		.cgroups = &one,
		.link_pin = where->link_pin,
		.want = {.type = where->type,
			 .obj = s->obj,
			 .prog_fd = prog->fd,
			 .flags = where->link_pin ? BPF_F_ALLOW_MULTI : where->flags,
			 .replace = where->replace},
		.obj = s->obj,
		.prog = prog,
		.txn = object_txn(s->obj),
		.may_mount = s->opts->mount_bpffs,
	};
	int r = 0;

	if (where->link_pin && !bpffs_exists(where->link_pin))
		r = new_pin_check(object_txn(s->obj), s->opts, where->link_pin, err);
	if (r == 0)
		r = attach_cgroup_look(&at, err);
	if (r == 0 && at.nr_missing)
		r = attach_cgroup_run(&at, err);
	if (r == 0)
		attach_cgroup_say(&at);
	return r;
}

/* --- the end --- */

int session_pin(struct session *s, int fd, const char *path, struct err *err)
{
	int r = new_pin_check(object_txn(s->obj), s->opts, path, err);

	return r < 0 ? r : new_pin_make(object_txn(s->obj), fd, 0, path, err);
}

void session_commit(struct session *s)
{
	object_keep(s->obj);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	/* Filters are taken back through the socket. */
	object_close(s->obj);
	if (s->sock)
		nl_sock_close(s->sock);
	free(s);
}

void session_freep(struct session **s)
{
	session_free(*s);
}
