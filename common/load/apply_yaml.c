/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "load/apply_node.h"

enum {
	YAML_DEPTH_MAX = 8,     /* the grammar needs four */
	YAML_ITEMS_MAX = 10000, /* of a list or a mapping */
	YAML_TEXT_MAX = 4096,   /* PATH_MAX */
};

struct yaml_source {
	yaml_parser_t parser;
	yaml_event_t event; /* the latest one; the type is YAML_NO_EVENT without one */
	const char *file;
	const char *text;
};

static void yaml_source_release(struct yaml_source *s)
{
	yaml_event_delete(&s->event);
	yaml_parser_delete(&s->parser);
}

static struct apply_at yaml_at(yaml_mark_t mark)
{
	return (struct apply_at){
		.line = (unsigned int)mark.line + 1,
		.column = (unsigned int)mark.column + 1,
	};
}

/* The reader of bytes counts nothing but them. */
static struct apply_at yaml_at_byte(const char *text, size_t offset)
{
	struct apply_at at = {.line = 1, .column = 1};

	for (size_t i = 0; i < offset; i++) {
		at.column = text[i] == '\n' ? 1 : at.column + 1;
		at.line += text[i] == '\n';
	}
	return at;
}

static int yaml_refused(const struct yaml_source *s, struct err *err)
{
	const yaml_parser_t *p = &s->parser;
	const char *problem = p->problem ? p->problem : "it cannot be read";

	if (p->error == YAML_MEMORY_ERROR)
		return err_set(err, -ENOMEM, "%s", s->file);
	if (p->error == YAML_READER_ERROR)
		return apply_node_refuse(
			err, s->file, yaml_at_byte(s->text, p->problem_offset),
			"not a YAML text: %s; only printable UTF-8 is read", problem);
	return apply_node_refuse(
		err, s->file, yaml_at(p->problem_mark),
		"not a YAML text: %s%s%s; check quotes, brackets and indentation",
		problem, p->context ? " " : "", p->context ? p->context : "");
}

static int yaml_next(struct yaml_source *s, struct err *err)
{
	yaml_event_delete(&s->event);
	if (!yaml_parser_parse(&s->parser, &s->event)) {
		s->event.type = YAML_NO_EVENT;
		return yaml_refused(s, err);
	}
	return 0;
}

/* What would make one text mean another, or two values one. */
static int yaml_check_plain(const struct yaml_source *s, const yaml_char_t *anchor,
			    const yaml_char_t *tag, struct err *err)
{
	const struct apply_at at = yaml_at(s->event.start_mark);

	if (anchor)
		return apply_node_refuse(
			err, s->file, at,
			"anchor '&%s': anchors are not supported; write the value out where it is needed",
			(const char *)anchor);
	if (tag)
		return apply_node_refuse(
			err, s->file, at,
			"tag '%s': tags are not supported; remove it, every value is a text",
			(const char *)tag);
	return 0;
}

static int yaml_read_text(const struct yaml_source *s, struct apply_node *node,
			  struct err *err)
{
	const char *text = (const char *)s->event.data.scalar.value;
	const size_t length = s->event.data.scalar.length;

	if (length > YAML_TEXT_MAX)
		return apply_node_refuse(err, s->file, node->at,
					 "a text of %zu bytes; at most %d are read",
					 length, YAML_TEXT_MAX);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return apply_node_refuse(
				err, s->file, node->at,
				"control byte 0x%02x in a text; remove it, a value is one line",
				(unsigned char)text[i]);
	node->text = xstrndup(text, length);
	node->quoted = s->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int yaml_read_node(struct yaml_source *s, struct apply_node *node,
			  unsigned int depth, struct err *err);

/* The key that the latest event is, into the item it belongs to. */
static int yaml_read_key(struct yaml_source *s, const struct apply_node *mapping,
			 struct apply_node *item, struct err *err)
{
	auto_apply_node key = {.at = yaml_at(s->event.start_mark)};
	const struct apply_node *twin;
	int r = 0;

	if (s->event.type == YAML_ALIAS_EVENT)
		return yaml_read_node(s, &key, 0, err);
	if (s->event.type != YAML_SCALAR_EVENT)
		return apply_node_refuse(err, s->file, key.at,
					 "a list or a mapping as a key; a key is a text");
	r = yaml_check_plain(s, s->event.data.scalar.anchor, s->event.data.scalar.tag,
			     err);
	r = r ? r : yaml_read_text(s, &key, err);
	if (r < 0)
		return r;
	if (!*key.text)
		return apply_node_refuse(
			err, s->file, key.at,
			"an empty key; write KEY: VALUE with a blank after the colon");
	twin = apply_node_find(mapping, key.text);
	if (twin)
		return apply_node_refuse(err, s->file, key.at,
					 "%s: set twice, first in line %u; keep one",
					 key.text, twin->key.at.line);
	item->key.text = take_ptr(key.text);
	item->key.at = key.at;
	return 0;
}

static int yaml_read_items(struct yaml_source *s, struct apply_node *node,
			   yaml_event_type_t last, unsigned int depth, struct err *err)
{
	int r = yaml_next(s, err);

	while (r == 0 && s->event.type != last) {
		auto_apply_node item = {.nr = 0};

		if (node->nr == YAML_ITEMS_MAX)
			return apply_node_refuse(
				err, s->file, yaml_at(s->event.start_mark),
				"more than %d entries in %s; use several files",
				YAML_ITEMS_MAX, apply_node_kind_text(node->kind));
		if (node->kind == APPLY_NODE_MAPPING) {
			r = yaml_read_key(s, node, &item, err);
			r = r ? r : yaml_next(s, err);
		}
		r = r ? r : yaml_read_node(s, &item, depth + 1, err);
		if (r < 0)
			return r;
		array_grow(node->items, node->nr);
		node->items[node->nr++] = item;
		item = (struct apply_node){.nr = 0};
		r = yaml_next(s, err);
	}
	return r;
}

/* What the latest event begins. */
static int yaml_read_node(struct yaml_source *s, struct apply_node *node,
			  unsigned int depth, struct err *err)
{
	const yaml_event_t *e = &s->event;
	int r;

	node->at = yaml_at(e->start_mark);
	if (depth > YAML_DEPTH_MAX)
		return apply_node_refuse(err, s->file, node->at,
					 "nested deeper than %d levels", YAML_DEPTH_MAX);
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return apply_node_refuse(
			err, s->file, node->at,
			"alias '*%s': aliases are not supported; write the value out where it is needed",
			(const char *)e->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		node->kind = APPLY_NODE_TEXT;
		r = yaml_check_plain(s, e->data.scalar.anchor, e->data.scalar.tag, err);
		return r ? r : yaml_read_text(s, node, err);
	case YAML_SEQUENCE_START_EVENT:
		node->kind = APPLY_NODE_LIST;
		r = yaml_check_plain(s, e->data.sequence_start.anchor,
				     e->data.sequence_start.tag, err);
		return r ? r
			 : yaml_read_items(s, node, YAML_SEQUENCE_END_EVENT, depth, err);
	case YAML_MAPPING_START_EVENT:
		node->kind = APPLY_NODE_MAPPING;
		r = yaml_check_plain(s, e->data.mapping_start.anchor,
				     e->data.mapping_start.tag, err);
		return r ? r
			 : yaml_read_items(s, node, YAML_MAPPING_END_EVENT, depth, err);
	default:
		return apply_node_refuse(err, s->file, node->at, "a value is missing");
	}
}

/* The events around the one document. */
static int yaml_read_document(struct yaml_source *s, struct apply_node *root,
			      struct err *err)
{
	int r = yaml_next(s, err); /* the stream begins */

	r = r ? r : yaml_next(s, err);
	if (r == 0 && s->event.type == YAML_STREAM_END_EVENT)
		return apply_node_refuse(err, s->file, (struct apply_at){1, 1},
					 "the file is empty; it needs name: NAME");
	r = r ? r : yaml_next(s, err);
	r = r ? r : yaml_read_node(s, root, 0, err);
	r = r ? r : yaml_next(s, err); /* the document ends */
	r = r ? r : yaml_next(s, err);
	if (r == 0 && s->event.type != YAML_STREAM_END_EVENT)
		return apply_node_refuse(
			err, s->file, yaml_at(s->event.start_mark),
			"a second document; put it into a file of its own");
	return r;
}

int apply_yaml_parse(struct apply_node *ret, const char *file, const char *text,
		     size_t size, struct err *err)
{
	auto_free char *copy = xcalloc(1, size + 1);
	auto_release(yaml_source_release) struct yaml_source s = {.file = file};
	auto_apply_node root = {.nr = 0};
	int r;

	if (!yaml_parser_initialize(&s.parser))
		return err_set(err, -ENOMEM, "%s", file);
	if (size)
		memcpy(copy, text, size);
	s.text = copy;
	yaml_parser_set_input_string(&s.parser, (const unsigned char *)copy,
				     apply_json_escapes(copy, size));
	r = yaml_read_document(&s, &root, err);
	if (r < 0)
		return r;
	*ret = root;
	root = (struct apply_node){.nr = 0};
	return 0;
}
