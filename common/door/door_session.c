/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One load on its way into the kernel, all or nothing. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "door/door_private.h"

struct call_session {
	struct mapshare_session *s;
	const char *a, *b; /* section and program; a name; a path */
	int fd;
};

static int door_session_open(void *call, struct err *err)
{
	struct mapshare_session *s = call;
	struct mapshare_object *owner = s->owner;
	int r;

	s->session = session_new(&owner->opts);
	r = session_open(s->session, owner->path, err);
	if (r < 0 ||
	    strcmp(object_sha1(session_object(s->session)), object_sha1(owner->obj)) == 0)
		return r;
	return err_say(err, -ESTALE,
		       "object '%s': the file has changed since it was opened",
		       owner->path);
}

static int door_session_close(void *call, struct err *err)
{
	struct mapshare_session *s = call;

	(void)err;
	session_free(take_ptr(s->session));
	return 0;
}

int mapshare_session_new(struct mapshare_object *obj, struct mapshare_session **ret)
{
	struct mapshare_session *s = calloc(1, sizeof(*s));
	int r = -ENOMEM;

	if (s) {
		s->owner = obj;
		r = door_run(obj->ms, door_session_open, s);
	}
	if (r < 0) {
		if (s)
			door_run_quietly(obj->ms, door_session_close, s);
		free(s);
		return r;
	}
	s->next = obj->sessions;
	obj->sessions = s;
	*ret = s;
	return 0;
}

/* --- load --- */

static int door_select(void *call, struct err *err)
{
	struct call_session *c = call;
	struct object_program *prog;
	int r = c->s->tried
			? err_say(err, -EBUSY, "select: the session is loaded already")
			: object_want(session_object(c->s->session), c->a, c->b, &prog,
				      err);

	if (r == 0 && !c->s->first)
		c->s->first = prog;
	return r;
}

int mapshare_session_select(struct mapshare_session *s, const char *section,
			    const char *program)
{
	struct call_session c = {.s = s, .a = section, .b = program};

	return door_run(s->owner->ms, door_select, &c);
}

struct call_type {
	struct mapshare_session *s;
	const char *program;
	uint32_t type, attach_type;
};

static int door_set_type(void *call, struct err *err)
{
	struct call_type *c = call;
	struct object *obj = session_object(c->s->session);
	size_t nr;
	struct object_program *progs = object_programs(obj, &nr), *prog = c->s->first;

	if (c->s->tried)
		return err_say(err, -EBUSY, "type: the session is loaded already");
	for (size_t i = 0; c->program && i < nr; i++)
		if (strcmp(progs[i].name, c->program) == 0)
			prog = &progs[i];
	if (!prog || !prog->wanted || (c->program && strcmp(prog->name, c->program) != 0))
		return err_say(err, -ENOENT, "type: no program '%s' is selected",
			       c->program ? c->program : "");
	object_program_set_type(obj, prog, c->type, c->attach_type);
	return 0;
}

int mapshare_session_set_type(struct mapshare_session *s, const char *program,
			      uint32_t type, uint32_t attach_type)
{
	struct call_type c = {
		.s = s, .program = program, .type = type, .attach_type = attach_type};

	return door_run(s->owner->ms, door_set_type, &c);
}

static int door_load(void *call, struct err *err)
{
	struct mapshare_session *s = call;
	int r;

	if (s->tried)
		return err_say(err, -EBUSY, "load: a session loads once");
	if (!s->first)
		return err_say(err, -EINVAL, "load: no program is selected");
	s->tried = true;
	r = session_load(s->session, err);
	if (r == 0)
		s->loaded = true;
	return r;
}

int mapshare_session_load(struct mapshare_session *s)
{
	return door_run(s->owner->ms, door_load, s);
}

int door_program(struct mapshare_session *s, const char *name,
		 struct object_program **ret, struct err *err)
{
	size_t nr;
	struct object_program *progs = object_programs(session_object(s->session), &nr);

	if (!s->loaded)
		return err_say(err, -EINVAL, "the session is not loaded");
	for (size_t i = 0; i < nr && name; i++) {
		if (strcmp(progs[i].name, name) != 0 || progs[i].fd < 0)
			continue;
		*ret = &progs[i];
		return 0;
	}
	if (name)
		return err_say(err, -ENOENT, "no program '%s' was loaded", name);
	*ret = s->first;
	return 0;
}

int door_attaching(struct mapshare_session *s, const char *name,
		   struct object_program **ret, struct err *err)
{
	if (s->committed)
		return err_say(err, -EINVAL, "attach: the session is committed already");
	return door_program(s, name, ret, err);
}

static int door_program_fd(void *call, struct err *err)
{
	struct call_session *c = call;
	struct object_program *prog;
	int r = door_program(c->s, c->a, &prog, err);

	return r < 0 ? r : prog->fd;
}

int mapshare_session_program_fd(struct mapshare_session *s, const char *program)
{
	struct call_session c = {.s = s, .a = program};

	return door_run(s->owner->ms, door_program_fd, &c);
}

static int door_map_fd(void *call, struct err *err)
{
	struct call_session *c = call;
	struct object *obj = session_object(c->s->session);
	size_t nr;
	const struct object_map *maps = object_maps(obj, &nr);

	if (!c->s->loaded)
		return err_say(err, -EINVAL, "the session is not loaded");
	for (size_t i = 0; i < nr; i++) {
		int fd = object_map_fd(obj, &maps[i]);

		if (strcmp(maps[i].def.name, c->a) == 0 && fd >= 0)
			return fd;
	}
	return err_say(err, -ENOENT, "object '%s' has no map '%s'", c->s->owner->path,
		       c->a);
}

int mapshare_session_map_fd(struct mapshare_session *s, const char *map)
{
	struct call_session c = {.s = s, .a = map};

	return door_run(s->owner->ms, door_map_fd, &c);
}

/* --- pins --- */

static int door_session_pin(void *call, struct err *err)
{
	struct call_session *c = call;
	int r;

	if (!c->s->loaded || c->s->committed)
		return err_say(err, -EINVAL, "pin '%s': not between load and commit",
			       c->a);
	r = session_check_pin(c->s->session, c->a, err);
	return r < 0 ? r : session_pin(c->s->session, c->fd, c->a, err);
}

int mapshare_session_pin(struct mapshare_session *s, int fd, const char *path)
{
	struct call_session c = {.s = s, .a = path, .fd = fd};

	return door_run(s->owner->ms, door_session_pin, &c);
}

/* --- the end --- */

static int door_commit(void *call, struct err *err)
{
	struct mapshare_session *s = call;

	if (!s->loaded || s->committed)
		return err_say(err, -EINVAL, "commit: %s",
			       s->committed ? "it is committed already"
					    : "the session is not loaded");
	session_commit(s->session);
	s->committed = true;
	return 0;
}

int mapshare_session_commit(struct mapshare_session *s)
{
	return door_run(s->owner->ms, door_commit, s);
}

void mapshare_session_free(struct mapshare_session *s)
{
	struct mapshare_session **at;

	if (!s)
		return;
	door_run_quietly(s->owner->ms, door_session_close, s);
	for (at = &s->owner->sessions; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	free(s);
}
