/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/args.h"
#include "base/synopsis_private.h"

/* A word of a table of verbs, and behind each of them the options of the tool. */
enum { THREADS_MAX = 1024 };

struct thread {
	int at;
	int back;   /* where BACK leads; NOWHERE: the thread entered nothing */
	int option; /* the part that it entered */
	bool open[SYNOPSIS_PARTS];
	const struct synopsis_atom **taken; /* of the words so far; owned by the set */
};

struct threads {
	const struct synopsis *s;
	size_t words;
	struct thread *items;
	int nr;
};

static struct threads threads_none(const struct synopsis *s, size_t words)
{
	return (struct threads){
		.s = s,
		.words = words,
		.items = xcalloc(THREADS_MAX, sizeof(struct thread)),
	};
}

static void threads_release(struct threads *t)
{
	for (int i = 0; i < t->nr; i++)
		free(t->items[i].taken);
	free(t->items);
}

/* A copy of one where it waits for a word; again where it is there already: nothing. */
static void thread_wait(struct threads *set, const struct thread *one)
{
	struct thread *copy = &set->items[set->nr];

	for (int i = 0; i < set->nr; i++)
		if (set->items[i].at == one->at && set->items[i].back == one->back &&
		    memcmp(set->items[i].open, one->open, sizeof(one->open)) == 0)
			return;
	if (set->nr == THREADS_MAX)
		return;
	*copy = *one;
	copy->taken = xcalloc(set->words + 1, sizeof(*copy->taken));
	memcpy(copy->taken, one->taken, set->words * sizeof(*copy->taken));
	set->nr++;
}

static void thread_go(struct threads *set, struct thread one);

/* Into every part that is open by now, from where it waits. */
static void thread_enter(struct threads *set, const struct thread *one)
{
	for (int i = 0; i < set->s->nr_options; i++) {
		struct thread in = *one;

		if (!one->open[i])
			continue;
		in.at = set->s->options[i].start;
		in.back = one->at;
		in.option = i;
		in.open[i] = set->s->options[i].again;
		thread_go(set, in);
	}
}

/* On to all places where it waits for a word. The text has no empty loops. */
static void thread_go(struct threads *set, struct thread one)
{
	for (;;) {
		const struct step *step = &set->s->steps[one.at];
		struct thread in;

		switch (step->kind) {
		case STEP_SPLIT:
			if (step->to == NOWHERE) {
				one.at++;
				break;
			}
			in = one;
			in.at++;
			thread_go(set, in);
			one.at = step->to;
			break;
		case STEP_OPTION:
			one.open[step->option] = true;
			if (one.back != NOWHERE) {
				in = one;
				in.at++;
				in.open[step->option] =
					set->s->options[step->option].again;
				thread_go(set, in);
			}
			one.at = step->to;
			break;
		case STEP_BACK:
			if (one.back != NOWHERE && one.option == step->option) {
				one.at = one.back;
				one.back = one.option = NOWHERE;
			} else {
				one.at++;
			}
			break;
		case STEP_JUMP:
			one.at = step->to;
			break;
		default:
			thread_wait(set, &one);
			if (one.back == NOWHERE && !step->tight)
				thread_enter(set, &one);
			return;
		}
	}
}

enum fit { FIT_NOT, FIT_VALUE, FIT_BEGINNING, FIT_WHOLE };

static enum fit atom_fit(const struct step *step, const char *word)
{
	if (step->kind != STEP_ATOM)
		return FIT_NOT;
	if (step->atom.value)
		return FIT_VALUE;
	if (strcmp(step->atom.text, word) == 0)
		return FIT_WHOLE;
	return args_is_prefix(word, step->atom.text) ? FIT_BEGINNING : FIT_NOT;
}

/* one, which waits at that step or is put there, takes the word. */
static void thread_take(struct threads *set, const struct thread *one, int at,
			size_t word)
{
	struct thread next = *one;

	one->taken[word] = &set->s->steps[at].atom;
	next.at = at + 1;
	for (int i = 0; one->back == NOWHERE && i < set->s->nr_options; i++)
		next.open[i] = next.open[i] && set->s->options[i].dashed;
	thread_go(set, next);
	one->taken[word] = NULL;
}

/* A word out of its place: wherever the text has it. */
static void threads_search(struct threads *set, const struct thread *one,
			   const char *text, size_t word)
{
	for (int i = 0; i < set->s->nr; i++) {
		const struct step *step = &set->s->steps[i];
		struct thread moved = *one;

		if (atom_fit(step, text) <= FIT_VALUE)
			continue;
		if (moved.back == NOWHERE && step->option != NOWHERE) {
			moved.back = one->at;
			moved.option = step->option;
			moved.open[step->option] = set->s->options[step->option].again;
		}
		thread_take(set, &moved, i, word);
	}
}

/*
 * What wholly is a keyword is no value; of those that a word is the beginning of, the first
 * one counts.
 */
static struct threads threads_step(const struct threads *now, const char *text,
				   size_t word)
{
	struct threads next = threads_none(now->s, now->words);
	const char *first = NULL;
	bool whole = false;

	for (int i = 0; i < now->nr; i++) {
		const struct step *step = &now->s->steps[now->items[i].at];
		enum fit fit = atom_fit(step, text);

		whole = whole || fit == FIT_WHOLE;
		if (fit == FIT_BEGINNING && !first)
			first = step->atom.text;
	}
	for (int i = 0; i < now->nr; i++) {
		const struct step *step = &now->s->steps[now->items[i].at];
		enum fit fit = atom_fit(step, text);

		if (fit == FIT_WHOLE || (fit == FIT_VALUE && !whole) ||
		    (fit == FIT_BEGINNING && !whole &&
		     strcmp(step->atom.text, first) == 0))
			thread_take(&next, &now->items[i], now->items[i].at, word);
	}
	if (!next.nr && now->nr)
		threads_search(&next, &now->items[0], text, word);
	if (next.nr)
		return next;
	for (int i = 0; i < now->nr; i++)
		thread_wait(&next, &now->items[i]);
	return next;
}

void synopsis_next(const struct synopsis *s, char *const *words, size_t nr,
		   const struct synopsis_atom **taken, synopsis_fn fn, void *ctx)
{
	auto_free const struct synopsis_atom **none = xcalloc(nr + 1, sizeof(*none));
	struct threads now = threads_none(s, nr);

	thread_go(&now,
		  (struct thread){.back = NOWHERE, .option = NOWHERE, .taken = none});
	for (size_t i = 0; i < nr; i++) {
		struct threads next = threads_step(&now, words[i], i);

		threads_release(&now);
		now = next;
	}
	for (size_t i = 0; i < nr; i++)
		taken[i] = now.nr ? now.items[0].taken[i] : NULL;
	for (int i = 0; i < now.nr; i++) {
		const struct step *step = &s->steps[now.items[i].at];

		if (step->kind == STEP_ATOM)
			fn(&step->atom, ctx);
	}
	threads_release(&now);
}
