/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A map of another definition: load/migrate.h for an embedding program. */
#include <errno.h>

#include "door/door_private.h"
#include "load/migrate.h"
#include "mapshare_migrate.h"

struct call_migrate {
	struct mapshare *ms;
	const char *pin;
	const char *const *objects;
	const struct mapshare_migrate_opts *opts;
	struct mapshare_migrate_info *ret;
};

static size_t migrate_texts(const char *const *texts)
{
	size_t nr = 0;

	while (texts && texts[nr])
		nr++;
	return nr;
}

static int migrate_fill(const struct call_migrate *c, const struct migrate_report *r,
			bool plan, struct err *err)
{
	struct mapshare_migrate_info info = {
		.old_id = r->old_id,
		.new_id = r->new_id,
		.same = r->same,
		.finished = plan ? r->interrupted : r->finished,
		.elements = plan ? r->elements : r->copied,
		.copied = r->copied,
		.converted = r->converted,
		.added = r->added,
		.born = r->born,
		.deleted = r->deleted,
		.raced = r->raced,
		.dropped = r->dropped,
		.evicted = r->evicted,
		.holders = (uint32_t)r->nr_holders,
	};

	for (size_t i = 0; i < r->nr_users; i++) {
		info.programs_replaced += r->users[i].fate == MIGRATE_REPLACED;
		info.programs_staying += r->users[i].fate == MIGRATE_STAYS ||
					 r->users[i].fate == MIGRATE_UNSEEN;
	}
	return c->ret ? door_fill(c->ret, &info, sizeof(info), err) : 0;
}

static int door_migrate(void *call, struct err *err)
{
	const struct call_migrate *c = call;
	const struct share_opts share = {
		.pin_root = c->ms->pin_root,
		.mount_bpffs = c->ms->flags & MAPSHARE_MOUNT_BPFFS,
		.no_mount = !(c->ms->flags & MAPSHARE_MOUNT_BPFFS),
		.require_shared = c->ms->flags & MAPSHARE_REQUIRE_SHARED,
		.no_layout_check = c->ms->flags & MAPSHARE_NO_LAYOUT_CHECK,
		.log_buffer = true,
	};
	auto_migrate_report report = MIGRATE_REPORT_INIT;
	struct mapshare_migrate_opts opts;
	int r = door_opts(&opts, sizeof(opts), c->opts, "migrate options", err);

	if (r == 0 && !migrate_texts(c->objects))
		r = err_say(err, -EINVAL, "no object is named");
	/* Before anything is done: what was done has to be told. */
	if (r == 0)
		r = migrate_fill(c, &report, false, err);
	if (r < 0)
		return r;
	r = migrate_run(
		&(struct migrate_opts){
			.share = &share,
			.pin = c->pin,
			.objects = c->objects,
			.nr_objects = migrate_texts(c->objects),
			.map = opts.map,
			.plan_only = opts.flags & MAPSHARE_MIGRATE_PLAN,
			.drop = opts.flags & MAPSHARE_MIGRATE_DROP,
			.leave = opts.flags & MAPSHARE_MIGRATE_LEAVE_BEHIND,
			.copy_prefix = opts.flags & MAPSHARE_MIGRATE_COPY_PREFIX,
			.merge = opts.merge,
			.nr_merge = migrate_texts(opts.merge),
		},
		&report, err);
	return r < 0 ? r
		     : migrate_fill(c, &report, opts.flags & MAPSHARE_MIGRATE_PLAN, err);
}

int mapshare_migrate(struct mapshare *ms, const char *pin, const char *const *objects,
		     const struct mapshare_migrate_opts *opts,
		     struct mapshare_migrate_info *ret)
{
	struct call_migrate c = {
		.ms = ms, .pin = pin, .objects = objects, .opts = opts, .ret = ret};

	return door_run(ms, door_migrate, &c);
}
