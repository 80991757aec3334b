/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <string.h>

#include "base/alloc.h"
#include "view/object_attach.h"
#include "view/object_view_private.h"

static void object_view_put_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

/* Absent when NULL. */
static void object_view_put_text(struct json_object *o, const char *key,
				 const char *value)
{
	if (value)
		json_object_object_add(o, key, json_out_string(value));
}

static void put_words(struct json_object *o, const char *key,
		      void (*add)(struct strbuf *out, uint32_t type), uint32_t type)
{
	auto_strbuf text = STRBUF_INIT;

	add(&text, type);
	object_view_put_text(o, key, sb_text(&text));
}

static struct json_object *map_json(const struct object_view_map *m)
{
	struct json_object *o = json_object_new_object();
	const struct mapdef *d = m->def;
	const struct mapdef_property *p;
	uint64_t value;
	bool present;

	object_view_put_text(o, "name", d->name);
	object_view_put_text(o, "dialect", object_view_dialects[d->dialect]);
	put_words(o, "type", object_view_add_map_type, d->type);
	/* The type is the first one: its name was told already. */
	for (unsigned int i = 1; (p = mapdef_property(i, d, &value, &present)); i++)
		if (present)
			object_view_put_number(o, p->name, value);
	object_view_put_text(o, "pinning", object_view_pinnings[d->scope]);
	if (d->scope == PIN_SCOPE_CUSTOM)
		object_view_put_number(o, "pin_id", d->pin_id);
	if (d->id)
		object_view_put_number(o, "elf_id", d->id);
	object_view_put_text(o, "inner", m->inner);
	object_view_put_text(o, "would", object_view_would_words[m->would]);
	if (m->id)
		object_view_put_number(o, "id", m->id);
	object_view_put_text(o, "path", m->path);
	object_view_put_text(o, "reason", m->reason);
	object_view_put_text(o, "split", m->split);
	object_view_put_text(o, "unchecked", m->unchecked);
	object_view_put_text(o, "detail", m->detail);
	if (m->facts)
		json_out_facts(o, m->facts);
	return o;
}

static void list_attach_json(const char *name, void *ctx)
{
	json_object_array_add(ctx, json_out_string(name));
}

static struct json_object *object_view_program_json(const struct object_view_program *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *attach = json_object_new_array();

	object_view_each_attach(p, list_attach_json, attach);
	object_view_put_text(o, "name", p->name);
	object_view_put_text(o, "section", p->section);
	put_words(o, "type", object_view_add_prog_type, p->prog_type);
	json_object_object_add(o, "attach", attach);
	json_object_object_add(o, "optional", json_object_new_boolean(p->optional));
	return o;
}

static struct json_object *slot_json(const struct object_view_slot *s)
{
	struct json_object *o = json_object_new_object();

	object_view_put_text(o, "map", s->map);
	if (s->map_id)
		object_view_put_number(o, "elf_id", s->map_id);
	object_view_put_number(o, "key", s->key);
	object_view_put_text(o, "program", s->program);
	object_view_put_text(o, "inner", s->inner);
	object_view_put_text(o, "section", s->section);
	return o;
}

static struct json_object *constant_json(const struct object_view_constant *c)
{
	struct json_object *o = json_object_new_object();

	object_view_put_text(o, "name", c->name);
	object_view_put_text(o, "section", c->section);
	object_view_put_text(o, "type", c->type);
	if (c->json)
		json_object_object_add(o, "default", json_tokener_parse(c->json));
	json_object_object_add(o, "volatile", json_object_new_boolean(c->is_volatile));
	return o;
}

static struct json_object *view_json(const struct object_view *v)
{
	struct json_object *o = json_object_new_object();
	struct json_object *maps = json_object_new_array();
	struct json_object *programs = json_object_new_array();
	struct json_object *slots = json_object_new_array();
	struct json_object *constants = json_object_new_array();

	for (size_t i = 0; i < v->nr_maps; i++)
		json_object_array_add(maps, map_json(&v->maps[i]));
	for (size_t i = 0; i < v->nr_programs; i++)
		json_object_array_add(programs,
				      object_view_program_json(&v->programs[i]));
	for (size_t i = 0; i < v->nr_slots; i++)
		json_object_array_add(slots, slot_json(&v->slots[i]));
	for (size_t i = 0; i < v->nr_constants; i++)
		json_object_array_add(constants, constant_json(&v->constants[i]));
	object_view_put_text(o, "file", v->path);
	json_object_object_add(o, "maps", maps);
	json_object_object_add(o, "programs", programs);
	json_object_object_add(o, "slots", slots);
	json_object_object_add(o, "constants", constants);
	if (object_attach_differs(v))
		json_object_object_add(o, "attach_types", object_attach_json(v));
	return o;
}

void object_view_json(struct strbuf *out, const struct object_view *views, size_t nr,
		      enum json_layout layout)
{
	auto_json *root = json_object_new_array();

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(root, view_json(&views[i]));
	json_out(out, root, layout);
}

void object_view_lost_json(struct strbuf *out, const char *file, const char *lost,
			   enum json_layout layout)
{
	auto_json *root = json_object_new_object();
	struct json_object *lines = json_object_new_array();

	while (*lost) {
		const char *newline = strchrnul(lost, '\n');
		auto_free char *line = xstrndup(lost, (size_t)(newline - lost));

		json_object_array_add(lines, json_out_string(line));
		lost = *newline ? newline + 1 : newline;
	}
	object_view_put_text(root, "file", file);
	json_object_object_add(root, "lost", lines);
	json_out(out, root, layout);
}
