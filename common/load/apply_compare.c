/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Is what an earlier run loaded what a load would give now? Nothing is loaded to know it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "load/apply_objects.h"
#include "load/object.h"
#include "load/prog_slot.h"

/* One load of the record. Every answer: 1 still so; 0 no, and why says it; -errno. */
struct compare {
	const struct apply_opened *o;
	struct apply_state *state;
	const struct apply_load *load;
	bool same_file;
	struct strbuf why;
};

static int compare_differs(struct compare *c, const char *what)
{
	sb_clear(&c->why);
	sb_add(&c->why, what);
	return 0;
}

static int compare_file(struct compare *c)
{
	if (strcmp(c->load->sha1, object_sha1(c->o->obj)) != 0)
		return compare_differs(c, "the file changed");
	if (strcmp(c->load->settings, c->o->settings) != 0)
		return compare_differs(c, "its settings or programs changed");
	return 1;
}

static int compare_program(struct compare *c, const struct apply_loaded_program *p,
			   struct err *err)
{
	const struct apply_program *now;
	auto_err why = ERR_INIT;
	int r = apply_state_program(c->state, p->is.id, &now, &why);

	if (r == 0 && apply_identity_same(&now->is, &p->is))
		return 1;
	if (r < 0 && r != -ENOENT)
		return err_say(err, r, "%s", why.text);
	sb_clear(&c->why);
	sb_addf(&c->why, "program '%s' (id %u) has been unloaded", p->function, p->is.id);
	return 0;
}

/* 0: nothing, or no map, is pinned there. */
static int compare_pin_id(const char *pin, uint32_t *ret, struct err *err)
{
	auto_close int fd = map_fd_by_pin(pin);
	struct bpf_map_info info;
	int r;

	*ret = 0;
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -EMEDIUMTYPE)
		return 0;
	r = fd < 0 ? fd : map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "map pinned at '%s'", pin);
	*ret = info.id;
	return 0;
}

static int compare_map(struct compare *c, const struct apply_loaded_map *m,
		       struct err *err)
{
	uint32_t id;
	int r = m->pin ? compare_pin_id(m->pin, &id, err) : 0;

	if (r < 0)
		return r;
	if (!m->pin || id == m->id)
		return 1;
	sb_clear(&c->why);
	if (id)
		sb_addf(&c->why, "map '%s' is id %u, and '%s' is id %u by now", m->name,
			m->id, m->pin, id);
	else
		sb_addf(&c->why, "map '%s' (id %u) is not pinned at '%s' any more",
			m->name, m->id, m->pin);
	return 0;
}

static int compare_slot(struct compare *c, const struct apply_loaded_slot *s,
			struct err *err)
{
	auto_close int fd = map_fd_by_id(s->map_id);
	uint32_t now = 0;
	int r = fd;

	if (fd == -EPERM) {
		err_set(err, fd, "look at prog array id %u", s->map_id);
		return caps_explain(err, CAPS_IDS);
	}
	if (fd >= 0)
		r = prog_slot_read(fd, s->key, &now);
	if (r < 0 && r != -ENOENT)
		return err_set(err, r, "slot %u of prog array id %u", s->key, s->map_id);
	if (now == s->prog_id)
		return 1;
	sb_clear(&c->why);
	sb_addf(&c->why,
		"slot %u of prog array id %u does not hold program id %u any more",
		s->key, s->map_id, s->prog_id);
	return 0;
}

static const struct apply_loaded_program *compare_find(const struct apply_load *load,
						       const struct apply_want *want)
{
	for (size_t i = 0; i < load->nr_programs; i++)
		if (strcmp(load->programs[i].function, want->prog->name) == 0)
			return &load->programs[i];
	return NULL;
}

static int compare_wants(struct compare *c, struct err *err)
{
	int r = 1;

	for (size_t i = 0; i < c->o->nr_wants && r == 1; i++) {
		const struct apply_loaded_program *p =
			compare_find(c->load, &c->o->wants[i]);

		if (!c->o->wants[i].placed)
			continue;
		if (!p)
			return compare_differs(c, "the record lacks one of its programs");
		r = compare_program(c, p, err);
	}
	return r;
}

static int compare_load(struct compare *c, struct err *err)
{
	const struct apply_load *l = c->load;
	int r = compare_file(c);

	c->same_file = r == 1;
	if (r == 1)
		r = compare_wants(c, err);
	for (size_t i = 0; i < l->nr_maps && r == 1; i++)
		r = compare_map(c, &l->maps[i], err);
	for (size_t i = 0; i < l->nr_slots && r == 1; i++)
		r = compare_slot(c, &l->slots[i], err);
	return r;
}

static int compare_take(struct apply_opened *o, struct apply_state *state,
			const struct apply_load *load, struct err *err)
{
	o->good = load;
	for (size_t i = 0; i < o->nr_wants; i++) {
		struct apply_want *want = &o->wants[i];
		const struct apply_program *now;
		int r;

		if (!want->placed)
			continue;
		want->is = compare_find(load, want)->is;
		r = apply_state_program(state, want->is.id, &now, err);
		if (r < 0)
			return r;
		want->fd = now->fd;
	}
	return 0;
}

/* --- maps of a load that lacks a program --- */

/* By a program of that load that is still loaded: 1, 0, or -errno where that cannot be told. */
static int rejoin_is_used(struct compare *c, uint32_t map, struct err *err)
{
	for (size_t i = 0; i < c->load->nr_programs; i++) {
		const struct apply_loaded_program *p = &c->load->programs[i];
		const struct apply_program *now;
		auto_err why = ERR_INIT;
		int r = apply_state_program(c->state, p->is.id, &now, &why);

		if (r < 0 && r != -ENOENT)
			return err_say(err, r, "%s", why.text);
		if (r < 0 || !apply_identity_same(&now->is, &p->is))
			continue;
		for (size_t m = 0; m < now->nr_maps; m++)
			if (now->maps[m] == map)
				return 1;
	}
	return 0;
}

/*
 * The same build as before, of which a program is missing: its data maps that nobody pins are those
 * of the programs that still stand, so that the map stays one and what it counted is not lost.
 */
static int compare_rejoin(struct compare *c, struct apply_opened *o, struct err *err)
{
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++) {
		const char *name = maps[i].def.name;

		/* Data sections have names with a dot; each load has its own. */
		if (!mapdef_is_data(&maps[i].def) || strchr(name, '.'))
			continue;
		for (size_t m = 0; m < c->load->nr_maps; m++) {
			const struct apply_loaded_map *was = &c->load->maps[m];
			int r = was->pin || strcmp(was->name, name) != 0
					? 0
					: rejoin_is_used(c, was->id, err);

			if (r < 0)
				return r;
			if (r > 0)
				apply_opened_give(o, name, was->id);
		}
	}
	return 0;
}

static void compare_release(struct compare *c)
{
	sb_release(&c->why);
}

/* The journal's load comes before the record's: it is the newer one. */
static int compare_opened(struct apply_opened *o, struct apply_state *state,
			  const struct apply_record *was, struct err *err)
{
	auto_release(compare_release) struct compare c = {
		.o = o, .state = state, .why = STRBUF_INIT};

	for (size_t i = 0; i < was->nr_loads; i++) {
		int r;

		if (strcmp(was->loads[i].object, o->conf->key.text) != 0)
			continue;
		c.load = &was->loads[i];
		r = compare_load(&c, err);
		if (r == 1)
			return compare_take(o, state, c.load, err);
		if (r == 0 && !o->stale && c.same_file)
			r = compare_rejoin(&c, o, err);
		if (r < 0)
			return r;
		if (!o->stale)
			o->stale = xstrdup(sb_text(&c.why));
	}
	return 0;
}

int apply_objects_compare(struct apply_objects *objects, struct apply_state *state,
			  const struct apply_record *was, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < objects->nr && r == 0; i++) {
		struct apply_opened *o = &objects->items[i];

		if (!o->placed)
			continue;
		r = compare_opened(o, state, was, err);
		if (r < 0)
			return err_context(err, "object '%s'", o->conf->key.text);
	}
	return 0;
}

struct apply_opened *apply_objects_of(const struct apply_objects *objects,
				      const struct apply_place *place,
				      struct apply_want **want)
{
	const struct apply_conf *conf = objects->conf;
	size_t e = place->entry;
	struct apply_opened *o = &objects->items[place->is_tc ? conf->tc[e].object
							      : conf->cgroups[e].object];

	*want = &o->wants[place->is_tc ? objects->of_tc[e] : objects->of_cgroup[e]];
	return o;
}
