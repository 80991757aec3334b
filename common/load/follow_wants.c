/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The directories that are watched, and what a name in one of them is to a pattern. */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "load/follow_private.h"

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

	if (!w->full)
		log_warn(
			"%s:%u:%u: '%s' names more than %u cgroups; new ones beyond that are left out, 'limit' raises it",
			f->conf->file, word->at.line, word->at.column, word->text,
			cg->limit);
	w->full = true;
}
