/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file_in.h"
#include "base/text_list.h"
#include "load/apply_files.h"
#include "load/apply_keys.h"
#include "load/apply_node.h"

int apply_files_read_text(struct apply_conf *ret, const char *file, const char *dir,
			  const char *text, size_t size, struct err *err)
{
	auto_apply_node root = {.nr = 0};
	int r = apply_yaml_parse(&root, file, text, size, err);

	return r ? r : apply_keys_read(ret, file, dir, &root, err);
}

/* Absolute, and free of links, so that it leads to the same objects from anywhere. */
static int files_dir_of(const char *path, char **ret, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = NULL;

	if (slash)
		dir = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	*ret = realpath(dir ? dir : ".", NULL);
	return *ret ? 0 : err_set(err, -errno, "%s", path);
}

static int files_read_bytes(const char *path, char **ret, size_t *size, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0) {
		err_set(err, -errno, "%s", path);
		return err_hint_path(err, path);
	}
	if (fstat(fd, &st) < 0)
		return err_set(err, -errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EINVAL, "%s: not a regular file", path);
	r = file_in_read(fd, APPLY_FILE_MAX, ret, size);
	if (r == -EFBIG)
		return err_say(
			err, -EFBIG,
			"%s: more than %d bytes; split it into files with a name of their own",
			path, APPLY_FILE_MAX);
	return r < 0 ? err_set(err, r, "%s", path) : 0;
}

static int files_check_name(const struct apply_confs *all, const struct apply_conf *conf,
			    struct err *err)
{
	for (size_t i = 0; i < all->nr; i++) {
		const struct apply_conf *twin = &all->items[i];

		if (strcmp(twin->name.text, conf->name.text) == 0)
			return apply_node_refuse(
				err, conf->file, conf->name.at,
				"name: '%s' is also the name in %s:%u:%u; give each file its own",
				conf->name.text, twin->file, twin->name.at.line,
				twin->name.at.column);
	}
	return 0;
}

static int files_add(struct apply_confs *all, const char *path, struct err *err)
{
	auto_free char *bytes = NULL, *dir = NULL;
	auto_apply_conf conf = APPLY_CONF_INIT;
	size_t size = 0;
	int r = files_read_bytes(path, &bytes, &size, err);

	r = r ? r : files_dir_of(path, &dir, err);
	r = r ? r : apply_files_read_text(&conf, path, dir, bytes, size, err);
	r = r ? r : files_check_name(all, &conf, err);
	if (r < 0)
		return r;
	array_grow(all->items, all->nr);
	all->items[all->nr++] = conf;
	conf = (struct apply_conf)APPLY_CONF_INIT;
	return 0;
}

static int file_names_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Hidden ones are what editors leave. */
static bool files_is_conf(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && name[0] != '.' &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 ||
		strcmp(dot, ".json") == 0);
}

static int files_add_dir(struct apply_confs *all, const char *path, struct err *err)
{
	auto_text_list names = TEXT_LIST_INIT;
	const size_t length = strlen(path);
	auto_dir DIR *dir = opendir(path);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return err_set(err, -errno, "%s", path);
	while ((errno = 0, entry = readdir(dir))) {
		auto_free char *file = NULL;

		if (!files_is_conf(entry->d_name))
			continue;
		file = xasprintf("%s%s%s", path,
				 length && path[length - 1] == '/' ? "" : "/",
				 entry->d_name);
		text_list_add(&names, file);
	}
	if (errno)
		return err_set(err, -errno, "%s", path);
	if (!names.nr)
		return err_say(err, -ENOENT,
			       "%s: no *.yaml, *.yml or *.json in this directory", path);
	qsort(names.items, names.nr, sizeof(*names.items), file_names_order);
	for (size_t i = 0; r == 0 && i < names.nr; i++)
		r = files_add(all, names.items[i], err);
	return r;
}

int apply_files_read(struct apply_confs *ret, const char *const *paths, size_t nr,
		     struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < nr; i++) {
		struct stat st;

		if (stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode))
			r = files_add_dir(ret, paths[i], err);
		else
			r = files_add(ret, paths[i], err);
	}
	return r;
}
