/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>

#include "base/alloc.h"
#include "view/graph_view.h"
#include "graph/graph_words.h"

static void graph_json_put_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

/* Keys that do not apply are absent. */
static void put_some(struct json_object *o, const char *key, uint64_t value)
{
	if (value)
		graph_json_put_number(o, key, value);
}

static void graph_json_put_text(struct json_object *o, const char *key, const char *text)
{
	if (text)
		json_object_object_add(o, key, json_out_string(text));
}

static struct json_object *graph_json_put_array(struct json_object *o, const char *key)
{
	struct json_object *array = json_object_new_array_ext(1);

	json_object_object_add(o, key, array);
	return array;
}

static void put_pins(struct json_object *o, const struct graph *g, enum graph_object of,
		     uint32_t id)
{
	struct json_object *array = graph_json_put_array(o, "pinned");
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, of, id, &nr);

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, json_out_string(pins[i].path));
}

/* --- maps --- */

/* Pins whose migration has not ended. */
static void put_migrating(struct json_object *o, const struct graph *g, uint32_t map)
{
	auto_free const struct graph_pin **pins = NULL;
	size_t nr = graph_find_migrating(g, &map, 1, &pins);
	struct json_object *array = nr ? graph_json_put_array(o, "migrating") : NULL;

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, json_out_string(pins[i]->path));
}

static void put_map(struct json_object *array, const struct graph_view *v, uint32_t id)
{
	const struct graph_map *map = graph_find_map(v->g, id);
	auto_strbuf scratch = STRBUF_INIT;
	struct graph_twins twins;
	struct json_object *o, *ids;

	if (!map)
		return;
	o = json_object_new_object();
	json_object_array_add(array, o);
	graph_json_put_number(o, "id", id);
	graph_json_put_text(o, "name", graph_map_name(v->g, id));
	graph_json_put_text(o, "type", graph_words_map_type(map->type, &scratch));
	graph_json_put_number(o, "key_size", map->key_size);
	graph_json_put_number(o, "value_size", map->value_size);
	graph_json_put_number(o, "max_entries", map->max_entries);
	graph_json_put_number(o, "flags", map->flags);
	if (map->counted)
		graph_json_put_number(o, "entries", map->entries);
	put_pins(o, v->g, GRAPH_OF_MAP, id);
	put_migrating(o, v->g, id);
	put_some(o, "btf_id", map->btf_id);
	ids = graph_json_put_array(o, "twins");
	graph_twins_of(v->twins, v->g, id, &twins);
	for (size_t i = 0; i < twins.nr; i++)
		json_object_array_add(ids, json_object_new_int64(twins.maps[i]));
	put_some(o, "more_twins", twins.total - twins.nr);
}

/* --- programs --- */

static void put_attachment(struct json_object *array, const struct graph_attachment *at)
{
	struct json_object *o = json_object_new_object();
	auto_strbuf handle = STRBUF_INIT, parent = STRBUF_INIT;

	json_object_array_add(array, o);
	graph_json_put_text(o, "kind", graph_words_kind(at->kind));
	graph_json_put_text(o, "netns", at->netns);
	graph_json_put_text(o, "dev", at->dev);
	put_some(o, "ifindex", at->ifindex);
	graph_json_put_text(o, "hook", graph_words_hook(at->hook));
	put_some(o, "order", at->order);
	if (at->parent) {
		graph_words_handle(&parent, at->parent);
		graph_json_put_text(o, "parent", sb_text(&parent));
	}
	put_some(o, "block", at->block);
	if (at->kind == GRAPH_TC) {
		graph_json_put_number(o, "pref", at->pref);
		sb_addf(&handle, "0x%" PRIx32, at->handle);
		graph_json_put_text(o, "handle", sb_text(&handle));
		graph_json_put_number(o, "chain", at->chain);
	}
	graph_json_put_text(o, "path", at->path);
	put_some(o, "cgroup_id", at->cgroup_id);
	graph_json_put_text(o, "attach_type", graph_words_attach_type(at));
	graph_json_put_text(o, "flags", graph_words_flags(at));
	put_some(o, "link_id", at->link_id);
	if (at->dead)
		json_object_object_add(o, "dead", json_object_new_boolean(true));
}

static void put_slot(struct json_object *array, const struct graph_slot *slot)
{
	struct json_object *o = json_object_new_object();

	json_object_array_add(array, o);
	graph_json_put_number(o, "map", slot->map);
	if (slot->has_key)
		graph_json_put_number(o, "key", slot->key);
	put_some(o, "inner", slot->inner);
}

/* Of each outer map: the slots of one that many programs use are a product. */
enum { SLOTS_LISTED = 8 };

/* Slots by the program that stands in them; uses lead to the inner maps. */
struct callers {
	const struct graph_slot **slots; /* owned; by program */
	size_t nr;
};

static void callers_release(struct callers *c)
{
	free(c->slots);
}

static int by_callee(const void *a, const void *b)
{
	const struct graph_slot *x = *(const struct graph_slot *const *)a;
	const struct graph_slot *y = *(const struct graph_slot *const *)b;

	if (x->program != y->program)
		return x->program < y->program ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void callers_init(struct callers *c, const struct graph *g)
{
	c->slots = xcalloc(g->nr_slots + 1, sizeof(const struct graph_slot *));
	c->nr = 0;
	for (size_t i = 0; i < g->nr_slots; i++)
		if (g->slots[i].program)
			c->slots[c->nr++] = &g->slots[i];
	qsort(c->slots, c->nr, sizeof(const struct graph_slot *), by_callee);
}

static void put_via(struct json_object *o, const struct graph_view *v,
		    const struct callers *c, uint32_t program)
{
	struct json_object *array = graph_json_put_array(o, "via");
	size_t low = 0, high = c->nr, more = 0, nr;
	const struct graph_use *uses = graph_find_uses(v->g, program, &nr);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->slots[middle]->program < program)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->nr && c->slots[low]->program == program; low++)
		put_slot(array, c->slots[low]);
	for (size_t i = 0; i < nr; i++) {
		size_t nr_slots;
		const struct graph_slot *slots =
			graph_find_slots(v->g, uses[i].map, &nr_slots);

		for (size_t k = 0; k < nr_slots; k++)
			if (k < SLOTS_LISTED && slots[k].inner)
				put_slot(array, &slots[k]);
			else
				more += slots[k].inner != 0;
	}
	put_some(o, "more_via", more);
}

static void put_holders(struct json_object *o, const struct graph *g, uint32_t program)
{
	struct json_object *array = graph_json_put_array(o, "holders");
	size_t nr;
	const struct graph_holder *holders =
		graph_find_holders(g, GRAPH_OF_PROGRAM, program, &nr);

	for (size_t i = 0; i < nr; i++) {
		struct json_object *holder = json_object_new_object();

		json_object_array_add(array, holder);
		graph_json_put_number(holder, "pid", holders[i].pid);
		graph_json_put_text(holder, "comm", holders[i].comm);
	}
}

static void put_program(struct json_object *array, const struct graph_view *v,
			const struct callers *c, uint32_t id)
{
	const struct graph_program *p = graph_find_program(v->g, id);
	struct json_object *o = json_object_new_object(), *ids, *places;
	auto_strbuf scratch = STRBUF_INIT, tag = STRBUF_INIT;
	const struct graph_attachment *ats;
	const struct graph_use *uses;
	size_t nr;

	json_object_array_add(array, o);
	graph_json_put_number(o, "id", id);
	graph_json_put_text(o, "name", graph_program_name(v->g, id));
	graph_json_put_text(o, "type", graph_words_prog_type(p->type, &scratch));
	for (size_t i = 0; i < sizeof(p->tag); i++)
		sb_addf(&tag, "%02x", p->tag[i]);
	graph_json_put_text(o, "tag", sb_text(&tag));
	ids = graph_json_put_array(o, "maps");
	uses = graph_find_uses(v->g, id, &nr);
	for (size_t i = 0; i < nr; i++)
		json_object_array_add(ids, json_object_new_int64(uses[i].map));
	put_via(o, v, c, id);
	put_pins(o, v->g, GRAPH_OF_PROGRAM, id);
	places = graph_json_put_array(o, "attachments");
	ats = graph_find_attachments(v->g, id, &nr);
	for (size_t i = 0; i < nr; i++)
		put_attachment(places, &ats[i]);
	put_holders(o, v->g, id);
}

void graph_view_json(struct strbuf *out, const struct graph_view *v,
		     enum json_layout layout)
{
	auto_release(callers_release) struct callers c = {.slots = NULL};
	auto_json *root = json_object_new_object();
	struct json_object *maps = graph_json_put_array(root, "maps");
	struct json_object *programs = graph_json_put_array(root, "programs");
	struct json_object *hidden = graph_json_put_array(root, "hidden");

	callers_init(&c, v->g);
	for (size_t i = 0; i < v->nr_maps; i++)
		put_map(maps, v, v->maps[i]);
	for (size_t i = 0; i < v->nr_programs; i++)
		put_program(programs, v, &c, v->programs[i]);
	for (size_t i = 0; i < v->g->nr_hidden; i++)
		json_object_array_add(hidden, json_out_string(v->g->hidden[i].text));
	json_out(out, root, layout);
}
