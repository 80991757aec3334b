/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "kernel/bpffs.h"
#include "kernel/map_fd.h"
#include "kernel/pin_txn.h"
#include "load/migrate_part.h"
#include "load/migrate_private.h"
#include "load/object.h"

struct migrate_part {
	struct migrate_opts opts;
	struct migrate_report report;
	struct migration m;
};

void migrate_part_freep(struct migrate_part **part)
{
	struct migrate_part *p = *part;

	if (!p)
		return;
	for (size_t i = 0; i < p->m.nr_objects; i++)
		free(p->m.objects[i].programs);
	migration_release(&p->m);
	migrate_report_release(&p->report);
	free(p);
}

static void part_init(struct migrate_part *p, struct pin_txn *txn)
{
	p->report = (struct migrate_report)MIGRATE_REPORT_INIT;
	p->m = (struct migration){.opts = &p->opts,
				  .report = &p->report,
				  .is_part = true,
				  .txn = txn,
				  .old_fd = -1,
				  .new_fd = -1,
				  .old_def = MAPDEF_INIT,
				  .shadow = MIGRATE_SHADOW_INIT,
				  .graph = GRAPH_INIT};
}

int migrate_part_open(struct migrate_part **ret, const struct migrate_part_opts *opts,
		      struct err *err)
{
	auto_release(migrate_part_freep) struct migrate_part *p = xcalloc(1, sizeof(*p));
	int r;

	part_init(p, opts->txn);
	p->opts = (struct migrate_opts){
		.share = opts->share, .pin = opts->pin, .map = opts->map};
	p->m.stays = opts->stays;
	p->m.ctx = opts->ctx;
	p->report.pin = xstrdup(opts->pin);
	p->report.map = xstrdup(opts->map);
	r = migrate_aside_open(&p->m, err);
	if (r < 0)
		return r;
	*ret = take_ptr(p);
	return 0;
}

const char *migrate_part_place(const struct migrate_part *part)
{
	return part->m.new_pin;
}

const struct migrate_report *migrate_part_report(const struct migrate_part *part)
{
	return &part->report;
}

void migrate_part_add(struct migrate_part *part, const struct migrate_part_object *object)
{
	struct migration *m = &part->m;

	array_grow(m->objects, m->nr_objects);
	m->objects[m->nr_objects++] =
		(struct migrate_object){.opts = *part->opts.share,
					.obj = object->obj,
					.programs = object->programs,
					.nr_programs = object->nr,
					.set = object->set,
					.ctx = object->ctx};
}

void migrate_part_dirs(const struct migrate_part *part, struct text_list *dirs)
{
	text_list_add(dirs, part->m.dir);
	text_list_add(dirs, part->m.aside);
}

int migrate_part_look(struct migrate_part *part, struct err *err)
{
	return migrate_look(&part->m, err);
}

int migrate_part_begin(struct migrate_part *part, struct err *err)
{
	int r = migrate_aside_recover(&part->m, err);

	return r < 0 ? r : migrate_users_check(&part->m, err);
}

int migrate_part_copy(struct migrate_part *part, struct err *err)
{
	int r = migrate_objects_take(&part->m, err);

	return r < 0 ? r : migrate_first_copy(&part->m, err);
}

int migrate_part_finish(struct migrate_part *part, struct err *err)
{
	int r = migrate_bring_over(&part->m, err);

	if (r == 0)
		migrate_finish(&part->m);
	return r;
}

int migrate_part_is_half(const char *pin, struct err *err)
{
	auto_release(migrate_part_freep) struct migrate_part *p = xcalloc(1, sizeof(*p));
	int r;

	part_init(p, NULL);
	p->opts.pin = pin;
	r = migrate_aside_open(&p->m, err);
	return r < 0 ? r : p->m.resumed;
}

int migrate_part_recover(const char *pin, bool *half, struct err *err)
{
	auto_release(migrate_part_freep) struct migrate_part *p = xcalloc(1, sizeof(*p));
	auto_pin_txn *txn = pin_txn_new();
	int r;

	part_init(p, txn);
	p->opts.pin = pin;
	*half = false;
	r = migrate_aside_open(&p->m, err);
	if (r < 0)
		return r;
	r = bpffs_there(p->m.aside);
	if (r <= 0)
		return r < 0 ? err_set(err, r,
				       "whether a migration of '%s' was interrupted cannot be seen: '%s'",
				       pin, p->m.aside)
			     : 0;
	r = pin_txn_lock(txn, p->m.dir, err);
	/* What was done while this waited. */
	if (r == 0)
		r = migrate_aside_recover(&p->m, err);
	*half = r == 0 && p->m.resumed;
	if (r == 0 && !*half)
		migrate_aside_clean(&p->m);
	pin_txn_commit(txn);
	return r;
}
