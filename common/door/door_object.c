/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An object file on this side of the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "door/door_private.h"
#include "kernel/bpf_fd.h"

/* --- open --- */

struct call_open {
	struct mapshare *ms;
	const char *path;
	const struct mapshare_object_opts *opts;
	struct mapshare_object *obj;
};

static int door_open(void *call, struct err *err)
{
	struct call_open *c = call;
	struct mapshare_object_opts opts;
	const unsigned int flags = c->ms->flags;
	struct mapshare_object *obj = c->obj;
	int r = door_opts(&opts, sizeof(opts), c->opts, "object options", err);

	if (r < 0)
		return r;
	obj->path = xstrdup(c->path);
	obj->opts = (struct share_opts){
		.reader = opts.dialect == MAPSHARE_READ_TC ? MAPS_READER_TC
							   : MAPS_READER_CGROUP,
		.pin_root = c->ms->pin_root,
		.mount_bpffs = flags & MAPSHARE_MOUNT_BPFFS,
		.require_shared = flags & MAPSHARE_REQUIRE_SHARED,
		.no_layout_check = flags & MAPSHARE_NO_LAYOUT_CHECK,
		.log_buffer = true,
	};
	return object_open(&obj->obj, obj->path, &obj->opts, err);
}

void door_object_close(struct mapshare_object *obj)
{
	object_close(obj->obj);
	for (size_t i = 0; i < obj->opts.overrides.nr; i++) {
		const struct map_override *o = &obj->opts.overrides.items[i];

		if (o->target == OVERRIDE_FD)
			cleanup_close(&o->fd);
		free((char *)o->map);
	}
	free(obj->opts.overrides.items);
	constants_release(&obj->opts.constants);
	free(obj->path);
	free(obj);
}

int mapshare_object_open(struct mapshare *ms, const char *path,
			 const struct mapshare_object_opts *opts,
			 struct mapshare_object **ret)
{
	struct call_open c = {
		.ms = ms, .path = path, .opts = opts, .obj = calloc(1, sizeof(*c.obj))};
	int r = c.obj ? door_run(ms, door_open, &c) : -ENOMEM;

	if (r < 0) {
		if (c.obj)
			door_object_close(c.obj);
		return r;
	}
	c.obj->ms = ms;
	c.obj->next = ms->objects;
	ms->objects = c.obj;
	*ret = c.obj;
	return 0;
}

void mapshare_object_free(struct mapshare_object *obj)
{
	struct mapshare_object **at;

	if (!obj)
		return;
	while (obj->sessions)
		mapshare_session_free(obj->sessions);
	for (at = &obj->ms->objects; *at != obj; at = &(*at)->next)
		;
	*at = obj->next;
	door_object_close(obj);
}

/* --- what is in it --- */

struct call_info {
	struct mapshare_object *obj;
	size_t i;
	void *ret;
};

static enum mapshare_map_state door_state(enum object_map_state state)
{
	switch (state) {
	case OBJECT_MAP_PRIVATE:
		return MAPSHARE_MAP_PRIVATE;
	case OBJECT_MAP_GIVEN:
		return MAPSHARE_MAP_GIVEN;
	case OBJECT_MAP_REUSE:
		return MAPSHARE_MAP_REUSE;
	case OBJECT_MAP_CREATE:
		return MAPSHARE_MAP_CREATE;
	case OBJECT_MAP_CONFLICT:
		return MAPSHARE_MAP_CONFLICT;
	case OBJECT_MAP_BLOCKED:
		return MAPSHARE_MAP_BLOCKED;
	case OBJECT_MAP_UNKNOWN:
		break;
	}
	return MAPSHARE_MAP_UNKNOWN;
}

static int door_map_info(void *call, struct err *err)
{
	struct call_info *c = call;
	size_t nr;
	const struct object_map *maps = object_maps(c->obj->obj, &nr), *m = maps + c->i;
	struct mapshare_map_info info;

	if (c->i >= nr)
		return err_say(err, -ENOENT, "object '%s' has %zu maps", c->obj->path,
			       nr);
	info = (struct mapshare_map_info){
		.name = m->def.name,
		.type = m->def.type,
		.key_size = m->def.key_size,
		.value_size = m->def.value_size,
		.max_entries = m->def.max_entries,
		.flags = m->def.map_flags,
		.state = door_state(m->state),
		.id = m->id,
		.pin = m->place.kind == PLACE_PIN ? m->place.path : NULL,
		.reason = m->reason,
	};
	return door_fill(c->ret, &info, sizeof(info), err);
}

int mapshare_object_map(struct mapshare_object *obj, size_t i,
			struct mapshare_map_info *ret)
{
	struct call_info c = {.obj = obj, .i = i, .ret = ret};

	return door_run(obj->ms, door_map_info, &c);
}

static int door_program_info(void *call, struct err *err)
{
	struct call_info *c = call;
	size_t nr;
	const struct object_program *progs = object_programs(c->obj->obj, &nr);
	struct mapshare_program_info info;

	if (c->i >= nr)
		return err_say(err, -ENOENT, "object '%s' has %zu programs", c->obj->path,
			       nr);
	info = (struct mapshare_program_info){
		.name = progs[c->i].name,
		.section = progs[c->i].section,
		.type = progs[c->i].prog_type,
		.attach_type = progs[c->i].attach_type,
	};
	return door_fill(c->ret, &info, sizeof(info), err);
}

int mapshare_object_program(struct mapshare_object *obj, size_t i,
			    struct mapshare_program_info *ret)
{
	struct call_info c = {.obj = obj, .i = i, .ret = ret};

	return door_run(obj->ms, door_program_info, &c);
}

/* --- where its maps come from --- */

struct call_override {
	struct mapshare_object *obj;
	const char *map;
	enum override_target target;
	int fd; /* OVERRIDE_FD */
};

static int door_has_map(struct mapshare_object *obj, const char *name, struct err *err)
{
	size_t nr;
	const struct object_map *maps = object_maps(obj->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(maps[i].def.name, name) == 0)
			return 0;
	return err_say(err, -ENOENT, "object '%s' has no map '%s'", obj->path, name);
}

/* A refusal changes nothing. */
static int door_override(void *call, struct err *err)
{
	struct call_override *c = call;
	struct map_overrides *o = &c->obj->opts.overrides;
	auto_close int fd = -1;
	size_t at = 0;
	int r = door_has_map(c->obj, c->map, err);

	if (r < 0)
		return r;
	if (c->target == OVERRIDE_FD && bpf_fd_kind(c->fd) != BPF_FD_MAP)
		return err_say(err, -EBADF, "map '%s': fd %d is not a map", c->map,
			       c->fd);
	if (c->target == OVERRIDE_FD) {
		fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return err_set(err, -errno, "map '%s': fd %d", c->map, c->fd);
	}
	while (at < o->nr && strcmp(o->items[at].map, c->map) != 0)
		at++;
	if (at == o->nr) {
		auto_free char *name = xstrdup(c->map);

		array_grow(o->items, o->nr);
		o->items[o->nr++] = (struct map_override){
			.idx = -1, .map = take_ptr(name), .target = OVERRIDE_PRIVATE};
	}
	if (o->items[at].target == OVERRIDE_FD)
		close(o->items[at].fd);
	o->items[at].target = c->target;
	o->items[at].fd = take_fd(&fd);
	return 0;
}

int mapshare_object_use_map(struct mapshare_object *obj, const char *map, int fd)
{
	struct call_override c = {
		.obj = obj, .map = map, .target = OVERRIDE_FD, .fd = fd};

	return door_run(obj->ms, door_override, &c);
}

int mapshare_object_share_map(struct mapshare_object *obj, const char *map, int shared)
{
	struct call_override c = {
		.obj = obj,
		.map = map,
		.target = shared ? OVERRIDE_SHARED : OVERRIDE_PRIVATE,
	};

	return door_run(obj->ms, door_override, &c);
}

struct call_set {
	struct mapshare_object *obj;
	const char *name, *value;
};

/* The object for looking is written too: that is the check. */
static int door_set(void *call, struct err *err)
{
	struct call_set *c = call;
	int r = object_set(c->obj->obj, c->name, c->value, err);

	if (r == 0)
		r = constants_put(&c->obj->opts.constants, c->name, c->value, err);
	return r < 0 ? err_context(err, "object '%s'", c->obj->path) : 0;
}

int mapshare_object_set(struct mapshare_object *obj, const char *name, const char *value)
{
	struct call_set c = {.obj = obj, .name = name, .value = value};

	return door_run(obj->ms, door_set, &c);
}

static int door_plan(void *call, struct err *err)
{
	struct mapshare_object *obj = call;

	return object_plan(obj->obj, err);
}

int mapshare_object_plan(struct mapshare_object *obj)
{
	return door_run(obj->ms, door_plan, obj);
}
