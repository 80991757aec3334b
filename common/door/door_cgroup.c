/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An attachment to a cgroup as part of a session. */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "door/door_private.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/prog_fd.h"
#include "load/keep.h"
#include "load/new_pin.h"

/* A direct entry; links are taken back by their pin. All owned but prog_fd and type. */
struct cgroup_step {
	char *path;
	int cgroup, before_fd; /* before_fd -1: nothing stood in its place */
	int prog_fd;
	uint32_t prog_id, flags;
	bool unchanged; /* the program was there already */
	const struct attach_type *type;
};

static void cgroup_step_drop(void *data)
{
	struct cgroup_step *t = data;

	if (!t)
		return;
	cleanup_close(&t->cgroup);
	cleanup_close(&t->before_fd);
	free(t->path);
	free(t);
}

static void cgroup_step_dropp(struct cgroup_step **t)
{
	cgroup_step_drop(*t);
}

/* Is our program attached there? What others put in its place is theirs. */
static bool cgroup_is_ours(const struct cgroup_step *t)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};

	if (cgroup_fd_query(t->cgroup, t->type->value, false, &q) < 0)
		return false;
	for (size_t i = 0; i < q.nr; i++)
		if (q.prog_ids[i] == t->prog_id)
			return true;
	return false;
}

static int cgroup_take_back(void *data, struct err *err)
{
	const struct cgroup_step *t = data;
	const struct cgroup_attach_opts opts = {.flags = t->flags, .replace = true};

	if (t->unchanged || !cgroup_is_ours(t))
		return 0;
	if (t->before_fd >= 0)
		return cgroup_fd_attach(t->cgroup, t->path, t->type, t->before_fd, &opts,
					err);
	return cgroup_fd_detach(t->cgroup, t->path, t->type, t->prog_fd, err);
}

/* Who holds the place alone now. A list that cannot be seen is the attach's to refuse. */
static int cgroup_look(struct cgroup_step *t, bool replace, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};

	if (cgroup_fd_query(t->cgroup, t->type->value, false, &q) < 0 || q.nr != 1 ||
	    t->flags & BPF_F_ALLOW_MULTI)
		return 0;
	t->unchanged = q.prog_ids[0] == t->prog_id;
	if (t->unchanged || !replace)
		return 0;
	t->before_fd = prog_fd_by_id(q.prog_ids[0]);
	if (t->before_fd >= 0)
		return 0;
	err_set(err, t->before_fd, "'%s': keep program id %u, to put it back in need",
		t->path, q.prog_ids[0]);
	return caps_explain(err, CAPS_IDS);
}

/* --- what is asked for --- */

struct call_cgroup {
	struct mapshare_session *s;
	const char *path;
	const struct mapshare_cgroup_opts *opts;
};

static const struct attach_type *cgroup_type(const struct mapshare_cgroup_opts *opts,
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

static int cgroup_link(struct call_cgroup *c, const struct cgroup_step *t,
		       const char *pin, struct err *err)
{
	const struct cgroup_attach_opts none = {.flags = 0};
	auto_close int fd = -1;
	int r;

	if (!pin)
		return err_say(err, -EINVAL,
			       "a link needs link_pin, which keeps it attached");
	r = new_pin_check(object_txn(c->s->obj), &c->s->owner->opts, pin, err);
	if (r < 0)
		return r;
	fd = cgroup_fd_link(t->cgroup, t->path, t->type, t->prog_fd, &none, err);
	return fd < 0 ? fd : door_pin(c->s, fd, pin, err);
}

static int cgroup_fill(struct call_cgroup *c, struct cgroup_step *t,
		       const struct mapshare_cgroup_opts *opts, struct err *err)
{
	static const uint32_t flags[] = {
		[MAPSHARE_EXCLUSIVE] = 0,
		[MAPSHARE_OVERRIDE] = BPF_F_ALLOW_OVERRIDE,
		[MAPSHARE_MULTI] = BPF_F_ALLOW_MULTI,
		[MAPSHARE_LINK] = BPF_F_ALLOW_MULTI,
	};
	struct object_program *prog;
	int r = door_program(c->s, opts->program, &prog, err);

	if (r < 0)
		return r;
	if ((size_t)opts->mode >= array_size(flags))
		return err_say(err, -EINVAL, "mode is %u, which is unknown", opts->mode);
	t->type = cgroup_type(opts, prog, err);
	if (!t->type)
		return err->code;
	t->path = xstrdup(c->path);
	t->prog_fd = prog->fd;
	t->prog_id = prog->id;
	t->flags = flags[opts->mode];
	t->cgroup = cgroup_fd_open(c->path, err);
	if (t->cgroup < 0)
		return t->cgroup;
	return keep_prog_arrays(c->s->obj, prog, c->s->owner->opts.mount_bpffs, err);
}

static int door_attach_cgroup(void *call, struct err *err)
{
	auto_release(cgroup_step_dropp) struct cgroup_step *t = xcalloc(1, sizeof(*t));
	struct call_cgroup *c = call;
	struct mapshare_cgroup_opts opts;
	struct cgroup_attach_opts how;
	struct cgroup_step *step;
	int r;

	t->cgroup = t->before_fd = -1;
	r = door_opts(&opts, sizeof(opts), c->opts, "cgroup options", err);
	if (r == 0)
		r = cgroup_fill(c, t, &opts, err);
	if (r == 0 && opts.mode == MAPSHARE_LINK)
		return cgroup_link(c, t, opts.link_pin, err);
	if (r == 0)
		r = cgroup_look(t, opts.replace, err);
	if (r < 0)
		return r;
	how = (struct cgroup_attach_opts){.flags = t->flags, .replace = opts.replace};
	/* Known as a step before it is one: until it is made there is nothing to find. */
	door_step_reserve(c->s);
	step = take_ptr(t);
	door_step_push(c->s, &(struct door_step){.take_back = cgroup_take_back,
						 .drop = cgroup_step_drop,
						 .data = step});
	return cgroup_fd_attach(step->cgroup, step->path, step->type, step->prog_fd, &how,
				err);
}

int mapshare_session_attach_cgroup(struct mapshare_session *s, const char *cgroup,
				   const struct mapshare_cgroup_opts *opts)
{
	struct call_cgroup c = {.s = s, .path = cgroup, .opts = opts};

	return door_run(s->owner->ms, door_attach_cgroup, &c);
}
