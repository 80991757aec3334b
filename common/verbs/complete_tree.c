/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "kernel/mountinfo.h"
#include "verbs/complete_tree.h"

/* Newer than the headers may be. */
#define TREE_BPF     0xcafe4a11
#define TREE_CGROUP2 0x63677270

struct tree {
	const char *type;
	struct text_list mounts;
};

static int tree_mount(const struct mountinfo *m, void *ctx)
{
	struct tree *tree = ctx;

	if (strcmp(m->type, tree->type) == 0)
		text_list_add(&tree->mounts, m->path);
	return 0;
}

static bool tree_has(const struct tree *tree, const char *path)
{
	long magic = strcmp(tree->type, "bpf") == 0 ? TREE_BPF : TREE_CGROUP2;
	struct statfs st;

	return statfs(path, &st) == 0 && ((long)st.f_type & 0xffffffff) == magic;
}

/* dir ends with a slash. */
static bool is_on_the_way(const struct tree *tree, const char *dir)
{
	for (size_t i = 0; i < tree->mounts.nr; i++)
		if (strncmp(tree->mounts.items[i], dir, strlen(dir)) == 0)
			return true;
	return false;
}

static void tree_entry(struct complete *c, const struct tree *tree, const char *path,
		       bool (*file)(const char *path))
{
	auto_free char *dir = xasprintf("%s/", path);
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		if (!is_on_the_way(tree, dir) && !tree_has(tree, path))
			return;
		c->nospace = true;
		complete_offer(c, dir, NULL);
	} else if (file && tree_has(tree, path) && file(path)) {
		complete_offer(c, path, NULL);
	}
}

void complete_tree(struct complete *c, const char *type, bool (*file)(const char *path))
{
	struct tree tree = {.type = type};
	const char *slash = strrchr(c->word, '/');
	auto_free char *parent =
		slash ? xstrndup(c->word, (size_t)(slash + 1 - c->word)) : xstrdup("");
	auto_dir DIR *dir = opendir(*parent ? parent : ".");
	const struct dirent *e;

	/* Without a list there is nothing on the way. */
	if (mountinfo_each("/proc/self/mountinfo", tree_mount, &tree) < 0)
		c->nospace = false;
	for (size_t i = 0; !*c->word && i < tree.mounts.nr; i++)
		tree_entry(c, &tree, tree.mounts.items[i], file);
	while (dir && (e = readdir(dir))) {
		auto_free char *path = xasprintf("%s%s", parent, e->d_name);

		if (e->d_name[0] != '.' && strncmp(path, c->word, strlen(c->word)) == 0)
			tree_entry(c, &tree, path, file);
	}
	text_list_release(&tree.mounts);
}
