/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"

static int cgroup_find_join(char ret[PATH_MAX], const char *root, const char *below,
			    struct err *err)
{
	int n = snprintf(ret, PATH_MAX, "%s%s", root, strcmp(below, "/") ? below : "");

	return n < PATH_MAX ? 0 : err_set(err, -ENAMETOOLONG, "cgroup '%s'", below);
}

/* The line "0::/path" is the v2 one, in hybrid layouts too. */
static int read_v2_line(FILE *f, char **ret)
{
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(ret, &cap, f)) > 0) {
		if (strncmp(*ret, "0::", 3) != 0)
			continue;
		if ((*ret)[n - 1] == '\n')
			(*ret)[n - 1] = '\0';
		return 0;
	}
	return -ENOENT;
}

int cgroup_find_pid(uint32_t pid, char ret[PATH_MAX], struct err *err)
{
	auto_free char *name = xasprintf("/proc/%" PRIu32 "/cgroup", pid);
	auto_file FILE *f = fopen(name, "re");
	auto_free char *line = NULL;
	char root[PATH_MAX], path[PATH_MAX], real[PATH_MAX];
	struct stat st;
	int r;

	if (!f && errno == ENOENT)
		return err_say(err, -ESRCH,
			       "no process has the id %" PRIu32
			       "; 'ps -e' lists those there are",
			       pid);
	if (!f)
		return err_set(err, -errno, "'%s'", name);
	r = cgroup_root(root, err);
	if (r < 0)
		return r;
	if (read_v2_line(f, &line) < 0)
		return err_say(err, -ENOENT, "process %" PRIu32 " is in no v2 cgroup",
			       pid);
	r = cgroup_find_join(path, root, line + 3, err);
	if (r < 0)
		return r;
	if (strstr(line, "/..") || stat(caller_ns_path(path, real), &st) < 0)
		return err_say(err, -ENOENT,
			       "process %" PRIu32
			       " is in the cgroup '%s', which is not in the tree at '%s'",
			       pid, line + 3, root);
	strcpy(ret, path);
	return 0;
}

char *cgroup_unit_name(const char *word)
{
	return strchr(word, '.') ? xstrdup(word) : xasprintf("%s.service", word);
}

static int cgroup_find_if_named(const char *path, int depth, void *ctx)
{
	const struct cgroup_named *named = ctx;
	const char *slash = strrchr(path, '/');

	return depth && slash && named->fits(named->word, slash + 1)
		       ? named->fn(path, named->ctx)
		       : 0;
}

int cgroup_each_named(const char *root, const struct cgroup_named *named, struct err *err)
{
	return cgroup_each(root, cgroup_find_if_named, (void *)named, err);
}

static bool cgroup_find_is_name(const char *word, const char *name)
{
	return strcmp(word, name) == 0;
}

static int cgroup_find_add(const char *path, void *ctx)
{
	struct cgroup_paths *found = ctx;

	array_grow(found->items, found->nr);
	found->items[found->nr++] = xstrdup(path);
	return 0;
}

int cgroup_find_unit(const char *name, char ret[PATH_MAX], struct err *err)
{
	auto_free char *whole = cgroup_unit_name(name);
	auto_release(cgroup_paths_release) struct cgroup_paths found = {.nr = 0};
	const struct cgroup_named named = {
		.word = whole,
		.fits = cgroup_find_is_name,
		.fn = cgroup_find_add,
		.ctx = &found,
	};
	auto_strbuf all = STRBUF_INIT;
	char root[PATH_MAX];
	int r = cgroup_root(root, err);

	if (r == 0)
		r = cgroup_each_named(root, &named, err);
	for (size_t i = 0; i < found.nr; i++)
		sb_add_sep(&all, ", ", found.items[i]);
	if (r == 0 && !found.nr)
		r = err_say(
			err, -ENOENT,
			"unit '%s' has no cgroup below '%s': it does not run; 'systemctl' lists those that do",
			whole, root);
	else if (r == 0 && found.nr > 1)
		r = err_say(err, -EINVAL, "several cgroups are called '%s': %s", whole,
			    sb_text(&all));
	else if (r == 0)
		r = cgroup_find_join(ret, found.items[0], "/", err);
	return r;
}

struct leaves {
	struct cgroup_paths *paths;
	int depth; /* of the last one added */
};

/* Parents come first: what is followed by something deeper was no leaf. */
static int add_leaf(const char *path, int depth, void *ctx)
{
	struct leaves *l = ctx;

	if (l->paths->nr && depth > l->depth)
		free(l->paths->items[--l->paths->nr]);
	l->depth = depth;
	array_grow(l->paths->items, l->paths->nr);
	l->paths->items[l->paths->nr++] = xstrdup(path);
	return 0;
}

int cgroup_find_leaves(const char *root, struct cgroup_paths *ret, struct err *err)
{
	auto_release(cgroup_paths_release) struct cgroup_paths paths = {.nr = 0};
	struct leaves l = {.paths = &paths};
	int r = cgroup_each(root, add_leaf, &l, err);

	if (r < 0)
		return r;
	if (l.depth == 0)
		return err_say(err, -ENOENT, "'%s' has no cgroup below it", root);
	*ret = paths;
	paths = (struct cgroup_paths){.nr = 0};
	return 0;
}

void cgroup_paths_release(struct cgroup_paths *paths)
{
	for (size_t i = 0; i < paths->nr; i++)
		free(paths->items[i]);
	free(paths->items);
	*paths = (struct cgroup_paths){.nr = 0};
}
