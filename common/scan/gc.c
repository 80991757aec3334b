/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/caps.h"
#include "kernel/proc.h"
#include "kernel/prog_fd.h"
#include "scan/scan_sources.h"
#include "scan/gc_private.h"
#include "scan/graph_scan.h"

enum {
	/* How long a detached program may take to go: some RCU grace periods. */
	LEAVE_WAIT_MS = 500,
	LEAVE_STEP_MS = 10,
	/* Whoever lists objects has each of them open for a moment. */
	OPEN_LOOKS = 3,
};

static struct usage_mark mark_of(const struct usage *u, const struct idle_pin *pin)
{
	struct usage_mark mark = {.by = USAGE_NONE};

	if (pin->kind == IDLE_MAP)
		mark = usage_of_map(u, pin->id);
	else if (pin->kind == IDLE_PROGRAM)
		mark = usage_of_program(u, pin->id);
	/* One array of a program is needed as long as the program runs: so are all. */
	if (mark.by == USAGE_NONE && pin->place == IDLE_KEEP)
		mark = usage_of_program(u, pin->program);
	return mark;
}

static int compare_pin_marks(const void *a, const void *b)
{
	const struct pin_mark *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static int mark_pin_at(const char *path, struct pin_mark *ret)
{
	char real[PATH_MAX];

	return pin_at_mark(AT_FDCWD, caller_ns_path(path, real), ret);
}

/* By index: pins of the graph that are a row's, by whatever path. */
static bool *own_pins(const struct graph *g, const struct idle_pins *pins)
{
	auto_free struct pin_mark *rows = xcalloc(pins->nr + 1, sizeof(*rows));
	bool *own = xcalloc(g->nr_pins + 1, sizeof(*own));
	size_t nr = 0;

	for (size_t i = 0; i < pins->nr; i++)
		nr += mark_pin_at(pins->items[i].path, &rows[nr]) == 0;
	qsort(rows, nr, sizeof(*rows), compare_pin_marks);
	for (size_t i = 0; i < g->nr_pins && nr; i++) {
		struct pin_mark mark;

		own[i] = mark_pin_at(g->pins[i].path, &mark) == 0 &&
			 bsearch(&mark, rows, nr, sizeof(*rows), compare_pin_marks);
	}
	return own;
}

/*
 * Once its programs are replaced nothing uses the old map, and what they counted last is in it
 * alone.
 */
static enum usage_by migration_of(const char *path)
{
	int r = strstr(path, "/" PIN_MIGRATE_PREFIX) ? 1 : pin_at_migrates(path);

	return r > 0 ? USAGE_MIGRATES : r < 0 ? USAGE_UNTOLD : USAGE_NONE;
}

static void fill_marks(struct idle_pins *pins, const struct graph *g,
		       const struct gc_ties *ties, const struct gc_ask *ask)
{
	auto_free bool *own = ask->each ? NULL : own_pins(g, pins);
	const struct usage_ask what = {
		.pins = true,
		.ignore_pid = ask->detached ? (uint32_t)getpid() : 0,
		.skip = own,
		.ties = ties->items,
		.nr_ties = ties->nr,
		.detached = ask->detached,
		.nr_detached = ask->nr_detached,
	};
	auto_usage u = {.g = NULL};

	usage_init(&u, g, &what);
	for (size_t i = 0; i < pins->nr; i++) {
		struct usage_mark *mark = &pins->items[i].mark;
		enum usage_by migrates;

		*mark = mark_of(&u, &pins->items[i]);
		if (!usage_is_live(*mark) &&
		    strstr(pins->items[i].path, "/" PIN_FRESH_PREFIX))
			mark->by = USAGE_SET_ASIDE;
		migrates = usage_is_live(*mark) ? USAGE_NONE
						: migration_of(pins->items[i].path);
		if (migrates != USAGE_NONE)
			mark->by = migrates;
	}
}

bool gc_is_gone(uint32_t program)
{
	auto_close int fd = prog_fd_by_id(program);

	return fd == -ENOENT;
}

/* Of those that were detached, or of all where none was, which may be another's doing. */
static bool is_worth_waiting(const struct gc_ask *ask, uint32_t program)
{
	for (size_t i = 0; i < ask->nr_detached; i++)
		if (ask->detached[i] == program)
			return true;
	return !ask->detached;
}

/* True if a program that nothing explains went away while we waited; *left is in ms. */
static bool gc_wait_for_leaving(const struct idle_pins *pins, const struct gc_ask *ask,
				int *left)
{
	const struct timespec step = {.tv_nsec = LEAVE_STEP_MS * 1000000L};
	bool gone = false;

	for (size_t i = 0; i < pins->nr; i++) {
		struct usage_mark mark = pins->items[i].mark;

		if (mark.by != USAGE_UNSEEN || !is_worth_waiting(ask, mark.id))
			continue;
		for (; !gc_is_gone(mark.id) && *left > 0; *left -= LEAVE_STEP_MS)
			nanosleep(&step, NULL);
		gone |= gc_is_gone(mark.id);
	}
	return gone;
}

static bool any_open(const struct idle_pins *pins)
{
	for (size_t i = 0; i < pins->nr; i++)
		if (pins->items[i].mark.by == USAGE_OPEN)
			return true;
	return false;
}

static int judge_once(struct idle_pins *pins, struct graph *g, const struct gc_ask *ask,
		      struct err *err)
{
	auto_gc_ties ties = {.nr = 0};
	int r = graph_scan(g, scan_sources, err);

	if (r < 0)
		return r;
	gc_ties_find(&ties, pins, g);
	if (proc_is_contained() != 0)
		graph_add_hidden(
			g, GRAPH_FROM_OPEN,
			"processes outside of this PID namespace, which may have it open");
	fill_marks(pins, g, &ties, ask);
	return 0;
}

int gc_judge(struct idle_pins *pins, struct graph *g, const struct gc_ask *ask,
	     struct err *err)
{
	int left = LEAVE_WAIT_MS;

	/* Programs of one object leave one after the other. */
	for (int looks = 1;; looks++) {
		int r = judge_once(pins, g, ask, err);

		if (r < 0)
			return r;
		if ((left <= 0 || !gc_wait_for_leaving(pins, ask, &left)) &&
		    (looks >= OPEN_LOOKS || !any_open(pins)))
			return 0;
		left -= LEAVE_STEP_MS;
		graph_release(g);
		*g = (struct graph)GRAPH_INIT;
	}
}

/*
 * With every right to look, a process that refuses to be looked into refuses everybody (the
 * first one of a sandbox does): it is said and decides nothing.
 */
static bool nobody_could_look(void)
{
	return !caps_missing(CAPS_PTRACE) && proc_is_contained() == 0;
}

int gc_check_hidden(const struct graph *g, bool ignore_open, struct err *err)
{
	for (size_t i = 0; i < g->nr_hidden; i++) {
		bool open = g->hidden[i].source == GRAPH_FROM_OPEN;

		/* Names alone use nothing. */
		if (g->hidden[i].source == GRAPH_FROM_NAME ||
		    (open &&
		     (ignore_open || (!g->hidden[i].failed && nobody_could_look()))))
			continue;
		return err_say(err, -EPERM,
			       "its users cannot be determined, not seen: %s%s",
			       g->hidden[i].text,
			       open ? "; --force-unseen removes it all the same" : "");
	}
	return 0;
}

/* --- the list --- */

static void keep_idle(struct idle_pins *ret, struct idle_pins *all, const struct graph *g)
{
	auto_err untold = ERR_INIT;
	bool told = gc_check_hidden(g, false, &untold) == 0;

	for (size_t i = 0; i < all->nr; i++) {
		struct idle_pin *pin = &all->items[i];

		if (pin_at_migrates(pin->path) > 0)
			log_info(
				"'%s': a 'map migrate' of it was interrupted; run it again to finish it",
				pin->path);
		if (usage_is_live(pin->mark))
			continue;
		if (pin->mark.by == USAGE_NONE && !told)
			pin->mark.by = USAGE_UNTOLD;
		gc_count_entries(pin);
		idle_pins_add(ret, pin);
		pin->path = pin->name = NULL;
	}
}

int gc_list(const struct gc_opts *opts, struct idle_pins *ret, struct err *err)
{
	auto_idle_pins all = {.nr = 0}, idle = {.nr = 0};
	auto_graph g = GRAPH_INIT;
	struct gc_places places;
	int r = gc_find_places(&places, opts, err);

	if (r < 0)
		return r;
	gc_collect(&all, &places, NULL);
	r = gc_judge(&all, &g, &(struct gc_ask){.each = true}, err);
	if (r < 0)
		return r;
	keep_idle(&idle, &all, &g);
	gc_add_dead_links(&idle, &places, &g);
	for (size_t i = 0; i < all.nr_hidden; i++)
		idle_pins_hide(&idle, all.hidden[i]);
	for (size_t i = 0; i < g.nr_hidden; i++)
		idle_pins_hide(&idle, g.hidden[i].text);
	*ret = idle;
	idle = (struct idle_pins){.nr = 0};
	return 0;
}
