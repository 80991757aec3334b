/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was touched, as places of the engine: each is read as it is now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_report.h"
#include "load/follow_private.h"
#include "load/tc_hook.h"
#include "netlink/nl_qdisc.h"

enum {
	BATCH_PLACES = 256,
	MOVED_TRIES = 5, /* what then still goes wrong is a refusal */
};

/* One interface or cgroup on its way, and what touched it. */
struct batch_item {
	struct follow_key key;
	struct follow_touch touch; /* owned */
};

struct batch {
	struct follow *f;
	struct apply_places places;
	struct apply_record was, gone;
	struct batch_item *items; /* owned */
	size_t nr;
	struct follow_opener opener;
};

#define auto_batch auto_release(batch_release) struct batch

static void batch_release(struct batch *b)
{
	for (size_t i = 0; i < b->nr; i++)
		free(b->items[i].touch.name);
	free(b->items);
	apply_places_release(&b->places);
	apply_record_release(&b->was);
	apply_record_release(&b->gone);
	follow_opener_release(&b->opener);
}

/* False: it is in this batch already. Takes the touch. */
static bool batch_add(struct batch *b, struct follow_key key, struct follow_touch *touch)
{
	for (size_t i = 0; i < b->nr; i++)
		if (b->items[i].key.netns == key.netns && b->items[i].key.id == key.id)
			return false;
	array_grow(b->items, b->nr);
	b->items[b->nr++] = (struct batch_item){.key = key, .touch = *touch};
	touch->name = NULL;
	return true;
}

/* A pinned link outlives its cgroup, and its pin is ours to remove. */
static void batch_gone(struct batch *b, struct follow_key key)
{
	struct follow_spot *spot = follow_book_find(&b->f->book, key);
	auto_apply_record all = APPLY_RECORD_INIT;

	if (!key.netns && !follow_dirs_stand(b->f)) {
		b->f->look_dirs = true;
		return;
	}
	/* No directory that is watched has it, but it is where it was. */
	if (spot && !key.netns && spot->nr &&
	    follow_cgroup_stands(b->f, spot->made[0].cgroup, key.id, 0)) {
		spot->seen = true;
		return;
	}
	follow_book_take(&b->f->book, key, &all);
	for (size_t i = 0; i < all.nr_made; i++) {
		struct apply_made *made = &all.made[i];
		bool is_link = !made->is_tc && made->mode == APPLY_LINK;
		struct apply_record *to = is_link ? &b->was : &b->gone;
		struct follow_touch touch = {.kind = FOLLOW_GONE, .id = key.id};

		if (is_link) {
			touch.name = xstrdup(made->cgroup);
			batch_add(b, key, &touch);
			free(touch.name);
		}
		array_grow(to->made, to->nr_made);
		to->made[to->nr_made++] = *made;
		*made = (struct apply_made){.object = NULL};
	}
}

/* --- interfaces --- */

static size_t batch_ns(struct batch *b, const struct follow_net *net)
{
	for (size_t i = 0; i < b->places.nr_ns; i++)
		if (b->places.ns[i].ino == net->ino)
			return i;
	array_grow(b->places.ns, b->places.nr_ns);
	b->places.ns[b->places.nr_ns] =
		(struct apply_ns){.ino = net->ino, .sock = net->sock, .borrowed = true};
	b->places.nr_ns++;
	b->places.ns[b->places.nr_ns - 1].name = xstrdup(net->name);
	return b->places.nr_ns - 1;
}

/*
 * A new interface most likely has none: if that is wrong, the kernel says so. Where it cannot be
 * told, the filters are asked for, or what is ours there would be taken for gone.
 */
static void batch_read_qdisc(const struct follow_net *net, struct apply_dev *dev,
			     bool look)
{
	auto_err ignored = ERR_INIT;
	struct nl_qdisc q;
	int r;

	dev->assumed = !look;
	r = look ? tc_hook_find(net->sock, dev->ifindex, &q, &ignored) : 0;
	if (r != 0)
		dev->qdisc = r < 0 || strcmp(q.kind, "clsact") == 0 ? APPLY_QDISC_CLSACT
								    : APPLY_QDISC_INGRESS;
}

static void batch_dev(struct batch *b, struct follow_touch *touch)
{
	struct follow *f = b->f;
	const struct follow_key key = {touch->netns, touch->id};
	const struct follow_net *net = follow_nets_find(f, touch->netns);
	const struct follow_dev *dev = net ? follow_net_dev(net, (int)touch->id) : NULL;
	bool look = follow_book_find(&f->book, key) || touch->tries;
	struct apply_dev now = {.ifindex = (int)touch->id};
	struct apply_ns *ns;
	size_t at;

	if (!dev) {
		batch_gone(b, key);
		return;
	}
	if (!batch_add(b, key, touch))
		return;
	follow_book_take(&f->book, key, &b->was);
	memcpy(now.name, dev->name, sizeof(now.name));
	batch_read_qdisc(net, &now, look);
	at = batch_ns(b, net);
	ns = &b->places.ns[at];
	array_grow(ns->devs, ns->nr_devs);
	ns->devs[ns->nr_devs++] = now;
	for (size_t i = 0; i < f->conf->nr_tc; i++)
		if (net->entries[i] && follow_net_fits(f, dev, i))
			apply_places_add(&b->places,
					 &(struct apply_place){.is_tc = true,
							       .entry = i,
							       .ns = at,
							       .dev = ns->nr_devs - 1});
}

/* --- cgroups --- */

/* Is all of it there already, as the last look at everything found it? */
static bool batch_is_known(struct follow *f, struct follow_key key)
{
	struct follow_spot *spot = follow_book_find(&f->book, key);

	if (spot)
		spot->seen = true;
	return spot && spot->nr && !spot->nr_refused;
}

static void batch_add_places(struct batch *b, const char *path, uint64_t id, int *fd,
			     const bool *entries)
{
	struct apply_place place = {.cgroup_id = id, .is_open = *fd >= 0, .fd = *fd};

	for (size_t i = 0; i < b->f->conf->nr_cgroups; i++) {
		if (!entries[i])
			continue;
		place.entry = i;
		place.cgroup = xstrdup(path);
		/* The first of them has it, and they all go at once. */
		place.owns_fd = take_fd(fd) >= 0;
		apply_places_add(&b->places, &place);
	}
}

static void batch_cgroup(struct batch *b, struct follow_touch *touch)
{
	struct follow *f = b->f;
	struct follow_dir *dir = follow_dirs_find(f, (int)touch->id);
	auto_free bool *entries = xcalloc(f->conf->nr_cgroups + 1, sizeof(*entries));
	auto_free char *path =
		dir ? xasprintf("%s/%s", strcmp(dir->path, "/") == 0 ? "" : dir->path,
				touch->name)
		    : NULL;
	struct follow_key key = {.netns = 0};
	const bool again = touch->tries > 0;
	auto_close int fd = -1;
	uint64_t before;
	bool known, changed;

	if (!dir)
		return;
	before = follow_kid_id(dir, touch->name);
	/* What is known already is most likely there, and no more is asked. */
	if (follow_cgroup_open(&b->opener, f, dir, touch->name, path, &key.id,
			       before && !again ? NULL : &fd) < 0) {
		follow_again(f, touch, true);
		return;
	}
	if (before && before != key.id)
		batch_gone(b, (struct follow_key){0, before});
	known = key.id && batch_is_known(f, key);
	changed = follow_dir_set(f, dir, strrchr(path, '/') + 1, key.id, known, entries);
	if (!key.id || (!again && (known || !changed)))
		return;
	if (!batch_add(b, key, touch))
		return;
	follow_book_take(&f->book, key, &b->was);
	batch_add_places(b, path, key.id, &fd, entries);
}

static void batch_sweep(struct batch *b)
{
	auto_free struct follow_key *keys = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < b->f->book.nr; i++) {
		const struct follow_spot *spot = b->f->book.spots[i];

		if (spot->key.netns || spot->seen)
			continue;
		array_grow(keys, nr);
		keys[nr++] = spot->key;
	}
	for (size_t i = 0; i < nr; i++)
		batch_gone(b, keys[i]);
}

static void batch_take(struct batch *b, struct follow_touch *touch)
{
	switch (touch->kind) {
	case FOLLOW_DEV:
		batch_dev(b, touch);
		break;
	case FOLLOW_CGROUP:
		batch_cgroup(b, touch);
		break;
	case FOLLOW_GONE:
		if (!follow_cgroup_stands(b->f, touch->name, touch->id, touch->tries))
			batch_gone(b, (struct follow_key){0, touch->id});
		break;
	case FOLLOW_SWEEP:
		batch_sweep(b);
		break;
	}
}

/* --- afterwards --- */

static bool batch_lost_race(int code)
{
	return code == -ENODEV || code == -ENOENT || code == -ESTALE || code == -EEXIST ||
	       code == -EAGAIN;
}

/* What goes on failing is said once. */
static bool batch_is_silent(const struct apply_act *act, const struct follow_touch *touch)
{
	const unsigned int tries = touch ? touch->tries : 0;

	if (!act->failed)
		return false;
	return batch_lost_race(act->failed) ? tries != MOVED_TRIES : tries > 0;
}

static bool batch_is_refused(const struct apply_act *act,
			     const struct follow_touch *touch)
{
	return act->kind == APPLY_STEP_REFUSE &&
	       !(batch_lost_race(act->failed) && (!touch || touch->tries < MOVED_TRIES));
}

/* Nothing was done: what is ours is ours, and all of it is to be looked at again. */
static void batch_return(struct batch *b, bool later)
{
	struct follow *f = b->f;
	struct apply_record *was = &f->run->journal.was;

	for (size_t i = 0; i < was->nr_made; i++) {
		was->made[i].claimed = was->made[i].held = false;
		follow_book_add(&f->book, &was->made[i]);
	}
	was->nr_made = 0;
	for (size_t i = 0; i < b->nr; i++)
		follow_again(f, &b->items[i].touch, later);
}

static struct follow_touch *batch_touch_of(struct batch *b, const struct apply_made *made)
{
	const struct follow_key key = follow_key_of(made);

	for (size_t i = 0; i < b->nr; i++)
		if (b->items[i].key.netns == key.netns && b->items[i].key.id == key.id)
			return &b->items[i].touch;
	return NULL;
}

/* What ended otherwise because something moved meanwhile is nobody's refusal: it is tried again. */
static void batch_sort_out(struct batch *b, struct apply_report *report)
{
	const struct apply_plan *plan = &b->f->run->plan;
	size_t kept = plan->first_step;

	for (size_t i = 0; i < plan->nr_acts; i++) {
		const struct apply_act *act = &plan->acts[i];
		struct follow_touch *touch =
			act->failed ? batch_touch_of(b, &act->made) : NULL;

		if (batch_is_refused(act, touch))
			follow_book_refuse(&b->f->book, follow_key_of(&act->made));
		if (batch_is_silent(act, touch))
			report->nr_refused--;
		else
			report->steps[kept++] = report->steps[plan->first_step + i];
	}
	for (size_t i = 0; i < plan->nr_acts; i++) {
		struct follow_touch *touch =
			plan->acts[i].failed ? batch_touch_of(b, &plan->acts[i].made)
					     : NULL;

		if (touch)
			follow_again(b->f, touch, true);
	}
	for (size_t i = plan->first_step + plan->nr_acts; i < report->nr; i++)
		report->steps[kept++] = report->steps[i];
	report->nr = kept;
}

static void batch_tell_gone(struct batch *b, struct apply_report *report)
{
	for (size_t i = 0; i < b->gone.nr_made; i++) {
		const struct apply_made *made = &b->gone.made[i];
		struct apply_step *step = apply_report_add(report, APPLY_STEP_FORGET);

		apply_report_place(report, step, made);
		step->program = apply_report_own(report, xstrdup(made->function));
		step->id = made->is.id;
		step->why = "it is gone";
	}
	b->f->nr_stale += b->gone.nr_made + report->nr_detached;
	b->f->count.nr_gone += b->gone.nr_made + report->nr_detached;
	b->f->count.nr_attached += report->nr_attached;
}

/* Their sockets would keep a namespace that is gone for everybody else. */
static void batch_let_go(struct follow *f)
{
	apply_places_release(&f->run->places);
}

static int batch_run(struct batch *b, struct apply_report *report, struct err *err)
{
	struct follow *f = b->f;
	struct apply_record *now = &f->run->record;
	int r;

	f->run->pass_due = f->whole;
	r = applying_part(f->run, &f->opts, &b->places, &b->was, report, err);
	if (r != 0) {
		batch_let_go(f);
		batch_return(b, r < 0);
		return r;
	}
	for (size_t i = 0; i < now->nr_made; i++)
		follow_book_add(&f->book, &now->made[i]);
	now->nr_made = 0;
	batch_sort_out(b, report);
	batch_let_go(f);
	return 0;
}

int follow_batch(struct follow *f, struct apply_report *report, struct err *err)
{
	auto_batch b = {.f = f, .opener = FOLLOW_OPENER_INIT};
	size_t done = 0;
	int r = 0;

	for (; done < f->nr_touched && b.nr < BATCH_PLACES; done++) {
		batch_take(&b, &f->touched[done]);
		free(take_ptr(f->touched[done].name));
	}
	f->nr_touched -= done;
	if (done)
		memmove(f->touched, f->touched + done,
			f->nr_touched * sizeof(*f->touched));
	if (b.nr)
		r = batch_run(&b, report, err);
	batch_tell_gone(&b, report);
	return r;
}
