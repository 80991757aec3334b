/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Other maps of the name that programs use, and those that sit in slots. Changes nothing. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "graph/graph_reach.h"
#include "graph/graph_words.h"
#include "kernel/bpf_fd.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "scan/graph_scan.h"
#include "scan/scan_sources.h"
#include "scan/scan_used.h"
#include "load/object_private.h"
#include "load/object_split.h"

/* Another map of the name of one of the object's. */
struct split_other {
	size_t map; /* of the object */
	uint32_t id;
};

struct split_use {
	struct object *obj;
	struct split_other *others; /* owned */
	size_t nr_others;
};

static void split_use_release(struct split_use *look)
{
	free(look->others);
}

/* Whether the maps of all programs are asked for it, which takes time with many. */
static bool split_may_be_in_use(const struct object *obj, const struct object_map *m)
{
	return (m->state == OBJECT_MAP_CREATE || obj->opts->require_shared) &&
	       m->def.scope != PIN_SCOPE_OBJECT && !m->split && split_is_asked(obj, m);
}

static int look_at_map(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	struct split_use *look = ctx;

	(void)fd;
	for (size_t i = 0; i < look->obj->nr_maps; i++) {
		const struct object_map *m = &look->obj->maps[i];
		bool whole;

		if (!split_may_be_in_use(look->obj, m) || id == m->given_up ||
		    info->type != m->def.type ||
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
		split_set(
			m,
			xasprintf(
				"but program %u at %s uses another map of this name (id %u); 'map name %s id %u' uses it, or load %s with 'map name %s shared'",
				users[i].program, sb_text(&place), id, m->def.name, id,
				m->state == OBJECT_MAP_PRIVATE ? "both"
							       : "that program again",
				m->def.name));
	}
}

/* Of a program that may be attached from it at any time. NULL: not pinned. */
static const char *pin_of_program(const struct graph *g, uint32_t program)
{
	for (size_t i = 0; i < g->nr_pins; i++)
		if (g->pins[i].of == GRAPH_OF_PROGRAM && g->pins[i].id == program)
			return g->pins[i].path;
	return NULL;
}

/* Nobody runs it now: only a map that is about to be shared is worth the word. */
static void split_by_pinned_program(struct object_map *m, const struct graph *g,
				    const struct graph_reach *reach, uint32_t id)
{
	size_t nr = 0;
	const struct graph_user *users = graph_reach_find(reach, id, &nr);

	for (size_t i = 0; i < nr && !m->split && m->state == OBJECT_MAP_CREATE; i++) {
		const char *path = pin_of_program(g, users[i].program);

		if (path)
			split_set(
				m,
				xasprintf(
					"but program %u pinned at '%s' uses another map of this name (id %u); 'map name %s id %u' uses it, or load that program again with 'map name %s shared'",
					users[i].program, path, id, m->def.name, id,
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

/* Pins are read only where no hook has the other map. */
static void look_at_programs(const struct split_use *look, struct graph *g,
			     const struct graph_reach *reach)
{
	bool read = false;

	for (size_t i = 0; i < look->nr_others; i++) {
		struct object_map *m = &look->obj->maps[look->others[i].map];
		size_t nr = 0;

		if (m->split || !graph_reach_find(reach, look->others[i].id, &nr))
			continue;
		if (!read)
			scan_pins(g);
		read = true;
		split_by_pinned_program(m, g, reach, look->others[i].id);
	}
}

static void look_at_hooks(struct split_use *look)
{
	auto_graph g = GRAPH_INIT;
	auto_err err = ERR_INIT;
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_free uint32_t *ids = xcalloc(look->nr_others, sizeof(*ids));
	const struct graph_look only = {
		.sources = scan_sources, .maps = ids, .nr_maps = look->nr_others};

	for (size_t i = 0; i < look->nr_others; i++)
		ids[i] = look->others[i].id;
	if (graph_scan_look(&g, &only, &err) < 0) {
		split_cannot_see(look->obj, "programs", err.text);
		return;
	}
	graph_reach_init(&reach, &g);
	for (size_t i = 0; i < look->nr_others; i++)
		split_by_use(look->obj, &look->obj->maps[look->others[i].map], &g, &reach,
			     look->others[i].id);
	look_at_programs(look, &g, &reach);
	for (size_t i = 0; i < look->nr_others && unseen_hook(&g); i++)
		if (!look->obj->maps[look->others[i].map].split)
			split_cannot_see(look->obj, "hooks", unseen_hook(&g));
}

void split_look_at_maps(struct object *obj)
{
	auto_release(split_use_release) struct split_use look = {.obj = obj};
	bool any = false;
	int r;

	for (size_t i = 0; i < obj->nr_maps; i++)
		any |= split_may_be_in_use(obj, &obj->maps[i]);
	if (!any)
		return;
	r = scan_used_maps(look_at_map, &look);
	if (r < 0) {
		const char *missing = caps_missing(CAPS_IDS);
		auto_free char *why = missing ? xasprintf("missing %s", missing)
					      : xstrdup(err_words(r));

		split_cannot_see(obj, "maps in use", why);
		return;
	}
	if (look.nr_others)
		look_at_hooks(&look);
}

/* --- slots of outer maps --- */

static bool object_uses_map(const struct object *obj, uint32_t map)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		if (obj->programs[i].wanted && prog_fd_has_map(obj->programs[i].fd, map))
			return true;
	return false;
}

/* 0: none. What cannot be read is said of the object. */
static uint32_t map_in_slot(struct object *obj, const struct object_map *outer,
			    uint32_t key)
{
	uint32_t id = 0;

	if (outer->def.key_size != sizeof(key))
		return 0;
	if (bpf_map_lookup_elem(object_map_fd(obj, outer), &key, &id) == 0)
		return id;
	if (errno != ENOENT)
		split_cannot_see(obj, outer->place.path, err_words(-errno));
	return 0;
}

static void split_by_slot(struct object *obj, const struct map_slot *slot)
{
	const struct object_map *outer = object_find_map(obj, slot->outer);
	struct object_map *inner = object_find_map(obj, slot->inner);
	uint32_t id;

	if (!outer || !inner || outer->state != OBJECT_MAP_REUSE || inner->split ||
	    !mapdef_is_outer(&outer->def) || !object_uses_map(obj, inner->id) ||
	    !(split_is_asked(obj, inner) || inner->state == OBJECT_MAP_REUSE))
		return;
	id = map_in_slot(obj, outer, slot->key);
	if (id && id != inner->id)
		split_set(
			inner,
			xasprintf(
				"but slot %u of '%s' (id %u) keeps another map (id %u); 'map name %s id %u' uses it",
				slot->key, outer->place.path, outer->id, id,
				inner->def.name, id));
}

void split_look_at_slots(struct object *obj)
{
	for (size_t i = 0; i < obj->def.nr_slots; i++)
		split_by_slot(obj, &obj->def.slots[i]);
}
