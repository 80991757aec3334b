/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An attachment to a cgroup as part of a session. */
#include <errno.h>

#include <linux/bpf.h>

#include "def/attach_types.h"
#include "door/door_private.h"
#include "kernel/cgroup_fd.h"
#include "load/attach_cgroup.h"

struct call_cgroup {
	struct mapshare_session *s;
	const char *path;
	const struct mapshare_cgroup_opts *opts;
};

static const struct attach_type *door_cgroup_type(const struct mapshare_cgroup_opts *opts,
						  const struct object_program *prog,
						  struct err *err)
{
	const struct attach_type *type;

	if (opts->type) {
		type = attach_type_by_name(opts->type);
		if (!type)
			err_say(err, -EINVAL, "'%s' is not an attach type of cgroups",
				opts->type);
		return type;
	}
	type = attach_type_by_section(prog->section);
	/* A section that both directions share does not say which. */
	if (type && prog->attach_type && attach_type_by_value(prog->attach_type))
		type = attach_type_by_value(prog->attach_type);
	if (!type)
		err_say(err, -EINVAL,
			"program '%s': its section '%s' does not name an attach type of cgroups; set type",
			prog->name, prog->section);
	return type;
}

static int cgroup_how(struct cgroup_attach_opts *ret,
		      const struct mapshare_cgroup_opts *opts, struct err *err)
{
	static const uint32_t flags[] = {
		[MAPSHARE_EXCLUSIVE] = 0,
		[MAPSHARE_OVERRIDE] = BPF_F_ALLOW_OVERRIDE,
		[MAPSHARE_MULTI] = BPF_F_ALLOW_MULTI,
		[MAPSHARE_LINK] = BPF_F_ALLOW_MULTI,
	};

	if ((size_t)opts->mode >= array_size(flags))
		return err_say(err, -EINVAL, "mode is %u, which is unknown", opts->mode);
	if (opts->mode == MAPSHARE_LINK && !opts->link_pin)
		return err_say(err, -EINVAL,
			       "a link needs link_pin, which keeps it attached");
	*ret = (struct cgroup_attach_opts){.flags = flags[opts->mode],
					   .replace = opts->replace};
	return 0;
}

static int door_attach_cgroup(void *call, struct err *err)
{
	struct call_cgroup *c = call;
	struct session *s = c->s->session;
	char *path = (char *)c->path;
	const struct cgroup_paths one = {.items = &path, .nr = 1};
	struct cgroup_attach_opts how = {.flags = 0};
	auto_release(attach_cgroup_release) struct attach_cgroup at = {.opts = &how,
								       .cgroups = &one};
	struct mapshare_cgroup_opts opts;
	struct object_program *prog;
	int r = door_opts(&opts, sizeof(opts), c->opts, "cgroup options", err);

	if (r == 0)
		r = door_attaching(c->s, opts.program, &prog, err);
	if (r == 0)
		r = cgroup_how(&how, &opts, err);
	if (r < 0)
		return r;
	at.want.replace = opts.replace;
	at.want.type = door_cgroup_type(&opts, prog, err);
	if (!at.want.type)
		return err->code;
	if (opts.mode == MAPSHARE_LINK) {
		at.link_pin = opts.link_pin;
		r = session_check_link_pin(s, at.link_pin, err);
	}
	return r < 0 ? r : session_attach_cgroup(s, prog, &at, err);
}

int mapshare_session_attach_cgroup(struct mapshare_session *s, const char *cgroup,
				   const struct mapshare_cgroup_opts *opts)
{
	struct call_cgroup c = {.s = s, .path = cgroup, .opts = opts};

	return door_run(s->owner->ms, door_attach_cgroup, &c);
}
