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
#include "graph/graph_reach.h"
#include "graph/graph_words.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/pin_dir.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"
#include "load/object_plan.h"
#include "load/object_private.h"

/* Another map of the name of one of the object's. */
struct split_other {
	size_t map; /* of the object */
	uint32_t id;
};

/* One look for all maps of an object. */
struct split_look {
	struct object *obj;
	struct stat *read; /* roots of the bpffs mounts that were read; owned */
	size_t nr_read;
	struct split_other *others; /* owned */
	size_t nr_others;
};

static void split_look_release(struct split_look *look)
{
	free(look->read);
	free(look->others);
}

static void cannot_see(struct object *obj, const char *what, const char *why)
{
	if (!obj->unseen)
		obj->unseen = xasprintf("%s: %s", what, why);
}

/* What the user asked for in so many words is no slip; data sections are each load's own. */
static bool split_is_asked(const struct object *obj, const struct object_map *m)
{
	const char *root = obj->opts->pin_root;

	if (strchr(m->def.name, '.') || (m->place.given && m->place.given->aside))
		return false;
	if (m->state == OBJECT_MAP_PRIVATE)
		return !m->place.given && !(root && strcmp(root, "none") == 0);
	return m->state == OBJECT_MAP_CREATE && m->def.scope != PIN_SCOPE_OBJECT;
}

static void set_split(struct object_map *m, char *text)
{
	free(m->split);
	m->split = text;
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
		set_split(
			m,
			xasprintf(
				"but '%s' (id %u) is another map of this name; 'map name %s shared' uses it",
				path, id, name));
	else if (!m->split)
		set_split(
			m,
			xasprintf(
				"but '%s' (id %u) is another map of this name; 'map name %s pinned %s' uses it",
				path, id, name, path));
}

static int look_at_pin(const char *path, void *ctx)
{
	struct split_look *look = ctx;
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < look->obj->nr_maps; i++) {
		struct object_map *m = &look->obj->maps[i];
		uint32_t id;

		if (!split_is_asked(look->obj, m) || strcmp(m->def.name, name) != 0 ||
		    strcmp(m->place.path, path) == 0)
			continue;

		auto_close int fd = bpf_fd_by_pin(path, BPF_FD_MAP);

		if (fd == -EACCES || fd == -EPERM)
			cannot_see(look->obj, path, err_words(fd));
		if (is_same_kind(m, fd, &id) && id != m->id)
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

	if (!bpffs_is(mnt) || bpffs_stat(mnt, &st) < 0)
		return 0;
	for (size_t i = 0; i < look->nr_read; i++)
		if (look->read[i].st_dev == st.st_dev &&
		    look->read[i].st_ino == st.st_ino)
			return 0;
	array_grow(look->read, look->nr_read);
	look->read[look->nr_read++] = st;
	r = bpffs_each_pin(mnt, look_at_shared_pin, look);
	if (r < 0)
		cannot_see(look->obj, mnt, err_words(r));
	return 0;
}

static void split_look_at_pins(struct split_look *look)
{
	int r = bpffs_each_mount(look_at_mount, look);

	if (r < 0)
		cannot_see(look->obj, "mounts of BPF file systems", err_words(r));
}

/* A reused pin has a twin in the other tool's place, or it has none: two names at most. */
static void look_for_twin(struct object *obj, struct object_map *m)
{
	auto_free char *globals = NULL, *other = NULL, *at_root = NULL;
	char mnt[PATH_MAX];
	uint32_t id;

	bpffs_mount_point(mnt);
	globals = xasprintf("%s/tc/globals/%s", mnt, m->def.name);
	at_root = xasprintf("%s/%s", mnt, m->def.name);
	if (strcmp(m->place.path, globals) == 0)
		other = take_ptr(at_root);
	else if (strcmp(m->place.path, at_root) == 0)
		other = take_ptr(globals);
	else
		return;

	auto_close int fd = bpf_fd_by_pin(other, BPF_FD_MAP);

	if (is_same_kind(m, fd, &id) && id != m->id)
		split_by_pin(obj, m, other, id);
}

/* --- maps in use --- */

/* Whether the maps of all the machine are asked for it, which takes time with many. */
static bool split_may_be_in_use(const struct object *obj, const struct object_map *m)
{
	return (m->state == OBJECT_MAP_CREATE || obj->opts->require_shared) &&
	       !m->split && split_is_asked(obj, m);
}

static int look_at_map(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	struct split_look *look = ctx;

	(void)fd;
	for (size_t i = 0; i < look->obj->nr_maps; i++) {
		const struct object_map *m = &look->obj->maps[i];
		bool whole;

		if (!split_may_be_in_use(look->obj, m) || info->type != m->def.type ||
		    strncmp(info->name, m->def.name, strlen(info->name)) != 0)
			continue;

		auto_free char *name = map_fd_name(info, &whole);

		if (strcmp(name, m->def.name) != 0)
			continue;
		array_grow(look->others, look->nr_others);
		look->others[look->nr_others++] = (struct split_other){i, id};
	}
	return 0;
}

static const struct graph_attachment *attachment_of(const struct graph *g,
						    uint32_t program)
{
	for (size_t i = 0; program && i < g->nr_attachments; i++)
		if (g->attachments[i].program == program && !g->attachments[i].dead)
			return &g->attachments[i];
	return NULL;
}

/* Another load of the same classifier has a private map of its own, too. */
static bool is_other_side(const struct object *obj, const struct object_map *m,
			  const struct graph_attachment *at)
{
	if (m->state != OBJECT_MAP_PRIVATE)
		return true;
	return obj->opts->reader == MAPS_READER_CGROUP ? at->kind <= GRAPH_XDP
						       : at->kind == GRAPH_CGROUP;
}

static void split_by_use(const struct object *obj, struct object_map *m,
			 const struct graph *g, const struct graph_reach *reach,
			 uint32_t id)
{
	size_t nr = 0;
	const struct graph_user *users = graph_reach_find(reach, id, &nr);

	for (size_t i = 0; i < nr && !m->split; i++) {
		const struct graph_attachment *at = attachment_of(g, users[i].root);
		auto_strbuf place = STRBUF_INIT;

		if (!at || !is_other_side(obj, m, at))
			continue;
		graph_words_user(&place, at, users[i].program, users[i].call,
				 users[i].inner);
		set_split(
			m,
			xasprintf(
				"but program %u at %s uses another map of this name (id %u); 'map name %s id %u' uses it, or load %s with 'map name %s shared'",
				users[i].program, sb_text(&place), id, m->def.name, id,
				m->state == OBJECT_MAP_PRIVATE ? "both"
							       : "that program again",
				m->def.name));
	}
}

/* Who has something open, and how a name goes on, attaches nothing. */
static const char *unseen_hook(const struct graph *g)
{
	for (size_t i = 0; i < g->nr_hidden; i++)
		if (g->hidden[i].source <= GRAPH_FROM_SLOT)
			return g->hidden[i].text;
	return NULL;
}

static void look_at_hooks(struct split_look *look)
{
	auto_graph g = GRAPH_INIT;
	auto_err err = ERR_INIT;
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_free uint32_t *ids = xcalloc(look->nr_others, sizeof(*ids));
	const struct graph_look only = {
		.sources = attach_sources, .maps = ids, .nr_maps = look->nr_others};

	for (size_t i = 0; i < look->nr_others; i++)
		ids[i] = look->others[i].id;
	if (graph_scan_look(&g, &only, &err) < 0) {
		cannot_see(look->obj, "programs", err.text);
		return;
	}
	graph_reach_init(&reach, &g);
	for (size_t i = 0; i < look->nr_others; i++) {
		struct object_map *m = &look->obj->maps[look->others[i].map];

		split_by_use(look->obj, m, &g, &reach, look->others[i].id);
		if (!m->split && unseen_hook(&g))
			cannot_see(look->obj, "hooks", unseen_hook(&g));
	}
}

static void look_at_maps(struct split_look *look)
{
	bool any = false;
	int r;

	for (size_t i = 0; i < look->obj->nr_maps; i++)
		any |= split_may_be_in_use(look->obj, &look->obj->maps[i]);
	if (!any)
		return;
	r = map_fd_each(look_at_map, look);
	if (r < 0) {
		const char *missing = caps_missing(CAPS_IDS);
		auto_free char *why = missing ? xasprintf("missing %s", missing)
					      : xstrdup(err_words(r));

		cannot_see(look->obj, "maps in use", why);
		return;
	}
	if (look->nr_others)
		look_at_hooks(look);
}

static void split_by_root(const struct object *obj, struct object_map *m)
{
	const char *root = obj->opts->pin_root;

	set_split(
		m,
		xasprintf(
			"in '%s', which --pin-root makes; unless that is a slip, make it before: mkdir -m 0700 %s",
			root, root));
}

void object_look_for_splits(struct object *obj)
{
	auto_release(split_look_release) struct split_look look = {.obj = obj};
	bool any = false;

	free(take_ptr(obj->unseen));
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];

		set_split(m, NULL);
		any |= split_is_asked(obj, m);
		if (m->state == OBJECT_MAP_REUSE &&
		    !(m->place.given && m->place.given->aside))
			look_for_twin(obj, m);
	}
	if (!any)
		return;
	split_look_at_pins(&look);
	look_at_maps(&look);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];

		if (m->state == OBJECT_MAP_CREATE && m->place.new_root && !m->split)
			split_by_root(obj, m);
	}
}

void object_look_again(struct object *obj)
{
	auto_release(split_look_release) struct split_look look = {.obj = obj};

	for (size_t i = 0; i < obj->nr_maps; i++)
		if (obj->maps[i].state == OBJECT_MAP_CREATE) {
			split_look_at_pins(&look);
			return;
		}
}
