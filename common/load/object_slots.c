/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Slots that an object fills once its programs are loaded: inner maps of outer maps,
 * programs of tail-call sections. libbpf fills `values` of the maps it creates itself;
 * what the resolver created, and everything legacy, is filled here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "legacy/tail_calls.h"
#include "kernel/prog_fd.h"
#include "load/inner_maps.h"
#include "load/object_private.h"
#include "load/prog_slot.h"

enum { SLOT_TRIES = 8 };

/* A slot of a prog array as it was before this load wrote into it. */
struct slot_undo {
	const struct object_map *map;
	int map_fd; /* owned */
	uint32_t key;
	const struct object_program *prog; /* what this load puts there */
	uint32_t old_id;                   /* 0: the slot was empty */
	int old_prog; /* owned; -1 with old_id: it cannot be opened */
};

static struct object_map *tail_call_map(struct object *obj, const struct tail_call *tc)
{
	return tc->map >= 0 ? object_find_map(obj, obj->def.maps[tc->map].name) : NULL;
}

/* The last one that fills the slot of tail call i is what ends up in it, as in tc. */
static void say_overwritten(const struct object *obj, size_t i)
{
	const struct tail_call *tc = &obj->def.tail_calls[i];

	for (size_t k = i + 1; k < obj->def.nr_tail_calls; k++) {
		const struct tail_call *later = &obj->def.tail_calls[k];

		if (later->map == tc->map && later->key == tc->key) {
			log_warn(
				"object '%s': section '%s' is left out: section '%s' fills the same slot %u",
				obj->path, tc->section, later->section, tc->key);
			return;
		}
	}
}

/* Programs that are not loaded although their section says that somebody meant them to be. */
static void say_left_out(const struct object *obj, const struct object_program *p)
{
	if (p->wanted || p->tail_call)
		return;
	if (tail_calls_almost(p->section))
		log_warn(
			"object '%s': section '%s' is left out: it is not ID/KEY of a prog array (C notation, 32 bits)",
			obj->path, p->section);
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++)
		if (strcmp(obj->def.tail_calls[i].section, p->section) == 0)
			log_warn(
				"object '%s': program '%s' is left out: '%s' is the first in section '%s' and fills its slot",
				obj->path, p->name, obj->def.tail_calls[i].program,
				p->section);
}

int object_check_slots(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		say_left_out(obj, &obj->programs[i]);
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++) {
		const struct tail_call *tc = &obj->def.tail_calls[i];
		const struct object_map *m = tail_call_map(obj, tc);
		const struct object_program *p = object_find_program(obj, tc->program);

		if (!m && !(p && p->wanted))
			log_warn(
				"object '%s': section '%s' is left out: no prog array with id %u",
				obj->path, tc->section, tc->map_id);
		if (!m)
			continue;
		if (tc->key >= m->def.max_entries)
			return err_say(
				err, -E2BIG,
				"section '%s': slot %u is out of bounds, prog array '%s' has max_entries %u",
				tc->section, tc->key, m->def.name, m->def.max_entries);
		say_overwritten(obj, i);
	}
	return 0;
}

/* Only what this load made gets inner maps: a reused outer map keeps its content. */
static int fill_inner_maps(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->def.nr_slots; i++) {
		const struct map_slot *slot = &obj->def.slots[i];
		const struct object_map *outer = object_find_map(obj, slot->outer);
		const struct object_map *inner = object_find_map(obj, slot->inner);
		const struct map_handle *h =
			outer ? &obj->handles[outer - obj->maps] : NULL;
		bool by_libbpf = h && h->fd < 0 && outer->def.dialect == MAPDEF_BTF;
		int r;

		if (!outer || !inner || by_libbpf || (h->fd >= 0 && !h->created))
			continue;
		r = inner_maps_insert(object_map_fd(obj, outer), &outer->def, slot->key,
				      object_map_fd(obj, inner), inner->def.name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* 0: read, opened unless empty; -EPERM: read, but not ours to open. */
static int read_slot(int map_fd, uint32_t key, uint32_t *id, int *fd)
{
	int r = -ENOENT;

	/* A program that is replaced and gone between the two calls: what is there now? */
	for (int i = 0; i < SLOT_TRIES && r == -ENOENT; i++) {
		r = prog_slot_read(map_fd, key, id);
		if (r < 0 || !*id)
			return r;
		*fd = r = prog_fd_by_id(*id);
	}
	return r < 0 ? r : 0;
}

static void slot_drop(void *data)
{
	struct slot_undo *u = data;

	cleanup_close(&u->map_fd);
	cleanup_close(&u->old_prog);
	free(u);
}

static void slot_freep(struct slot_undo **u)
{
	if (*u)
		slot_drop(*u);
}

/*
 * Puts back what was there, where our program still is: what others put there meanwhile is
 * theirs. Only what they write between our look and our write, two system calls, is lost:
 * the kernel cannot compare and exchange a slot.
 */
static int slot_take_back(void *data, struct err *err)
{
	const struct slot_undo *u = data;
	uint32_t id;
	int r = prog_slot_read(u->map_fd, u->key, &id);

	/* Not written yet, or written by somebody else since. */
	if (r == 0 && (id == u->old_id || (u->prog && u->prog->id && id != u->prog->id)))
		return 0;
	if (r == 0 && (!u->prog || !u->prog->id || (u->old_id && u->old_prog < 0)))
		r = -EPERM;
	if (r == 0 && u->old_prog >= 0)
		r = bpf_map_update_elem(u->map_fd, &u->key, &u->old_prog, BPF_ANY);
	else if (r == 0)
		r = bpf_map_delete_elem(u->map_fd, &u->key);
	if (r >= 0 || r == -ENOENT)
		return 0;
	return err_set(err, r, "prog array '%s': slot %u to what it was, program id %u",
		       u->map->def.name, u->key, u->old_id);
}

/* What sits in the slot, so that a failing command can put it back. */
static int remember_slot(struct object *obj, const struct object_map *m, int map_fd,
			 uint32_t key, const struct object_program *prog,
			 struct slot_undo **ret, struct err *err)
{
	auto_release(slot_freep) struct slot_undo *u = xcalloc(1, sizeof(*u));
	int r;

	*u = (struct slot_undo){
		.map = m, .map_fd = -1, .key = key, .prog = prog, .old_prog = -1};
	r = read_slot(map_fd, key, &u->old_id, &u->old_prog);
	if (r == 0 || r == -EPERM) {
		u->map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
		r = u->map_fd < 0 ? -errno : 0;
	}
	if (r < 0)
		return err_set(err, r, "prog array '%s': slot %u: remember what is in it",
			       m->def.name, key);
	obj->wrote_slots = true;
	*ret = take_ptr(u);
	return 0;
}

/* Private maps have no content that anybody could miss. */
int object_remember_slots(struct object *obj, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < obj->def.nr_prog_slots && r == 0; i++) {
		const struct object_map *m =
			object_find_map(obj, obj->def.prog_slots[i].map);
		int fd = m ? obj->handles[m - obj->maps].fd : -1;
		struct slot_undo *u;

		if (fd < 0 || m->state == OBJECT_MAP_PRIVATE)
			continue;
		r = remember_slot(obj, m, fd, obj->def.prog_slots[i].key,
				  object_find_program(obj,
						      obj->def.prog_slots[i].program),
				  &u, err);
		if (r == 0)
			undo_push(object_undo(obj), slot_take_back, u, slot_drop);
	}
	return r;
}

static int fill_tail_call(struct object *obj, const struct tail_call *tc, struct err *err)
{
	const struct object_map *m = tail_call_map(obj, tc);
	const struct object_program *p = object_find_program(obj, tc->program);
	struct slot_undo *u;
	int map_fd, r;

	if (!m || !p || p->fd < 0)
		return 0;
	map_fd = object_map_fd(obj, m);
	array_grow(obj->late, obj->nr_late);
	r = remember_slot(obj, m, map_fd, tc->key, p, &u, err);
	if (r < 0)
		return r;
	/* It could not be put back: written once nothing can fail any more. */
	if (u->old_id && u->old_prog < 0) {
		obj->late[obj->nr_late++] = u;
		return 0;
	}
	undo_push(object_undo(obj), slot_take_back, u, slot_drop);
	return prog_slot_insert(map_fd, m->def.name, tc->key, p->fd, p->name, err);
}

int object_fill_slots(struct object *obj, struct err *err)
{
	int r = fill_inner_maps(obj, err);

	for (size_t i = 0; i < obj->def.nr_tail_calls && r == 0; i++)
		r = fill_tail_call(obj, &obj->def.tail_calls[i], err);
	return r;
}

void object_fill_late_slots(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_late; i++) {
		const struct slot_undo *u = obj->late[i];
		auto_err err = ERR_INIT;

		if (prog_slot_insert(u->map_fd, u->map->def.name, u->key, u->prog->fd,
				     u->prog->name, &err) < 0)
			log_warn("%s; program id %u stays there", err.text, u->old_id);
	}
	object_forget_late_slots(obj);
}

void object_forget_late_slots(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_late; i++)
		slot_drop(obj->late[i]);
	free(obj->late);
	obj->late = NULL;
	obj->nr_late = 0;
}

void object_each_slot(struct object *obj, object_slot_fn fn, void *ctx)
{
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++) {
		const struct tail_call *tc = &obj->def.tail_calls[i];
		const struct object_map *m = tail_call_map(obj, tc);
		const struct object_program *p = object_find_program(obj, tc->program);

		if (m && p && p->fd >= 0)
			fn(m, tc->key, p, ctx);
	}
	for (size_t i = 0; i < obj->def.nr_prog_slots; i++) {
		const struct object_map *m =
			object_find_map(obj, obj->def.prog_slots[i].map);
		const struct object_program *p =
			object_find_program(obj, obj->def.prog_slots[i].program);

		if (m && p && p->fd >= 0)
			fn(m, obj->def.prog_slots[i].key, p, ctx);
	}
}

bool object_fills_slots(const struct object *obj, const char *name)
{
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++)
		if (obj->def.tail_calls[i].map >= 0 &&
		    strcmp(obj->def.maps[obj->def.tail_calls[i].map].name, name) == 0)
			return true;
	for (size_t i = 0; i < obj->def.nr_prog_slots; i++)
		if (strcmp(obj->def.prog_slots[i].map, name) == 0)
			return true;
	return false;
}

void object_say_prog_arrays(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (m->kept)
			log_info(
				"prog array '%s': not pinned, kept at %s while the program is attached",
				m->def.name, m->kept);
		else if (m->def.type == BPF_MAP_TYPE_PROG_ARRAY &&
			 m->place.kind == PLACE_PRIVATE &&
			 object_fills_slots(obj, m->def.name))
			log_warn(
				"prog array '%s' is not pinned: the kernel empties it when this command ends and its tail calls stop; pin it (PIN_GLOBAL_NS, LIBBPF_PIN_BY_NAME or pinmaps DIR)",
				m->def.name);
	}
}

bool object_has_news(const struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (m->state == OBJECT_MAP_CREATE ||
		    (m->state != OBJECT_MAP_PRIVATE && obj->wrote_slots &&
		     m->def.type == BPF_MAP_TYPE_PROG_ARRAY))
			return true;
	}
	return false;
}
