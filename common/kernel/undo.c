/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/pin_lock.h"
#include "kernel/undo.h"

enum { UNDO_TRIES = 3 };

struct undo_step {
	undo_fn fn;
	void *data;
	void (*drop)(void *data);
};

struct undo {
	struct undo_step *steps;
	size_t nr_steps;
	bool reserved; /* room for one more */
	pid_t owner;
	struct pin_locks locks;
	struct undo_spares spares; /* where nobody shares */
};

static __thread struct undo_spares *spares_shared;

/* Whoever runs out of descriptors on the way forward has these for the way back. */
static void undo_hold_spares(struct undo_spares *s)
{
	while (s->nr < UNDO_SPARES) {
		int fd = s->nr ? fcntl(s->fds[0], F_DUPFD_CLOEXEC, 0)
			       : eventfd(0, EFD_CLOEXEC);

		if (fd < 0)
			return;
		s->fds[s->nr++] = fd;
	}
}

static void undo_drop_spares(struct undo_spares *s)
{
	while (s->nr)
		close(s->fds[--s->nr]);
}

void undo_spares_share(struct undo_spares *s)
{
	*s = (struct undo_spares){.outer = spares_shared};
	spares_shared = s;
}

void undo_spares_end(struct undo_spares *s)
{
	undo_drop_spares(s);
	spares_shared = s->outer;
}

struct undo *undo_new(void)
{
	struct undo *u = xcalloc(1, sizeof(*u));

	u->owner = getpid();
	return u;
}

struct undo_try {
	const struct undo_step *step;
	struct err *err;
};

static int undo_try(void *arg)
{
	struct undo_try *t = arg;

	return t->step->fn(t->step->data, t->err);
}

/* Where a lack of memory is survived (base/alloc.h), it may be there a moment later. */
static int undo_take_back(const struct undo_step *step, struct err *err)
{
	struct undo_try t = {step, err};
	int r = -ENOMEM;

	if (!alloc_is_guarded())
		return undo_try(&t);
	for (int i = 0; i < UNDO_TRIES && r == -ENOMEM; i++) {
		err_release(err);
		r = alloc_guard(undo_try, &t);
	}
	return r == -ENOMEM && !err->code ? err_say(err, r, "out of memory") : r;
}

/* There is no room to remember it (base/alloc.h), so it is taken back at once. */
static void undo_step_lost(struct undo_step *step)
{
	auto_err err = ERR_INIT;

	if (undo_take_back(step, &err) < 0)
		log_warn("cannot be taken back: %s", err.text);
	if (step->drop)
		step->drop(step->data);
}

static void undo_step_homeless(struct undo_step *step)
{
	if (step->fn)
		undo_step_lost(step);
}

void undo_reserve(struct undo *u)
{
	if (!u->reserved)
		array_grow(u->steps, u->nr_steps);
	u->reserved = true;
	undo_hold_spares(spares_shared ? spares_shared : &u->spares);
}

void undo_push(struct undo *u, undo_fn fn, void *data, void (*drop)(void *data))
{
	auto_release(undo_step_homeless) struct undo_step step = {fn, data, drop};

	undo_reserve(u);
	u->steps[u->nr_steps++] = step;
	u->reserved = false;
	step.fn = NULL;
}

struct pin_locks *undo_locks(struct undo *u)
{
	return &u->locks;
}

size_t undo_depth(const struct undo *u)
{
	return u->nr_steps;
}

/* Off the journal first: a step that pushes or rewinds itself never meets itself again. */
static struct undo_step undo_pop(struct undo *u)
{
	return u->steps[--u->nr_steps];
}

static void undo_drop(const struct undo_step *step)
{
	if (step->drop)
		step->drop(step->data);
}

int undo_rewind(struct undo *u, size_t depth, struct err *err)
{
	/* A copy of it: what was made is the parent's. */
	bool forked = u->nr_steps > depth && u->owner != getpid();
	int first = 0;

	undo_drop_spares(&u->spares);
	if (spares_shared && u->nr_steps > depth)
		undo_drop_spares(spares_shared);
	while (u->nr_steps > depth) {
		struct undo_step step = undo_pop(u);
		auto_err why = ERR_INIT;
		int r = forked ? 0 : undo_take_back(&step, &why);

		undo_drop(&step);
		if (r >= 0)
			continue;
		if (first)
			log_warn("cannot be taken back: %s", why.text);
		else
			first = err_say(err, r, "cannot be taken back: %s", why.text);
	}
	return first;
}

void undo_commit(struct undo *u)
{
	while (u->nr_steps) {
		struct undo_step step = undo_pop(u);

		undo_drop(&step);
	}
	undo_drop_spares(&u->spares);
	pin_locks_release(&u->locks);
}

static void undo_rewind_all(struct undo *u)
{
	auto_err why = ERR_INIT;

	if (undo_rewind(u, 0, &why) < 0)
		log_warn("%s", why.text);
}

void undo_free(struct undo *u)
{
	if (!u)
		return;
	if (u->nr_steps)
		undo_rewind_all(u);
	undo_drop_spares(&u->spares);
	pin_locks_release(&u->locks);
	free(u->steps);
	free(u);
}

void undo_freep(struct undo **u)
{
	undo_free(*u);
}
