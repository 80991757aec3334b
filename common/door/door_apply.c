/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a file says should be, made so: load/apply.h for an embedding program. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "door/door_private.h"
#include "load/apply.h"
#include "load/apply_files.h"
#include "load/follow.h"
#include "mapshare_apply.h"
#include "netlink/nl_filter.h"

struct mapshare_apply {
	struct mapshare *ms;
	struct follow *follow; /* NULL: it is not followed */
	struct mapshare_apply *next;
	struct share_opts share;
	char *state_dir;
	unsigned int lock_seconds;
	struct apply_confs confs; /* one file */
	struct apply_report report;
};

/* --- a file --- */

struct call_apply {
	struct mapshare_apply *apply;
	const char *path;
	const struct mapshare_apply_opts *opts;
};

static int door_apply_open(void *call, struct err *err)
{
	struct call_apply *c = call;
	struct mapshare_apply *a = c->apply;
	struct mapshare_apply_opts opts;
	int r = door_opts(&opts, sizeof(opts), c->opts, "apply options", err);

	if (r < 0)
		return r;
	a->state_dir = opts.state_dir ? xstrdup(opts.state_dir) : NULL;
	a->lock_seconds = opts.lock_seconds;
	r = apply_files_read(&a->confs, &c->path, 1, err);
	if (r == 0 && a->confs.nr != 1)
		return err_say(err, -EINVAL, "'%s' has %zu files; open them one by one",
			       c->path, a->confs.nr);
	return r;
}

static void apply_close(struct mapshare_apply *a)
{
	apply_report_release(&a->report);
	apply_confs_release(&a->confs);
	free(a->state_dir);
	free(a);
}

int mapshare_apply_open(struct mapshare *ms, const char *path,
			const struct mapshare_apply_opts *opts,
			struct mapshare_apply **ret)
{
	struct call_apply c = {
		.apply = calloc(1, sizeof(*c.apply)), .path = path, .opts = opts};
	int r = c.apply ? door_run(ms, door_apply_open, &c) : -ENOMEM;

	if (r < 0) {
		if (c.apply)
			apply_close(c.apply);
		return r;
	}
	c.apply->ms = ms;
	c.apply->share = (struct share_opts){
		.pin_root = ms->pin_root,
		.mount_bpffs = ms->flags & MAPSHARE_MOUNT_BPFFS,
		.no_mount = !(ms->flags & MAPSHARE_MOUNT_BPFFS),
		.require_shared = ms->flags & MAPSHARE_REQUIRE_SHARED,
		.no_layout_check = ms->flags & MAPSHARE_NO_LAYOUT_CHECK,
		.log_buffer = true,
	};
	c.apply->next = ms->applies;
	ms->applies = c.apply;
	*ret = c.apply;
	return 0;
}

void mapshare_apply_free(struct mapshare_apply *a)
{
	struct mapshare_apply **at;

	if (!a)
		return;
	for (at = &a->ms->applies; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	mapshare_follow_close(a);
	apply_close(a);
}

/* --- the acts --- */

struct call_report {
	struct mapshare_apply *a;
	int (*fn)(const struct apply_conf *conf, const struct apply_opts *opts,
		  struct apply_report *ret, struct err *err);
};

/* The steps of the last call that succeeded; after a failure there are none. */
static int door_apply_do(void *call, struct err *err)
{
	struct call_report *c = call;
	const struct apply_opts opts = {.share = &c->a->share,
					.state_dir = c->a->state_dir,
					.lock_seconds = c->a->lock_seconds};

	apply_report_release(&c->a->report);
	return c->fn(&c->a->confs.items[0], &opts, &c->a->report, err);
}

int mapshare_apply_plan(struct mapshare_apply *a)
{
	struct call_report c = {.a = a, .fn = apply_look};

	return door_run(a->ms, door_apply_do, &c);
}

int mapshare_apply_run(struct mapshare_apply *a)
{
	struct call_report c = {.a = a, .fn = apply_run};

	return door_run(a->ms, door_apply_do, &c);
}

int mapshare_apply_remove(struct mapshare_apply *a)
{
	struct call_report c = {.a = a, .fn = apply_remove};

	return door_run(a->ms, door_apply_do, &c);
}

int mapshare_apply_in_sync(const struct mapshare_apply *a)
{
	return a->report.nr && a->report.in_sync && !a->report.nr_refused;
}

/* --- followed --- */

static int door_follow_open(void *call, struct err *err)
{
	struct mapshare_apply *a = call;
	const struct apply_opts opts = {.share = &a->share,
					.state_dir = a->state_dir,
					.lock_seconds = a->lock_seconds};

	if (a->follow)
		return err_say(err, -EINVAL, "it is followed already");
	apply_report_release(&a->report);
	return follow_open(&a->follow, &a->confs.items[0], &opts, &a->report, err);
}

int mapshare_follow_open(struct mapshare_apply *a)
{
	return door_run(a->ms, door_follow_open, a);
}

int mapshare_follow_fd(const struct mapshare_apply *a)
{
	return a->follow ? follow_fd(a->follow) : -EINVAL;
}

static int door_follow_step(void *call, struct err *err)
{
	struct mapshare_apply *a = call;

	if (!a->follow)
		return err_say(err, -EINVAL, "it is not followed");
	apply_report_release(&a->report);
	return follow_step(a->follow, &a->report, err);
}

int mapshare_follow_step(struct mapshare_apply *a)
{
	return door_run(a->ms, door_follow_step, a);
}

static int door_follow_close(void *call, struct err *err)
{
	struct mapshare_apply *a = call;

	(void)err;
	follow_close(take_ptr(a->follow));
	return 0;
}

void mapshare_follow_close(struct mapshare_apply *a)
{
	if (a->follow)
		door_run_quietly(a->ms, door_follow_close, a);
}

/* --- the steps --- */

_Static_assert((int)MAPSHARE_STEP_CREATE == (int)APPLY_STEP_CREATE &&
		       (int)MAPSHARE_STEP_MIGRATE == (int)APPLY_STEP_MIGRATE,
	       "the door's steps are the engine's");

struct call_step {
	const struct mapshare_apply *a;
	size_t i;
	struct mapshare_step_info *ret;
};

static int door_apply_step(void *call, struct err *err)
{
	const struct call_step *c = call;
	const struct apply_step *s = &c->a->report.steps[c->i];
	struct mapshare_step_info info;

	if (c->i >= c->a->report.nr)
		return err_say(err, -ENOENT, "there are %zu steps", c->a->report.nr);
	info = (struct mapshare_step_info){
		.step = (enum mapshare_step)s->kind,
		.object = s->object,
		.program = s->program,
		.map = s->map,
		.pin = s->pin,
		.netns = s->netns,
		.dev = s->dev,
		.hook = s->parent == NL_PARENT_EGRESS ? MAPSHARE_EGRESS
						      : MAPSHARE_INGRESS,
		.chain = s->chain,
		.preference = s->preference,
		.handle = s->handle,
		.cgroup = s->cgroup,
		.type = s->type ? s->type->name : NULL,
		.id = s->id,
		.new_id = s->new_id,
		.why = s->why,
		.line = s->at.line,
		.column = s->at.column,
		.tcx = s->tcx,
	};
	return door_fill(c->ret, &info, sizeof(info), err);
}

int mapshare_apply_step(const struct mapshare_apply *a, size_t i,
			struct mapshare_step_info *ret)
{
	struct call_step c = {.a = a, .i = i, .ret = ret};

	return door_run(a->ms, door_apply_step, &c);
}
