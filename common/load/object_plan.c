/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where each map of an object goes, and whether what is there fits. Changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/ways_out.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"
#include "load/object_plan.h"
#include "load/object_private.h"

static const struct map_override *override_of(const struct object *obj, size_t idx)
{
	const struct map_overrides *o = &obj->opts->overrides;

	for (size_t i = 0; i < o->nr; i++)
		if (o->items[i].idx >= 0
			    ? (size_t)o->items[i].idx == idx
			    : strcmp(o->items[i].map, obj->maps[idx].def.name) == 0)
			return &o->items[i];
	return NULL;
}

bool object_needs_mnt(const struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct mapdef *def = &obj->maps[i].def;

		const struct map_override *given = override_of(obj, i);

		if (given && given->target == OVERRIDE_SHARED && !obj->opts->pin_root)
			return true;
		if (given)
			continue;
		if (def->scope != PIN_SCOPE_NONE && def->scope != PIN_SCOPE_NAME)
			return true;
		if (!obj->opts->pin_root &&
		    (def->scope == PIN_SCOPE_NAME ||
		     (!obj->opts->pinmaps && def->dialect == MAPDEF_DEF &&
		      obj->opts->reader == MAPS_READER_CGROUP && mapdef_is_data(def))))
			return true;
	}
	return false;
}

int object_check_overrides(struct object *obj, struct err *err)
{
	auto_free const char **names = xcalloc(obj->nr_maps, sizeof(*names));

	for (size_t i = 0; i < obj->nr_maps; i++)
		names[i] = obj->maps[i].def.name;
	return map_overrides_check(&obj->opts->overrides, names, obj->nr_maps, err);
}

static void set_state(struct object_map *m, enum object_map_state state,
		      const char *reason)
{
	char *copy = reason ? xstrdup(reason) : NULL;

	m->state = state;
	free(m->reason);
	free(m->detail);
	free(m->unchecked);
	facts_release(&m->facts);
	m->reason = copy;
	m->detail = m->unchecked = NULL;
	m->differs = false;
}

/* A directory below --pin-root that is not there yet: a slip looks like that. */
static void note_new_root(const struct object *obj, struct place *place, const char *mnt)
{
	char name[NAME_MAX + 1];
	auto_err err = ERR_INIT;

	if (place->kind != PLACE_PIN || !place->by_root || !obj->opts->pin_root)
		return;

	auto_free char *globals = xasprintf("%s/tc/globals/", mnt);
	size_t n = strlen(globals);

	if (strncmp(place->path, globals, n) == 0 && !strchr(place->path + n, '/'))
		return;

	auto_close int dir = pin_dir_parent(place->path, name, &err);

	place->new_root = dir == -ENOENT;
}

int object_place(struct object *obj, const char *mnt, struct err *err)
{
	struct placement p = {
		.opts = obj->opts,
		.mnt = mnt,
	};
	int first = 0;

	for (size_t i = 0; i < obj->nr_maps && !p.object_hash; i++)
		if (obj->maps[i].def.scope == PIN_SCOPE_OBJECT)
			p.object_hash = object_sha1(obj);

	pin_names_release(&obj->names);
	for (size_t i = 0; i < obj->nr_maps && !p.names; i++) {
		if (obj->maps[i].def.scope != PIN_SCOPE_CUSTOM)
			continue;
		first = placement_read_pin_names(&obj->names, err);
		if (first < 0)
			return first;
		p.names = &obj->names;
	}
	for (size_t i = 0; i < obj->nr_maps; i++) {
		auto_err why = ERR_INIT;
		int r = place_map(&obj->maps[i].place, &obj->maps[i].def, i, &p, &why);

		if (r == 0)
			note_new_root(obj, &obj->maps[i].place, mnt);

		set_state(&obj->maps[i], r < 0 ? OBJECT_MAP_BLOCKED : OBJECT_MAP_UNKNOWN,
			  r < 0 ? why.text : NULL);
		if (r < 0 && first == 0) {
			first = err_say(err, r, "%s", why.text);
			err_hint(err, why.hint);
			err_is(err, why.kind);
		}
	}
	return first;
}

void object_resolver_want(const struct object *obj, size_t i, struct resolver_want *ret)
{
	const struct map_handle *h = &obj->handles[i];

	*ret = (struct resolver_want){
		.def = &obj->maps[i].def,
		.inner = h->has_inner ? &h->inner : NULL,
		.path = obj->maps[i].place.path,
		.create = {.btf_fd = -1, .inner_fd = -1},
		.no_layout_check = obj->opts->no_layout_check,
		.strict_names = obj->opts->strict_names,
		.require_shared = obj->opts->require_shared,
		.scan = obj->scan,
		.tool = obj->opts->tool,
		.line = obj->opts->line,
		.object = obj->path,
	};
}

struct name_search {
	const char *name;
	int fd;
	unsigned int found;
};

static int match_name(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	struct name_search *s = ctx;

	(void)fd;
	if (strncmp(info->name, s->name, sizeof(info->name)) != 0 || s->found++)
		return 0;
	s->fd = map_fd_by_id(id);
	return 0;
}

static int open_by_name(const char *name, struct err *err)
{
	struct name_search search = {.name = name, .fd = -ENOENT};
	int r;

	if (strlen(name) >= BPF_OBJ_NAME_LEN)
		return err_say(
			err, -EINVAL,
			"map name '%s' is longer than the kernel's 15 bytes: use id N or pinned PATH",
			name);
	r = map_fd_each(match_name, &search);
	if (r < 0)
		return err_set(err, r, "find map name '%s'", name);
	if (search.found > 1) {
		cleanup_close(&search.fd);
		return err_say(err, -EINVAL,
			       "%u maps are named '%s': use id N or pinned PATH",
			       search.found, name);
	}
	if (search.fd >= 0)
		return search.fd;
	err_say(err, -ENOENT, "no map is named '%s'", name);
	return err_hint(err, MAP_LISTS);
}

static int open_given(const struct map_override *o, struct err *err)
{
	int fd;

	if (o->target == OVERRIDE_NAME)
		return open_by_name(o->what, err);
	if (o->target == OVERRIDE_FD) {
		fd = fcntl(o->fd, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? err_set(err, -errno, "the given map") : fd;
	}
	/* Programs are going to write into it: nobody else may choose which map that is. */
	fd = o->target == OVERRIDE_ID ? map_fd_by_id(o->id)
				      : pin_dir_get(o->what, BPF_FD_MAP, err);
	if (fd == PIN_DIR_REFUSED)
		return fd;
	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "'%s' is a pin, but not of a map", o->what);
	if (o->target == OVERRIDE_PINNED && bpf_fd_is_no_pin(o->what, fd))
		return err_say(err, fd, "'%s' is not a pin", o->what);
	if (fd >= 0)
		return fd;
	if (o->target == OVERRIDE_ID)
		err_set(err, fd, "map id %u", o->id);
	else
		err_set(err, fd, "map pinned at '%s'", o->what);
	if (fd != -ENOENT)
		return fd;
	return err_hint(err, o->target == OVERRIDE_ID ? MAP_LISTS : MAP_PINS);
}

static int check_given(struct object *obj, size_t i, struct err *err)
{
	struct object_map *m = &obj->maps[i];
	auto_free char *what = NULL;
	struct bpf_map_info info;
	int r;

	/* The fd is held since the first look, so a second one would tell nothing new. */
	if (m->state == OBJECT_MAP_GIVEN)
		return 0;

	auto_close int fd = open_given(m->place.given, err);

	if (fd < 0)
		return err_context(err, "map '%s'", m->def.name);
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "map '%s': read the given map", m->def.name);
	what = xasprintf("id %u", info.id);
	r = resolver_check_given(
		&m->def, obj->handles[i].has_inner ? &obj->handles[i].inner : NULL, fd,
		what, err);
	if (r < 0)
		return r;
	m->id = info.id;
	set_state(m, OBJECT_MAP_GIVEN, NULL);
	cleanup_close(&obj->handles[i].fd);
	obj->handles[i].fd = take_fd(&fd);
	return 0;
}

static int check_pin(struct object *obj, size_t i, struct err *err)
{
	struct object_map *m = &obj->maps[i];
	auto_strbuf unchecked = STRBUF_INIT;
	struct resolver_want want;
	int r;

	if (m->place.must_be_new) {
		if (bpffs_exists(m->place.path))
			return err_say(
				err, -EEXIST,
				"map '%s': '%s' exists, pinmaps makes new pins only",
				m->def.name, m->place.path);
		set_state(m, OBJECT_MAP_CREATE, NULL);
		return 0;
	}
	object_resolver_want(obj, i, &want);
	r = resolver_check(&want, &m->id, &unchecked, err);
	if (r < 0)
		return r;
	set_state(m, r ? OBJECT_MAP_REUSE : OBJECT_MAP_CREATE, NULL);
	m->unchecked = unchecked.len ? sb_take(&unchecked) : NULL;
	return 0;
}

int object_check_maps(struct object *obj, struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];
		auto_err why = ERR_INIT;
		int r = 0;

		if (m->state == OBJECT_MAP_BLOCKED)
			continue;
		if (m->place.kind == PLACE_GIVEN)
			r = check_given(obj, i, &why);
		else if (m->place.kind == PLACE_PIN)
			r = check_pin(obj, i, &why);
		else {
			/* A plan before this one may have found it at a pin. */
			m->id = 0;
			set_state(m, OBJECT_MAP_PRIVATE, NULL);
		}
		if (r == 0)
			continue;
		set_state(m, OBJECT_MAP_CONFLICT, why.text);
		m->error = r;
		m->detail = why.log ? xstrdup(why.log) : NULL;
		m->differs = why.kind == ERR_CONFLICT;
		if (m->differs)
			facts_copy(&m->facts, &why.facts);
		if (first != 0)
			continue;
		first = err_say(err, r, "%s", why.text);
		err_hint(err, why.hint);
		free(err->log);
		err->log = take_ptr(why.log);
		err_is(err, why.kind);
		facts_copy(&err->facts, &why.facts);
	}
	return first;
}

/* Pins that cannot be made are told by the plan, not found out by the load. */
static void block_without_bpffs(struct object *obj, const char *mnt)
{
	bool mounts = bpffs_would_mount(mnt);
	size_t n = strlen(mnt);

	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];
		auto_err why = ERR_INIT;

		if (m->place.kind != PLACE_PIN || m->state == OBJECT_MAP_BLOCKED)
			continue;
		/* The load would mount bpffs first. */
		if (mounts && strncmp(m->place.path, mnt, n) == 0 &&
		    m->place.path[n] == '/')
			continue;
		if (bpffs_check_target(m->place.path, &why) < 0)
			set_state(m, OBJECT_MAP_BLOCKED, why.text);
	}
}

int object_plan(struct object *obj, struct err *err)
{
	char mnt[PATH_MAX];
	auto_err ignored = ERR_INIT;
	int r = object_check_overrides(obj, err);

	if (r < 0)
		return err_context(err, "object '%s'", obj->path);
	bpffs_mount_point(mnt);
	/* Each map carries its own reason: a plan shows all of them. */
	if (object_place(obj, mnt, &ignored) < 0)
		log_debug("object '%s': %s", obj->path, ignored.text);
	block_without_bpffs(obj, mnt);
	if (object_check_maps(obj, &ignored) < 0)
		log_debug("object '%s': %s", obj->path, ignored.text);
	object_look_for_splits(obj);
	object_say_unseen(obj);
	return 0;
}
