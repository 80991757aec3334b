/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The directories that are watched, and what a name in one of them is to a pattern. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caller_ns.h"
#include "load/follow_private.h"

enum {
	SAID_MS = 60000, /* whoever makes cgroups could have a line for each otherwise */
	SLICES_MIN = 4096,
};

/* --- by number --- */

size_t follow_dirs_index(const struct follow *f, int number)
{
	size_t low = 0, high = f->nr_dirs;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (f->dirs[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct follow_dir *follow_dirs_find(const struct follow *f, int number)
{
	size_t at = follow_dirs_index(f, number);

	return at < f->nr_dirs && f->dirs[at]->number == number ? f->dirs[at] : NULL;
}

bool follow_dirs_stand(const struct follow *f)
{
	char real[PATH_MAX];
	struct stat st;

	return !f->root || (stat(caller_ns_path(f->root, real), &st) == 0 &&
			    st.st_dev == f->root_dev && st.st_ino == f->root_ino);
}

/* --- what a name is to a directory --- */

const char *follow_want_text(const struct follow *f, const struct follow_want *want)
{
	return f->conf->cgroups[want->entry].where.items[want->word].text;
}

static bool want_fits_unit(const char *unit, const char *name)
{
	auto_free char *whole =
		strchr(unit, '.') ? xstrdup(unit) : xasprintf("%s.service", unit);

	return apply_word_fits(whole, name);
}

/* Does the name fit its component? *next: what comes behind it, "" for a place. */
bool follow_want_fits(const struct follow *f, const struct follow_want *want,
		      const char *name, const char **next)
{
	auto_free char *component = NULL;
	size_t n;

	*next = "";
	if (!want->rest)
		return want_fits_unit(follow_want_text(f, want), name);
	n = strcspn(want->rest, "/");
	component = xstrndup(want->rest, n);
	if (!apply_word_fits(component, name))
		return false;
	*next = want->rest + n + strspn(want->rest + n, "/");
	return true;
}

struct follow_word *follow_want_word(const struct follow *f,
				     const struct follow_want *want)
{
	return &f->words[want->entry][want->word];
}

void follow_want_say_full(const struct follow *f, const struct follow_want *want)
{
	const struct apply_cgroup *cg = &f->conf->cgroups[want->entry];
	const struct apply_word *word = &cg->where.items[want->word];
	struct follow_word *w = follow_want_word(f, want);
	const uint64_t now = follow_now();
	const bool silent = w->full || (w->said && now - w->said < SAID_MS);

	w->full = true;
	if (silent)
		return;
	w->said = now;
	if (cg->place == APPLY_UNITS && !apply_word_is_pattern(word->text))
		log_warn(
			"%s:%u:%u: several cgroups are called '%s'; the one that was first has the program, name the path in 'cgroups'",
			f->conf->file, word->at.line, word->at.column, word->text);
	else
		log_warn(
			"%s:%u:%u: '%s' names more than %u cgroups; new ones beyond that are left out, 'limit' raises it",
			f->conf->file, word->at.line, word->at.column, word->text,
			cg->limit);
}

/* A plain name of a unit is one cgroup: a second one could be anybody's. */
uint32_t follow_want_limit(const struct follow *f, const struct follow_want *want)
{
	return f->conf->cgroups[want->entry].place == APPLY_UNITS &&
			       !apply_word_is_pattern(follow_want_text(f, want))
		       ? 1
		       : f->conf->cgroups[want->entry].limit;
}

/*
 * As many on each level as there may be places below, and those of plain names. Slices are below
 * each other as systemd likes.
 */
size_t follow_want_dirs(const struct follow *f, const struct follow_want *want)
{
	const struct apply_cgroup *cg = &f->conf->cgroups[want->entry];
	const char *at = follow_want_word(f, want)->pattern;
	size_t levels = 1;

	if (cg->place == APPLY_UNITS)
		return cg->limit > SLICES_MIN ? cg->limit : SLICES_MIN;
	for (; *at; at++)
		levels += *at == '/';
	return levels * ((size_t)cg->limit + 1);
}

/* --- all of them --- */

static struct follow_word *words_new(const struct apply_cgroup *cg)
{
	struct follow_word *words = xcalloc(cg->where.nr, sizeof(*words));

	for (size_t i = 0; i < cg->where.nr; i++)
		words[i].pattern = cg->place == APPLY_EACH
					   ? xasprintf("%s/*", cg->where.items[i].text)
					   : xstrdup(cg->where.items[i].text);
	return words;
}

void follow_words_make(struct follow *f)
{
	if (!f->words)
		f->words = xcalloc(f->conf->nr_cgroups, sizeof(*f->words));
	for (; f->nr_words < f->conf->nr_cgroups; f->nr_words++)
		f->words[f->nr_words] = words_new(&f->conf->cgroups[f->nr_words]);
}

void follow_words_empty(struct follow *f)
{
	for (size_t i = 0; i < f->nr_words; i++)
		for (size_t w = 0; w < f->conf->cgroups[i].where.nr; w++) {
			f->words[i][w].nr = f->words[i][w].nr_dirs = 0;
			f->words[i][w].full = f->words[i][w].room = false;
		}
}

void follow_words_release(struct follow *f)
{
	for (size_t i = 0; i < f->nr_words; i++) {
		for (size_t w = 0; w < f->conf->cgroups[i].where.nr; w++)
			free(f->words[i][w].pattern);
		free(f->words[i]);
	}
	free(f->words);
	f->words = NULL;
	f->nr_words = 0;
}

bool follow_words_room(struct follow *f)
{
	bool any = false;

	for (size_t e = 0; e < f->nr_words; e++)
		for (size_t w = 0; w < f->conf->cgroups[e].where.nr; w++) {
			const struct follow_want want = {.entry = e, .word = w};
			struct follow_word *word = &f->words[e][w];
			const size_t places = follow_want_limit(f, &want);
			const size_t dirs = follow_want_dirs(f, &want);

			word->room = word->full && word->nr + places / 8 < places &&
				     word->nr_dirs + dirs / 8 < dirs;
			word->full &= !word->room;
			any |= word->room;
		}
	return any;
}
