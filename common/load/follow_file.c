/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole file, and the record of it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "load/follow_private.h"

enum { LINES_MIN = 64 }; /* of the record, before it is written anew */

uint64_t follow_bpffs(uint64_t before)
{
	auto_err err = ERR_INIT;
	uint64_t now;

	return bpffs_device(&now, &err) == 0 ? now : before;
}

void follow_run_free(struct applying **run)
{
	if (*run)
		applying_release(*run);
	free(*run);
}

/* Of a run that passed over some places: what failed there is tried again. */
static void follow_refused(struct follow *f)
{
	const struct apply_plan *plan = &f->run->plan;

	for (size_t i = 0; i < plan->nr_acts; i++) {
		const struct apply_act *act = &plan->acts[i];
		const struct follow_key key = follow_key_of(&act->made);

		if (act->kind != APPLY_STEP_REFUSE)
			continue;
		follow_book_refuse(&f->book, key);
		if (act->failed && key.netns)
			follow_touch(f, FOLLOW_DEV, key.netns, key.id, NULL);
		else if (act->failed)
			follow_failed(f, FOLLOW_RETRY_DIRS);
	}
}

int follow_whole(struct follow *f, const struct apply_conf *conf, bool each,
		 struct apply_report *report, struct err *err)
{
	auto_release(follow_run_free) struct applying *run = xcalloc(1, sizeof(*run));
	auto_apply_record made = APPLY_RECORD_INIT;
	struct apply_opts opts = f->opts;
	struct applying *before;
	int r;

	*run = (struct applying)APPLYING_INIT;
	opts.each = each;
	r = applying_run(run, conf, &opts, report, err);
	if (r < 0)
		return r;
	applying_settle(run, &made);
	follow_book_release(&f->book);
	for (size_t i = 0; i < made.nr_made; i++)
		follow_book_add(&f->book, &made.made[i]);
	made.nr_made = 0;
	before = f->run;
	f->run = take_ptr(run);
	run = before;
	if (each)
		follow_refused(f);
	/* Their sockets would keep a namespace that is gone for everybody else. */
	apply_places_release(&f->run->places);
	f->nr_stale = 0;
	f->bpffs = follow_bpffs(f->bpffs);
	f->count.nr_loads++;
	f->count.nr_attached += report->nr_attached;
	f->count.nr_gone += report->nr_detached;
	return 0;
}

int follow_record(struct follow *f, struct err *err)
{
	const struct apply_record *was = &f->run->journal.was;
	struct apply_record all = {.loads = was->loads, .nr_loads = was->nr_loads};
	auto_free struct apply_made *made = NULL;
	int r;

	made = xcalloc(f->book.nr_made[0] + f->book.nr_made[1] + 1, sizeof(*made));
	all.made = made;
	for (size_t i = 0; i < f->book.nr; i++)
		for (size_t m = 0; m < f->book.spots[i]->nr; m++)
			all.made[all.nr_made++] = f->book.spots[i]->made[m];
	r = apply_journal_commit(&f->run->journal, &all, err);
	free(all.name);
	free(all.boot);
	if (r == 0)
		f->run->nr_more = f->nr_stale = 0;
	return r;
}

int follow_record_now_and_then(struct follow *f, struct err *err)
{
	const size_t all = f->book.nr_made[0] + f->book.nr_made[1];

	/* Whatever only appears is in it once, and costs no more than its line. */
	if (f->run->nr_more + f->nr_stale <= LINES_MIN + all)
		return 0;
	return follow_record(f, err);
}
