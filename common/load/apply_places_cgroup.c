/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "load/apply_places.h"

/*
 * The cgroups of one entry. Whoever a subtree was delegated to can make as many as he likes: what
 * is kept is bounded by the entry's limit, and that it was reached is said.
 */
struct cgroup_places {
	struct apply_places *places;
	const struct apply_conf *conf;
	size_t entry;
	size_t first; /* of the entry's places */
	const char *root;
	size_t of_word; /* how many this word has named */
	bool full;
};

static const struct apply_cgroup *cgplaces_entry(const struct cgroup_places *p)
{
	return &p->conf->cgroups[p->entry];
}

static bool cgplaces_is_dir(const char *path, struct stat *st)
{
	char real[PATH_MAX];

	return strlen(path) < PATH_MAX && stat(caller_ns_path(path, real), st) == 0 &&
	       S_ISDIR(st->st_mode);
}

/* False: no more of them. */
static bool cgplaces_add(struct cgroup_places *p, const char *path)
{
	struct apply_place place = {.entry = p->entry};
	struct stat st;

	if (!cgplaces_is_dir(path, &st))
		return true;
	p->of_word++;
	for (size_t i = p->first; i < p->places->nr; i++)
		if (p->places->items[i].cgroup_id == st.st_ino)
			return true;
	if (p->of_word > cgplaces_entry(p)->limit) {
		p->full = true;
		return false;
	}
	place.cgroup = xstrdup(path);
	place.cgroup_id = st.st_ino;
	apply_places_add(p->places, &place);
	return true;
}

/* --- by path: one component after the other --- */

static int cgplaces_is_visible(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

static void cgplaces_match(struct cgroup_places *p, const char *dir, const char *rest);

static void cgplaces_match_names(struct cgroup_places *p, const char *dir,
				 const char *pattern, const char *rest)
{
	struct dirent **entries = NULL;
	char real[PATH_MAX];
	int n = scandir(caller_ns_path(dir, real), &entries, cgplaces_is_visible,
			alphasort);

	for (int i = 0; i < n; i++) {
		if (!p->full && apply_word_fits(pattern, entries[i]->d_name)) {
			auto_free char *path =
				xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir,
					  entries[i]->d_name);

			cgplaces_match(p, path, rest);
		}
		free(entries[i]);
	}
	free(entries);
}

/* dir is there; rest are the components below it. */
static void cgplaces_match(struct cgroup_places *p, const char *dir, const char *rest)
{
	auto_free char *name = NULL;
	size_t n;

	rest += strspn(rest, "/");
	if (!*rest) {
		cgplaces_add(p, dir);
		return;
	}
	if (strlen(dir) + strlen(rest) + 1 >= PATH_MAX)
		return;
	n = strcspn(rest, "/");
	name = xstrndup(rest, n);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (strpbrk(name, "*?[")) {
		cgplaces_match_names(p, dir, name, rest + n);
	} else {
		auto_free char *path =
			xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name);
		struct stat st;

		if (cgplaces_is_dir(path, &st))
			cgplaces_match(p, path, rest + n);
	}
}

static void cgplaces_by_path(struct cgroup_places *p, const char *word)
{
	if (word[0] != '/') {
		cgplaces_match(p, p->root, word);
		return;
	}
	/* What the path has in common with the root is no pattern of ours. */
	if (strncmp(word, p->root, strlen(p->root)) == 0 &&
	    (word[strlen(p->root)] == '/' || !word[strlen(p->root)]))
		cgplaces_match(p, p->root, word + strlen(p->root));
	else
		cgplaces_match(p, "/", word);
}

static void cgplaces_each(struct cgroup_places *p, const char *word)
{
	auto_free char *below = xasprintf("%s/*", word);

	cgplaces_by_path(p, below);
}

/* --- by the name of a unit --- */

struct unit_search {
	struct cgroup_places *p;
	const char *name; /* whole, with its suffix */
	bool is_pattern;
	size_t nr; /* of a plain name: how many cgroups have it */
};

static int unit_take(const char *path, int depth, void *ctx)
{
	struct unit_search *s = ctx;
	const char *slash = strrchr(path, '/');

	if (depth == 0 || !slash || !apply_word_fits(s->name, slash + 1))
		return 0;
	s->nr++;
	return cgplaces_add(s->p, path) ? 0 : 1;
}

/* A name that several cgroups have could be anybody's: whoever has a subtree can make one. */
static int cgplaces_unit(struct cgroup_places *p, const struct apply_word *word,
			 struct err *err)
{
	auto_free char *whole = strchr(word->text, '.')
					? xstrdup(word->text)
					: xasprintf("%s.service", word->text);
	struct unit_search s = {
		.p = p, .name = whole, .is_pattern = strpbrk(word->text, "*?[") != NULL};
	size_t before = p->places->nr;
	int r = cgroup_each(p->root, unit_take, &s, err);

	if (r < 0)
		return r;
	if (s.is_pattern || s.nr < 2)
		return 0;
	while (p->places->nr > before)
		free(p->places->items[--p->places->nr].cgroup);
	apply_places_add_pending(
		p->places,
		&(struct apply_pending){
			.entry = p->entry,
			.word = word,
			.what = "unit",
			.netns = xstrdup(""),
			.why = xasprintf(
				"%zu cgroups below '%s' are called '%s'; name the path in 'cgroups'",
				s.nr, p->root, whole)});
	return 0;
}

/* --- an entry --- */

static void cgplaces_end_word(const struct cgroup_places *p,
			      const struct apply_word *word)
{
	const struct apply_cgroup *cg = cgplaces_entry(p);

	if (p->full)
		log_warn(
			"%s:%u:%u: '%s' names more than %u cgroups; the others are left out, 'limit' raises it",
			p->conf->file, word->at.line, word->at.column, word->text,
			cg->limit);
	else if (!p->of_word)
		apply_places_add_pending(
			p->places,
			&(struct apply_pending){
				.entry = p->entry,
				.word = word,
				.what = cg->place == APPLY_UNITS ? "unit" : "cgroup",
				.netns = xstrdup("")});
}

static int cgplaces_of_entry(struct cgroup_places *p, struct err *err)
{
	const struct apply_cgroup *cg = cgplaces_entry(p);
	int r = 0;

	p->first = p->places->nr;
	for (size_t i = 0; i < cg->where.nr && r == 0; i++) {
		const struct apply_word *word = &cg->where.items[i];

		p->of_word = 0;
		p->full = false;
		if (cg->place == APPLY_UNITS)
			r = cgplaces_unit(p, word, err);
		else if (cg->place == APPLY_EACH)
			cgplaces_each(p, word->text);
		else
			cgplaces_by_path(p, word->text);
		if (r == 0)
			cgplaces_end_word(p, word);
	}
	return r < 0 ? apply_conf_context(err, p->conf, cg->at) : 0;
}

int apply_places_cgroups(struct apply_places *places, const struct apply_conf *conf,
			 struct err *err)
{
	struct cgroup_places p = {.places = places, .conf = conf};
	char root[PATH_MAX];
	int r = conf->nr_cgroups ? cgroup_root(root, err) : 0;

	p.root = root;
	for (size_t i = 0; i < conf->nr_cgroups && r == 0; i++) {
		p.entry = i;
		r = cgplaces_of_entry(&p, err);
	}
	return r;
}
