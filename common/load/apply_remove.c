/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/pin_txn.h"
#include "kernel/stop_hold.h"
#include "load/apply_act.h"
#include "load/apply_fresh.h"
#include "load/apply_migrate.h"
#include "load/apply_private.h"
#include "load/keep_watch.h"

/* The directories of links' pins, where they are empty now, also of an earlier run. */
static void remove_pin_dirs(const struct apply_plan *plan)
{
	auto_free char *dir = apply_plan_pin_dir(plan->conf->name.text);
	auto_free char *own = xasprintf("%s/pin", dir);
	char mnt[PATH_MAX];

	bpffs_mount_point(mnt);
	for (size_t i = 0; i < plan->nr_acts; i++)
		if (plan->acts[i].made.pin)
			apply_detach_tidy(plan->acts[i].made.pin, mnt);
	apply_detach_tidy(own, mnt);
}

static int remove_all(struct applying *run, struct err *err)
{
	auto_keep_watch going = KEEP_WATCH_INIT;
	struct apply_plan *plan = &run->plan;
	struct apply_actor actor = {
		.plan = plan, .undo = pin_txn_undo(run->objects.txn), .going = &going};
	int r = 0;

	for (size_t i = 0; i < plan->nr_acts && r == 0; i++)
		r = apply_act_detach(&actor, &plan->acts[i], err);
	if (r == 0)
		r = stop_hold_check(err);
	if (r == 0)
		r = apply_journal_erase(&run->journal, err);
	if (r < 0)
		return r;
	pin_txn_commit(run->objects.txn);
	remove_pin_dirs(plan);
	if (keep_is_used())
		keep_watch_drop(&going);
	return 0;
}

/* Pinned maps hold data, and others may use them: they stay, and are named. */
static void remove_tell_maps(struct applying *run)
{
	const struct apply_record *was = &run->journal.was;

	for (size_t l = 0; l < was->nr_loads; l++)
		for (size_t i = 0; i < was->loads[l].nr_maps; i++) {
			const struct apply_loaded_map *m = &was->loads[l].maps[i];
			struct apply_report *report = &run->plan.report;
			struct apply_step *step;
			bool said = false;

			for (size_t s = 0; s < report->nr; s++)
				said |= report->steps[s].map && m->pin &&
					strcmp(report->steps[s].pin, m->pin) == 0;
			if (!m->pin || said || bpffs_there(m->pin) == 0)
				continue;
			step = apply_report_add(report, APPLY_STEP_FORGET);
			step->map = apply_report_own(report, xstrdup(m->name));
			step->pin = apply_report_own(report, xstrdup(m->pin));
			step->id = m->id;
			step->why =
				"a pinned map is shared property, and is kept with its data; 'share gc' shows whether it is in use";
		}
}

int apply_remove(const struct apply_conf *conf, const struct apply_opts *opts,
		 struct apply_report *ret, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_applying run = APPLYING_INIT;
	int r;

	stop_hold_begin(&hold);
	r = applying_open(&run, conf, opts, false, err);
	if (r == 0)
		r = apply_fresh_recover(&run.journal, err);
	if (r < 0)
		return r;
	apply_migrate_recover(&run.journal);
	run.objects.txn = pin_txn_new();
	r = apply_plan_removal(&run.plan, err);
	if (r == 0)
		r = remove_all(&run, err);
	if (r < 0)
		return r;
	remove_tell_maps(&run);
	applying_give(&run, ret);
	return 0;
}
