/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps that come out private or new although another map of the name is there to share:
 * how one map becomes two, in silence. Changes nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"
#include "load/object_plan.h"
#include "load/object_private.h"
#include "load/object_split.h"

/* One look for all maps of an object. */
struct split_look {
	struct object *obj;
	const char **names; /* owned; of its maps, theirs */
	struct stat *read;  /* roots of the bpffs mounts that were read; owned */
	size_t nr_read;
};

static void split_look_release(struct split_look *look)
{
	free(look->names);
	free(look->read);
}

/* Where rule 4 would look for the map: MNT/tc/globals or --pin-root. The caller frees. */
static char *shared_path(const struct object *obj, const struct object_map *m)
{
	const char *root = obj->opts->pin_root;
	char mnt[PATH_MAX];
	char *path;

	bpffs_mount_point(mnt);
	if (root && strcmp(root, "none") != 0)
		path = xasprintf("%s/%s", root, m->def.name);
	else
		path = xasprintf("%s/tc/globals/%s", mnt, m->def.name);
	pin_path_tidy(path);
	return path;
}

static bool is_same_kind(const struct object_map *m, int fd, uint32_t *ret_id)
{
	struct bpf_map_info info;

	if (fd < 0 || map_fd_info(fd, &info) < 0 || info.type != m->def.type)
		return false;
	*ret_id = info.id;
	return true;
}

/* --- pins of the name --- */

static void split_by_pin(const struct object *obj, struct object_map *m, const char *path,
			 uint32_t id)
{
	auto_free char *shared = shared_path(obj, m);
	const char *name = m->def.name;

	if (strcmp(path, shared) == 0)
		split_set(
			m,
			xasprintf(
				"but '%s' (id %u) is another map of this name; 'map name %s shared' uses it",
				path, id, name));
	else if (!m->split)
		split_set(
			m,
			xasprintf(
				"but '%s' (id %u) is another map of this name; 'map name %s pinned %s' uses it",
				path, id, name, path));
}

/* MNT/tc/SHA1/NAME: an older build of an object leaves its own there. */
static bool is_of_an_object(const char *path)
{
	const char *end = strrchr(path, '/');

	return end - path > OBJECT_HASH_LEN && end[-OBJECT_HASH_LEN - 1] == '/' &&
	       strspn(end - OBJECT_HASH_LEN, "0123456789abcdef") == OBJECT_HASH_LEN;
}

static int look_at_pin(const char *path, void *ctx)
{
	struct split_look *look = ctx;
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < look->obj->nr_maps; i++) {
		struct object_map *m = &look->obj->maps[i];
		uint32_t id;

		if (!split_is_asked(look->obj, m) || strcmp(m->def.name, name) != 0 ||
		    strcmp(m->place.path, path) == 0 ||
		    (m->def.scope == PIN_SCOPE_OBJECT && is_of_an_object(path)))
			continue;

		auto_close int fd = bpf_fd_by_pin(path, BPF_FD_MAP);

		if (fd == -EACCES || fd == -EPERM)
			split_cannot_see(look->obj, path, err_words(fd));
		if (is_same_kind(m, fd, &id) && id != m->id && id != m->given_up)
			split_by_pin(look->obj, m, path, id);
	}
	return 0;
}

/* Prog arrays that are kept for a program are pinned, yet shared with nobody. */
static int look_at_shared_pin(const char *path, void *ctx)
{
	return strstr(path, "/tc/keep/") ? 0 : look_at_pin(path, ctx);
}

static int look_at_mount(const char *mnt, void *ctx)
{
	struct split_look *look = ctx;
	struct stat st;
	int r;

	r = bpffs_look(mnt, &st);
	if (r < 0)
		split_cannot_see(look->obj, mnt, err_words(r));
	if (r != 1)
		return 0;
	for (size_t i = 0; i < look->nr_read; i++)
		if (look->read[i].st_dev == st.st_dev &&
		    look->read[i].st_ino == st.st_ino)
			return 0;
	array_grow(look->read, look->nr_read);
	look->read[look->nr_read++] = st;
	r = bpffs_each_pin_named(mnt, look->names, look->obj->nr_maps, look_at_shared_pin,
				 look);
	if (r < 0)
		split_cannot_see(look->obj, mnt, err_words(r));
	return 0;
}

static void split_look_at_pins(struct split_look *look)
{
	int r;

	look->names = xcalloc(look->obj->nr_maps + 1, sizeof(*look->names));
	for (size_t i = 0; i < look->obj->nr_maps; i++)
		look->names[i] = look->obj->maps[i].def.name;
	r = bpffs_each_mount(look_at_mount, look);
	if (r < 0)
		split_cannot_see(look->obj, "mounts of BPF file systems", err_words(r));
}

/* Below the mount, wherever the map's own pin is. */
static void look_for_twin_at(struct object *obj, struct object_map *m, const char *dir)
{
	auto_free char *other = NULL;
	char mnt[PATH_MAX];
	uint32_t id;

	bpffs_mount_point(mnt);
	other = xasprintf("%s/%s%s", mnt, dir, m->def.name);
	pin_path_tidy(other);
	if (strcmp(m->place.path, other) == 0)
		return;

	auto_close int fd = bpf_fd_by_pin(other, BPF_FD_MAP);

	if (is_same_kind(m, fd, &id) && id != m->id && id != m->given_up)
		split_by_pin(obj, m, other, id);
}

/*
 * A reused pin has a twin in one of the two tools' places, or it has none: two names at most.
 * A place that the object names by a number is a place apart.
 */
static void look_for_twin(struct object *obj, struct object_map *m)
{
	if (m->place.kind != PLACE_PIN || m->def.scope == PIN_SCOPE_OBJECT ||
	    m->def.scope == PIN_SCOPE_CUSTOM)
		return;
	look_for_twin_at(obj, m, "tc/globals/");
	look_for_twin_at(obj, m, "");
}

static void split_by_root(const struct object *obj, struct object_map *m)
{
	const char *root = obj->opts->pin_root;

	split_set(
		m,
		xasprintf(
			"in '%s', which --pin-root creates; if that is what you want, create it first: mkdir -m 0700 %s",
			root, root));
}

void object_look_for_splits(struct object *obj)
{
	auto_release(split_look_release) struct split_look look = {.obj = obj};
	bool any = false;

	free(take_ptr(obj->unseen));
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];

		split_set(m, NULL);
		any |= split_is_asked(obj, m);
		if (m->state == OBJECT_MAP_REUSE &&
		    !(m->place.given && m->place.given->aside))
			look_for_twin(obj, m);
	}
	if (!any)
		return;
	split_look_at_pins(&look);
	split_look_at_maps(obj);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];

		if (m->state == OBJECT_MAP_CREATE && m->place.new_root && !m->split)
			split_by_root(obj, m);
	}
}

void object_look_again(struct object *obj)
{
	auto_release(split_look_release) struct split_look look = {.obj = obj};

	split_look_at_slots(obj);
	for (size_t i = 0; i < obj->nr_maps; i++)
		if (obj->maps[i].state == OBJECT_MAP_CREATE) {
			split_look_at_pins(&look);
			return;
		}
}
