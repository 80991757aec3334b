/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/args.h"
#include "base/suggest.h"
#include "load/apply_value.h"

enum { APPLY_NAME_MAX = 64 };

#define FIELD(type, into, row) ((type *)(void *)((char *)(into) + (row)->offset))

int apply_value_refuse(const struct apply_reader *rd, const struct apply_row *row,
		       const struct apply_node *value, struct err *err, const char *fmt,
		       ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return apply_node_refuse(err, rd->file, value->at, "%s: %s", row->name, text);
}

int apply_value_unknown(const struct apply_reader *rd, const struct apply_row *row,
			const struct apply_node *value, const struct suggest *near,
			const char *what, struct err *err)
{
	auto_strbuf hint = STRBUF_INIT;

	suggest_hint(near, &hint);
	return apply_value_refuse(rd, row, value, err, "'%s' is not %s%s", value->text,
				  what, sb_text(&hint));
}

int apply_value_is(const struct apply_row *row, const struct apply_reader *rd,
		   const struct apply_node *value, enum apply_node_kind kind,
		   struct err *err)
{
	const bool empty = value->kind == APPLY_NODE_TEXT && !*value->text;

	if (empty && !(value->quoted && kind != APPLY_NODE_TEXT))
		return apply_value_refuse(rd, row, value, err, "needs a value: %s",
					  row->value);
	if (value->kind != kind)
		return apply_value_refuse(rd, row, value, err,
					  "%s in the place of %s: %s",
					  apply_node_kind_text(value->kind),
					  apply_node_kind_text(kind), row->value);
	return 0;
}

struct apply_word apply_value_copy(const struct apply_node *value)
{
	return (struct apply_word){.text = xstrdup(value->text), .at = value->at};
}

bool apply_value_is_name(const char *text)
{
	const size_t n = strlen(text);

	return n > 0 && n <= APPLY_NAME_MAX && text[0] != '.' && text[0] != '-' &&
	       strspn(text,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       n;
}

APPLY_SET(word)
{
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r == 0)
		*FIELD(struct apply_word, into, row) = apply_value_copy(value);
	return r;
}

APPLY_SET(name)
{
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0)
		return r;
	if (!apply_value_is_name(value->text))
		return apply_value_refuse(
			rd, row, value, err,
			"'%s' cannot be a name; use up to %d letters, digits, '.', '_' and '-', and begin with a letter or digit",
			value->text, APPLY_NAME_MAX);
	*FIELD(struct apply_word, into, row) = apply_value_copy(value);
	return 0;
}

static int patterns_add(const struct apply_row *row, const struct apply_reader *rd,
			const struct apply_node *value, struct apply_words *words,
			struct err *err)
{
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words->nr; i++)
		if (strcmp(words->items[i].text, value->text) == 0)
			return apply_value_refuse(
				rd, row, value, err,
				"'%s' is listed twice, first in line %u; keep one",
				value->text, words->items[i].at.line);
	array_grow(words->items, words->nr);
	words->items[words->nr++] = apply_value_copy(value);
	return 0;
}

APPLY_SET(patterns)
{
	struct apply_words *words = FIELD(struct apply_words, into, row);
	int r = 0;

	words->at = value->at;
	if (value->kind != APPLY_NODE_LIST)
		return patterns_add(row, rd, value, words, err);
	if (value->nr == 0)
		return apply_value_refuse(rd, row, value, err,
					  "an empty list; it needs %s", row->value);
	for (size_t i = 0; r == 0 && i < value->nr; i++)
		r = patterns_add(row, rd, &value->items[i], words, err);
	return r;
}

/* JSON has true and false. */
APPLY_SET(yes)
{
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);
	const bool yes = r == 0 && (strcmp(value->text, "yes") == 0 ||
				    strcmp(value->text, "true") == 0);

	if (r == 0 && !yes && strcmp(value->text, "no") != 0 &&
	    strcmp(value->text, "false") != 0)
		r = apply_value_refuse(rd, row, value, err, "'%s' is not yes or no",
				       value->text);
	if (r == 0)
		*FIELD(bool, into, row) = yes;
	return r;
}

static int apply_number(const struct apply_row *row, const struct apply_reader *rd,
			const struct apply_node *value, uint64_t *ret, struct err *err)
{
	auto_err why = ERR_INIT;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0)
		return r;
	if (args_to_number(row->name, value->text, row->min, row->max, ret, &why) < 0)
		return apply_value_refuse(rd, row, value, err,
					  "'%s' is not a number from %" PRIu64
					  " to %" PRIu64,
					  value->text, row->min, row->max);
	return 0;
}

APPLY_SET(u16)
{
	uint64_t number;
	int r = apply_number(row, rd, value, &number, err);

	if (r == 0)
		*FIELD(uint16_t, into, row) = (uint16_t)number;
	return r;
}

APPLY_SET(u32)
{
	uint64_t number;
	int r = apply_number(row, rd, value, &number, err);

	if (r == 0)
		*FIELD(uint32_t, into, row) = (uint32_t)number;
	return r;
}

APPLY_SET(choice)
{
	struct suggest near = {.word = value->text};
	auto_strbuf what = STRBUF_INIT;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0)
		return r;
	for (unsigned int i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], value->text) == 0) {
			*FIELD(unsigned int, into, row) = i;
			return 0;
		}
		suggest_offer(&near, row->words[i]);
	}
	sb_addf(&what, "one of %s", row->value);
	return apply_value_unknown(rd, row, value, &near, sb_text(&what), err);
}

static const struct apply_row *row_find(const struct apply_row *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static int unknown_key(const struct apply_row *rows, const char *what,
		       const struct apply_reader *rd, const struct apply_word *key,
		       struct err *err)
{
	struct suggest near = {.word = key->text};
	auto_strbuf hint = STRBUF_INIT, all = STRBUF_INIT;

	for (; rows->name; rows++) {
		suggest_offer(&near, rows->name);
		sb_add_sep(&all, ", ", rows->name);
	}
	suggest_hint(&near, &hint);
	if (!hint.len)
		sb_addf(&hint, "; known are %s", sb_text(&all));
	return apply_node_refuse(err, rd->file, key->at, "%s: unknown key of %s%s",
				 key->text, what, sb_text(&hint));
}

int apply_value_mapping(const struct apply_row *rows, const char *what,
			const struct apply_reader *rd, const struct apply_node *mapping,
			void *into, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < mapping->nr; i++)
		if (!row_find(rows, mapping->items[i].key.text))
			return unknown_key(rows, what, rd, &mapping->items[i].key, err);
	for (; r == 0 && rows->name; rows++) {
		const struct apply_node *value = apply_node_find(mapping, rows->name);

		if (value)
			r = rows->set(rows, rd, value, into, err);
		else if (rows->required)
			r = apply_node_refuse(err, rd->file, mapping->at,
					      "%s: missing in %s; add %s: %s", rows->name,
					      what, rows->name, rows->value);
	}
	return r;
}
