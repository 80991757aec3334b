/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "view/json_out.h"

struct writer {
	struct strbuf *out;
	enum json_layout layout;
	int depth; /* arrays and objects around */
};

static void write_value(struct writer *w, struct json_object *value);

static void json_out_newline(struct writer *w)
{
	if (w->layout == JSON_COMPACT)
		return;
	sb_add_char(w->out, '\n');
	for (int i = 0; i < w->depth; i++)
		sb_add(w->out, "    ");
}

/* Numbers, strings, booleans and null: json-c's own spelling. */
static void write_scalar(struct writer *w, struct json_object *value)
{
	sb_add(w->out, value ? json_object_to_json_string_ext(
				       value, JSON_C_TO_STRING_PLAIN |
						      JSON_C_TO_STRING_NOSLASHESCAPE)
			     : "null");
}

static void write_key(struct writer *w, const char *key)
{
	auto_json *name = json_out_string(key);

	write_scalar(w, name);
	sb_add(w->out, w->layout == JSON_COMPACT ? ":" : ": ");
}

static void write_object(struct writer *w, struct json_object *object)
{
	bool first = true;

	sb_add_char(w->out, '{');
	w->depth++;
	json_object_object_foreach(object, key, value)
	{
		if (!first)
			sb_add_char(w->out, ',');
		first = false;
		json_out_newline(w);
		write_key(w, key);
		write_value(w, value);
	}
	w->depth--;
	if (!first)
		json_out_newline(w);
	sb_add_char(w->out, '}');
}

/* Elements follow each other on the line in both tools; how a list closes differs. */
static void write_array(struct writer *w, struct json_object *array)
{
	size_t nr = json_object_array_length(array);

	sb_add(w->out, w->layout == JSON_TC ? "[ " : "[");
	w->depth++;
	for (size_t i = 0; i < nr; i++) {
		if (i > 0)
			sb_add_char(w->out, ',');
		write_value(w, json_object_array_get_idx(array, i));
	}
	w->depth--;
	if (nr > 0 && w->layout == JSON_TC)
		sb_add_char(w->out, ' ');
	else if (nr > 0)
		json_out_newline(w);
	sb_add_char(w->out, ']');
}

static void write_value(struct writer *w, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		write_object(w, value);
		break;
	case json_type_array:
		write_array(w, value);
		break;
	default:
		write_scalar(w, value);
	}
}

void json_out(struct strbuf *out, struct json_object *root, enum json_layout layout)
{
	struct writer w = {.out = out, .layout = layout};

	write_value(&w, root);
	sb_add_char(out, '\n');
}

struct json_object *json_out_string(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	auto_strbuf clean = STRBUF_INIT;

	if (!text)
		return NULL;
	while (*s) {
		size_t n = utf8_length(s);

		if (n > 0)
			sb_add_mem(&clean, s, n);
		else
			sb_add(&clean, "\xef\xbf\xbd");
		s += n > 0 ? n : 1;
	}
	return json_object_new_string(sb_text(&clean));
}

void json_out_put(struct json_object **root)
{
	json_object_put(*root);
}

struct json_object *json_out_list(void)
{
	return json_object_new_array();
}

void json_out_list_add(struct json_object *list, struct json_object *item)
{
	json_object_array_add(list, item);
}

struct json_object *json_out_list_first(struct json_object *list)
{
	return json_object_array_get_idx(list, 0);
}

static struct json_object *fact_json(const struct fact *fact)
{
	return fact->text ? json_out_string(fact->text)
			  : json_object_new_uint64(fact->number);
}

void json_out_facts(struct json_object *object, const struct facts *facts)
{
	struct json_object *list = NULL, *element = NULL;
	size_t last = 0;

	for (size_t i = 0; i < facts->nr; i++) {
		const struct fact *fact = &facts->items[i];

		if (!fact->list) {
			json_object_object_add(object, fact->name, fact_json(fact));
		} else if (!fact->element) {
			list = json_object_new_array();
			json_object_object_add(object, fact->list, list);
			last = 0;
		} else {
			if (fact->element != last) {
				element = json_object_new_object();
				json_object_array_add(list, element);
			}
			last = fact->element;
			json_object_object_add(element, fact->name, fact_json(fact));
		}
	}
}

void json_out_error(struct strbuf *out, const struct err *err, enum json_layout layout)
{
	auto_json *root = json_object_new_object();

	json_object_object_add(root, "error", json_out_string(err->text));
	if (err->own) {
		json_object_object_add(root, "errno", json_object_new_int(-err->code));
		json_object_object_add(root, "kind",
				       json_out_string(err_kind_name(err->kind)));
		if (err->hint)
			json_object_object_add(root, "hint", json_out_string(err->hint));
		if (err->kind == ERR_CONFLICT)
			json_out_facts(root, &err->facts);
	}
	json_out(out, root, layout);
}
