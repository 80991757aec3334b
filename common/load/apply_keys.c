/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "load/apply_keys.h"

/* An entry under a name of the user's, a mapping; fault: why it cannot be called that. */
static int check_entry(const struct apply_row *row, const struct apply_reader *rd,
		       const struct apply_node *item, const char *example,
		       const char *fault, struct err *err)
{
	const struct apply_row entry = {.name = item->key.text, .value = example};

	if (fault)
		return apply_node_refuse(err, rd->file, item->key.at,
					 "%s: '%s' cannot be %s", row->name,
					 item->key.text, fault);
	return apply_value_is(&entry, rd, item, APPLY_NODE_MAPPING, err);
}

/* --- objects --- */

static int apply_set_file(const struct apply_row *row, const struct apply_reader *rd,
			  const struct apply_node *value, void *into, struct err *err)
{
	struct apply_object *object = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0)
		return r;
	object->file.at = value->at;
	object->file.text = value->text[0] == '/'
				    ? xstrdup(value->text)
				    : xasprintf("%s/%s", rd->dir, value->text);
	return 0;
}

/* An empty text is a value: an array of characters may hold it. */
static int set_constants(const struct apply_row *row, const struct apply_reader *rd,
			 const struct apply_node *value, void *into, struct err *err)
{
	struct apply_object *object = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_MAPPING, err);

	for (size_t i = 0; r == 0 && i < value->nr; i++) {
		const struct apply_node *item = &value->items[i];
		const struct apply_row constant = {.name = item->key.text,
						   .value = "VALUE"};

		if (item->kind != APPLY_NODE_TEXT || !item->quoted)
			r = apply_value_is(&constant, rd, item, APPLY_NODE_TEXT, err);
		if (r < 0)
			return r;
		array_grow(object->constants, object->nr_constants);
		object->constants[object->nr_constants++] = (struct apply_constant){
			.name = {xstrdup(item->key.text), item->key.at},
			.value = apply_value_copy(item),
		};
	}
	return r;
}

static const struct apply_row object_rows[] = {
	{.name = "file", .set = apply_set_file, .value = "PATH", .required = true},
	{.name = "constants", .set = set_constants, .value = "{NAME: VALUE, ...}"},
	{.name = NULL},
};

static int set_objects(const struct apply_row *row, const struct apply_reader *rd,
		       const struct apply_node *value, void *into, struct err *err)
{
	struct apply_conf *conf = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_MAPPING, err);

	for (size_t i = 0; r == 0 && i < value->nr; i++) {
		const struct apply_node *item = &value->items[i];
		struct apply_object *object;

		r = check_entry(row, rd, item, "{file: PATH}",
				apply_value_is_name(item->key.text)
					? NULL
					: "a name; use letters, digits, '.', '_' and '-'",
				err);
		if (r < 0)
			return r;
		array_grow(conf->objects, conf->nr_objects);
		object = &conf->objects[conf->nr_objects++];
		*object = (struct apply_object){.nr_constants = 0};
		object->key = (struct apply_word){xstrdup(item->key.text), item->key.at};
		r = apply_value_mapping(object_rows, "an object", rd, item, object, err);
	}
	return r;
}

/* --- maps --- */

static int set_pin(const struct apply_row *row, const struct apply_reader *rd,
		   const struct apply_node *value, void *into, struct err *err)
{
	struct apply_map *map = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0 || strcmp(value->text, "default") == 0)
		return r;
	if (strcmp(value->text, "none") == 0) {
		map->pin = APPLY_PIN_NONE;
		return 0;
	}
	if (value->text[0] != '/')
		return apply_value_refuse(
			rd, row, value, err,
			"'%s' is not a path; write %s, a path begins with '/'",
			value->text, row->value);
	map->pin = APPLY_PIN_PATH;
	map->pin_path = apply_value_copy(value);
	return 0;
}

static int set_change(const struct apply_row *row, const struct apply_reader *rd,
		      const struct apply_node *value, void *into, struct err *err)
{
	struct apply_map *map = into;

	map->on_change_at = value->at;
	return apply_set_choice(row, rd, value, into, err);
}

static const char *const change_words[] = {"refuse", "fresh", "migrate", NULL};

static const struct apply_row map_rows[] = {
	{.name = "shared",
	 .set = apply_set_yes,
	 .value = "yes|no",
	 .offset = offsetof(struct apply_map, shared)},
	{.name = "pin", .set = set_pin, .value = "PATH|default|none"},
	{.name = "max-entries",
	 .set = apply_set_u32,
	 .value = "N",
	 .offset = offsetof(struct apply_map, max_entries),
	 .min = 1,
	 .max = UINT32_MAX},
	{.name = "on-change",
	 .set = set_change,
	 .value = "refuse|fresh|migrate",
	 .offset = offsetof(struct apply_map, on_change),
	 .words = change_words},
	{.name = NULL},
};

static bool is_map_name(const char *text)
{
	return strlen(text) < 256 && !strchr(text, '/') && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0;
}

static int set_maps(const struct apply_row *row, const struct apply_reader *rd,
		    const struct apply_node *value, void *into, struct err *err)
{
	struct apply_conf *conf = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_MAPPING, err);

	for (size_t i = 0; r == 0 && i < value->nr; i++) {
		const struct apply_node *item = &value->items[i];
		struct apply_map *map;

		r = check_entry(
			row, rd, item, "{shared: yes}",
			is_map_name(item->key.text)
				? NULL
				: "the name of a map; it is a path: use pin: PATH below the name",
			err);
		if (r < 0)
			return r;
		array_grow(conf->maps, conf->nr_maps);
		map = &conf->maps[conf->nr_maps++];
		*map = (struct apply_map){
			.name = {xstrdup(item->key.text), item->key.at}};
		r = apply_value_mapping(map_rows, "a map", rd, item, map, err);
		if (r == 0 && map->shared && map->pin == APPLY_PIN_NONE)
			r = apply_node_refuse(
				err, rd->file, apply_node_find(item, "pin")->at,
				"pin: 'none' and shared: yes exclude each other; a shared map is found by its pin");
	}
	return r;
}

/* --- the file --- */

/* Objects before whoever names them. */
static const struct apply_row conf_rows[] = {
	{.name = "name",
	 .set = apply_set_name,
	 .value = "NAME",
	 .offset = offsetof(struct apply_conf, name),
	 .required = true},
	{.name = "objects", .set = set_objects, .value = "{NAME: {file: PATH}, ...}"},
	{.name = "maps", .set = set_maps, .value = "{NAME: {shared: yes}, ...}"},
	{.name = "tc", .set = apply_set_tc_list, .value = "[{object: NAME, ...}, ...]"},
	{.name = "cgroups",
	 .set = apply_set_cgroup_list,
	 .value = "[{object: NAME, ...}, ...]"},
	{.name = NULL},
};

int apply_keys_read(struct apply_conf *ret, const char *file, const char *dir,
		    const struct apply_node *root, struct err *err)
{
	const struct apply_reader rd = {.file = file, .dir = dir, .conf = ret};

	ret->file = xstrdup(file);
	if (root->kind != APPLY_NODE_MAPPING)
		return apply_node_refuse(
			err, file, root->at,
			"%s in the place of a mapping; a file begins with name: NAME",
			apply_node_kind_text(root->kind));
	return apply_value_mapping(conf_rows, "a file", &rd, root, ret, err);
}
