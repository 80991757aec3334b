/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "load/apply_node.h"

enum {
	JSON_HALF = 6, /* "\ud83d" */
	JSON_PAIR = 2 * JSON_HALF,
	JSON_WHOLE = 10, /* "\U0001f600" */
};

/* Read at at, written at to; what a string got shorter by. */
struct json_text {
	const char *at, *end;
	char *to;
	size_t saved;
};

static bool json_begins(const char *text, size_t size)
{
	size_t i = 0;

	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < size && isspace((unsigned char)text[i]))
		i++;
	return i < size && text[i] == '{';
}

/* "\udXXX" at p: its 16 bits; 0: something else. */
static uint32_t json_half(const char *p, const char *end)
{
	uint32_t value = 0;

	if (end - p < JSON_HALF || p[0] != '\\' || p[1] != 'u')
		return 0;
	for (int i = 2; i < JSON_HALF; i++) {
		const unsigned char c = (unsigned char)tolower((unsigned char)p[i]);

		if (!isxdigit(c))
			return 0;
		value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return value;
}

static void json_copy(struct json_text *t, size_t n)
{
	memmove(t->to, t->at, n);
	t->to += n;
	t->at += n;
}

/* In front of a backslash in a string. */
static void json_escape(struct json_text *t)
{
	const uint32_t high = json_half(t->at, t->end);
	const uint32_t low = high ? json_half(t->at + JSON_HALF, t->end) : 0;
	char whole[JSON_WHOLE + 1];

	if (high >> 10 == 0xd800 >> 10 && low >> 10 == 0xdc00 >> 10) {
		snprintf(whole, sizeof(whole), "\\U%08x",
			 0x10000u + ((high & 0x3ff) << 10 | (low & 0x3ff)));
		memcpy(t->to, whole, JSON_WHOLE);
		t->to += JSON_WHOLE;
		t->at += JSON_PAIR;
		t->saved += JSON_PAIR - JSON_WHOLE;
	} else if (t->end - t->at >= 2 && t->at[1] == '/') {
		t->at++;
		t->saved++;
		json_copy(t, 1);
	} else {
		json_copy(t, t->end - t->at >= 2 ? 2 : 1);
	}
}

/* In front of the quote that opens a string. */
static void json_string(struct json_text *t)
{
	json_copy(t, 1);
	while (t->at < t->end && *t->at != '"') {
		if (*t->at == '\\')
			json_escape(t);
		else
			json_copy(t, 1);
	}
	if (t->at < t->end)
		json_copy(t, 1);
	memset(t->to, ' ', t->saved);
	t->to += t->saved;
	t->saved = 0;
}

/* YAML's own: a comment, a text in single quotes. Quotes in them open nothing. */
static void json_skip(struct json_text *t, char last)
{
	do
		json_copy(t, 1);
	while (t->at < t->end && *t->at != last);
	if (t->at < t->end)
		json_copy(t, 1);
}

static bool json_is_begin(const char *text, const char *at)
{
	return at > text && strchr(" \t\n,[{:", at[-1]);
}

size_t apply_json_escapes(char *text, size_t size)
{
	struct json_text t = {.at = text, .end = text + size, .to = text};

	if (!json_begins(text, size))
		return size;
	while (t.at < t.end) {
		if (*t.at == '"')
			json_string(&t);
		else if (*t.at == '#' && isspace((unsigned char)t.at[-1]))
			json_skip(&t, '\n');
		else if (*t.at == '\'' && json_is_begin(text, t.at))
			json_skip(&t, '\'');
		else
			json_copy(&t, 1);
	}
	return (size_t)(t.to - text);
}
