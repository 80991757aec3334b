/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "load/apply_places.h"
#include "load/apply_record.h"

/*
 * The cgroups of one entry. Whoever a subtree was delegated to can make as many as he likes: what
 * is new is bounded by the entry's limit, and that it was reached is said. What the record has
 * stays a place beyond it: names that sort before others' must not detach from those.
 */
struct cgroup_places {
	struct apply_places *places;
	const struct apply_conf *conf;
	size_t entry;
	size_t first; /* of the entry's places */
	size_t before_word;
	const char *root;
	size_t of_word; /* how many this word has named */
	bool full;
	uint64_t *known; /* cgroup ids of the record, sorted; owned */
	size_t nr_known;
	uint64_t *taken; /* those of the entry's places, likewise */
	size_t nr_taken;
	bool each; /* who follows looks again */
	/* What is new of a word, owned: those of the record come first, and count. */
	struct apply_place *later;
	size_t nr_later;
};

static int cgplaces_compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void cgplaces_know(struct cgroup_places *p, const struct apply_record *was)
{
	p->known = xcalloc(was->nr_made + 1, sizeof(*p->known));
	for (size_t i = 0; i < was->nr_made; i++)
		if (!was->made[i].is_tc)
			p->known[p->nr_known++] = was->made[i].cgroup_id;
	qsort(p->known, p->nr_known, sizeof(*p->known), cgplaces_compare_ids);
}

static bool cgplaces_is_known(const struct cgroup_places *p, uint64_t id)
{
	return bsearch(&id, p->known, p->nr_known, sizeof(*p->known),
		       cgplaces_compare_ids) != NULL;
}

/* false: the entry has it. */
static bool cgplaces_take(struct cgroup_places *p, uint64_t id)
{
	size_t low = 0, high = p->nr_taken;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (p->taken[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->nr_taken && p->taken[low] == id)
		return false;
	array_grow(p->taken, p->nr_taken);
	memmove(&p->taken[low + 1], &p->taken[low],
		(p->nr_taken++ - low) * sizeof(*p->taken));
	p->taken[low] = id;
	return true;
}

static void cgplaces_drop_later(struct cgroup_places *p)
{
	while (p->nr_later)
		free(p->later[--p->nr_later].cgroup);
}

static void cgplaces_release(struct cgroup_places *p)
{
	cgplaces_drop_later(p);
	free(p->later);
	free(p->known);
	free(p->taken);
}

static const struct apply_cgroup *cgplaces_entry(const struct cgroup_places *p)
{
	return &p->conf->cgroups[p->entry];
}

/* code: what a call said of path. Taken for gone, what is there would be detached. */
static void cgplaces_failed(struct cgroup_places *p, const char *path, int code)
{
	struct apply_places *places = p->places;

	if (path_is_absent(code) || places->unseen)
		return;
	places->unseen = code;
	places->unseen_at = xstrdup(path);
}

static bool cgplaces_is_dir(struct cgroup_places *p, const char *path, struct stat *st)
{
	char real[PATH_MAX];

	if (strlen(path) >= PATH_MAX)
		return false;
	if (stat(caller_ns_path(path, real), st) < 0) {
		cgplaces_failed(p, path, -errno);
		return false;
	}
	return S_ISDIR(st->st_mode);
}

static void cgplaces_add(struct cgroup_places *p, const char *path)
{
	struct apply_place place = {.entry = p->entry};
	struct stat st;

	if (!cgplaces_is_dir(p, path, &st))
		return;
	place.cgroup_id = st.st_ino;
	if (!cgplaces_is_known(p, st.st_ino)) {
		/* Of more than that the limit leaves none, whatever the record has. */
		if (p->nr_later > cgplaces_entry(p)->limit)
			return;
		array_grow(p->later, p->nr_later);
		place.cgroup = xstrdup(path);
		p->later[p->nr_later++] = place;
		return;
	}
	p->of_word++;
	if (!cgplaces_take(p, st.st_ino))
		return;
	place.cgroup = xstrdup(path);
	apply_places_add(p->places, &place);
}

static void cgplaces_add_later(struct cgroup_places *p)
{
	for (size_t i = 0; i < p->nr_later && !p->full; i++) {
		struct apply_place *place = &p->later[i];

		p->full = ++p->of_word > cgplaces_entry(p)->limit;
		if (p->full || !cgplaces_take(p, place->cgroup_id))
			continue;
		apply_places_add(p->places, place);
		place->cgroup = NULL;
	}
	cgplaces_drop_later(p);
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

	if (n < 0)
		cgplaces_failed(p, dir, -errno);
	for (int i = 0; i < n; i++) {
		if (apply_word_fits(pattern, entries[i]->d_name)) {
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
	if (apply_word_is_pattern(name)) {
		cgplaces_match_names(p, dir, name, rest + n);
	} else {
		auto_free char *path =
			xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name);
		struct stat st;

		if (cgplaces_is_dir(p, path, &st))
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
	size_t nr; /* of a plain name: how many cgroups have it */
};

static int unit_take(const char *path, void *ctx)
{
	struct unit_search *s = ctx;

	s->nr++;
	cgplaces_add(s->p, path);
	return 0;
}

/* A name that several cgroups have could be anybody's: whoever has a subtree can make one. */
static int cgplaces_unit(struct cgroup_places *p, const struct apply_word *word,
			 struct err *err)
{
	auto_free char *whole = cgroup_unit_name(word->text);
	struct unit_search s = {.p = p};
	const struct cgroup_named named = {
		.word = whole, .fits = apply_word_fits, .fn = unit_take, .ctx = &s};
	size_t before = p->before_word;
	int r = cgroup_each_named(p->root, &named, err);

	if (r < 0)
		return r;
	if (apply_word_is_pattern(word->text) || s.nr < 2)
		return 0;
	cgplaces_drop_later(p);
	while (p->places->nr > before)
		free(p->places->items[--p->places->nr].cgroup);
	p->nr_taken = 0;
	for (size_t i = p->first; i < before; i++)
		cgplaces_take(p, p->places->items[i].cgroup_id);
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
			"%s:%u:%u: '%s' names more than %u cgroups; new ones beyond that are left out, 'limit' raises it",
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

static int cgplaces_walk(struct cgroup_places *p, const struct apply_word *word,
			 struct err *err)
{
	const struct apply_cgroup *cg = cgplaces_entry(p);

	if (cg->place == APPLY_UNITS)
		return cgplaces_unit(p, word, err);
	if (cg->place == APPLY_EACH)
		cgplaces_each(p, word->text);
	else
		cgplaces_by_path(p, word->text);
	return 0;
}

static int cgplaces_of_entry(struct cgroup_places *p, struct err *err)
{
	const struct apply_cgroup *cg = cgplaces_entry(p);
	int r = 0;

	p->first = p->places->nr;
	p->nr_taken = 0;
	for (size_t i = 0; i < cg->where.nr && r == 0; i++) {
		const struct apply_word *word = &cg->where.items[i];

		p->of_word = 0;
		p->full = false;
		p->before_word = p->places->nr;
		r = cgplaces_walk(p, word, err);
		if (r == 0 && p->places->unseen && !p->each)
			r = err_set(err, p->places->unseen, "cgroup '%s'",
				    p->places->unseen_at);
		if (r < 0)
			break;
		cgplaces_add_later(p);
		cgplaces_end_word(p, word);
	}
	return r < 0 ? apply_conf_context(err, p->conf, cg->at) : 0;
}

int apply_places_cgroups(struct apply_places *places, const struct apply_conf *conf,
			 const struct apply_record *was, bool each, struct err *err)
{
	auto_release(cgplaces_release) struct cgroup_places p = {
		.places = places, .conf = conf, .each = each};
	char root[PATH_MAX];
	int r = conf->nr_cgroups ? cgroup_root(root, err) : 0;

	p.root = root;
	cgplaces_know(&p, was);
	for (size_t i = 0; i < conf->nr_cgroups && r == 0; i++) {
		p.entry = i;
		r = cgplaces_of_entry(&p, err);
	}
	return r;
}
