/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "def/attach_types.h"
#include "def/mapdef.h"
#include "view/gc_view.h"
#include "view/table.h"

/* --- words --- */

static const char *place_name(enum idle_place place)
{
	switch (place) {
	case IDLE_GLOBALS:
		return "globals";
	case IDLE_OBJECT:
		return "object";
	case IDLE_KEEP:
		return "keep";
	case IDLE_ROOT:
		return "pin-root";
	case IDLE_NOWHERE:
		break;
	}
	return "elsewhere";
}

static const char *kind_name(enum idle_kind kind)
{
	switch (kind) {
	case IDLE_MAP:
		return "map";
	case IDLE_PROGRAM:
		return "program";
	case IDLE_LINK:
		return "link";
	case IDLE_EMPTY:
		break;
	}
	return "empty";
}

static const char *gc_view_type_name(const struct idle_pin *pin)
{
	const char *name = NULL;

	if (pin->kind == IDLE_MAP)
		name = mapdef_type_name(pin->type);
	else if (pin->kind == IDLE_PROGRAM)
		name = prog_type_name(pin->type);
	else if (pin->kind == IDLE_LINK)
		name = "link";
	return name;
}

/* One unit is enough to tell yesterday's pin from last year's. */
static char *age_text(uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};

	for (size_t i = 0; i < array_size(units); i++)
		if (seconds >= units[i].seconds)
			return xasprintf("%" PRIu64 "%c", seconds / units[i].seconds,
					 units[i].unit);
	return xasprintf("%" PRIu64 "s", seconds);
}

/* --- text --- */

static void add_note(struct table *t, const struct idle_pin *pin)
{
	auto_strbuf note = STRBUF_INIT;

	if (pin->mark.by != USAGE_NONE) {
		usage_words(&note, pin->mark);
		table_add(t, sb_text(&note));
	} else if (pin->kind == IDLE_EMPTY) {
		table_add(t, "empty directory");
	} else if (pin->kind == IDLE_LINK) {
		table_add(t, "severed link: what it was attached to is gone");
	} else {
		table_add(t, NULL);
	}
}

static void gc_view_add_row(struct table *t, const struct idle_pin *pin)
{
	auto_free char *age = age_text(pin->age);
	const char *type = gc_view_type_name(pin);

	table_add(t, pin->path);
	if (pin->kind == IDLE_EMPTY)
		table_add(t, NULL);
	else
		table_addf(t, "%" PRIu32, pin->id);
	if (!type && pin->kind != IDLE_EMPTY)
		table_addf(t, "type %" PRIu32, pin->type);
	else
		table_add(t, type);
	table_add(t, age);
	if (pin->bytes)
		table_addf(t, "%" PRIu64, pin->bytes);
	else
		table_add(t, NULL);
	if (pin->kind != IDLE_MAP)
		table_add(t, NULL);
	else if (pin->counted)
		table_addf(t, "%" PRIu64 "/%" PRIu32, pin->entries, pin->max_entries);
	else
		table_addf(t, "%" PRIu32, pin->max_entries);
	add_note(t, pin);
}

void gc_view_text(struct strbuf *out, const struct idle_pins *pins)
{
	static const struct table_column columns[] = {
		{"PATH", false}, {"ID", true},      {"TYPE", false}, {"AGE", true},
		{"BYTES", true}, {"ENTRIES", true}, {"NOTE", false},
	};
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = array_size(columns)};

	for (size_t i = 0; i < pins->nr; i++)
		gc_view_add_row(&t, &pins->items[i]);
	table_out(&t, out, 0);
}

void gc_view_removed(struct strbuf *out, const struct idle_pins *pins)
{
	for (size_t i = 0; i < pins->nr; i++) {
		sb_add(out, "removed '");
		utf8_add_visible(out, pins->items[i].path);
		sb_add(out, "'\n");
	}
}

/* --- JSON --- */

static void gc_view_add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static struct json_object *pin_json(const struct idle_pin *pin)
{
	struct json_object *o = json_object_new_object();
	const char *type = gc_view_type_name(pin);

	json_object_object_add(o, "path", json_out_string(pin->path));
	json_object_object_add(o, "place", json_out_string(place_name(pin->place)));
	json_object_object_add(o, "kind", json_out_string(kind_name(pin->kind)));
	if (pin->kind != IDLE_EMPTY)
		gc_view_add_number(o, "id", pin->id);
	if (pin->name)
		json_object_object_add(o, "name", json_out_string(pin->name));
	if (type)
		json_object_object_add(o, "type", json_out_string(type));
	else if (pin->kind != IDLE_EMPTY)
		gc_view_add_number(o, "type", pin->type);
	gc_view_add_number(o, "age", pin->age);
	if (pin->bytes)
		gc_view_add_number(o, "bytes_memlock", pin->bytes);
	if (pin->kind == IDLE_MAP)
		gc_view_add_number(o, "max_entries", pin->max_entries);
	if (pin->counted)
		gc_view_add_number(o, "entries", pin->entries);
	if (pin->place == IDLE_KEEP)
		gc_view_add_number(o, "program", pin->program);
	if (pin->mark.by != USAGE_NONE) {
		auto_strbuf note = STRBUF_INIT;

		usage_words(&note, pin->mark);
		json_object_object_add(o, "in_use", json_out_string(sb_text(&note)));
	}
	return o;
}

void gc_view_json(struct strbuf *out, const struct idle_pins *pins, const char *key,
		  enum json_layout layout)
{
	auto_json *root = json_object_new_object();
	struct json_object *rows = json_object_new_array();
	struct json_object *hidden = json_object_new_array();

	for (size_t i = 0; i < pins->nr; i++)
		json_object_array_add(rows, pin_json(&pins->items[i]));
	for (size_t i = 0; i < pins->nr_hidden; i++)
		json_object_array_add(hidden, json_out_string(pins->hidden[i]));
	json_object_object_add(root, key, rows);
	json_object_object_add(root, "hidden", hidden);
	json_out(out, root, layout);
}
