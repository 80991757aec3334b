/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_scan.h"

enum {
	JSON_UNIT = 6, /* "\u00e9" */
	JSON_SURROGATE_BITS = 10,
	JSON_SURROGATE = 0x10000,
};

struct json_reader {
	struct json_scan *scan;
	const char *text, *at, *end;
	struct err *err;
};

void json_scan_release(struct json_scan *scan)
{
	free(scan->items);
	*scan = (struct json_scan)JSON_SCAN_INIT;
}

static int json_refuse(const struct json_reader *r)
{
	return r->at == r->end
		       ? err_say(r->err, -EBADMSG, "it is not JSON: it is cut off")
		       : err_say(r->err, -EBADMSG,
				 "it is not JSON: unexpected character at byte %zu",
				 (size_t)(r->at - r->text) + 1);
}

static void json_skip_space(struct json_reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* The next character, past white space, is c; it is taken. */
static bool json_takes(struct json_reader *r, char c)
{
	json_skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static size_t json_begin(struct json_reader *r, enum json_scan_kind kind)
{
	struct json_scan *s = r->scan;

	array_grow(s->items, s->nr);
	s->items[s->nr] = (struct json_scan_item){.at = r->at, .kind = kind};
	return s->nr++;
}

static void json_end(struct json_reader *r, size_t index)
{
	struct json_scan_item *item = &r->scan->items[index];

	item->size = (size_t)(r->at - item->at);
	item->end = r->scan->nr;
}

/* "\u00e9" at p: its 16 bits; -1: something else. */
static int32_t json_unit(const char *p, const char *end)
{
	int32_t value = 0;

	if (end - p < JSON_UNIT || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < JSON_UNIT; i++) {
		const unsigned char c = (unsigned char)tolower((unsigned char)p[i]);

		if (!isxdigit(c))
			return -1;
		value = value << 4 | (isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return value;
}

/* A backslash and what belongs to it. */
static int json_scan_escape(struct json_reader *r)
{
	const ptrdiff_t left = r->end - r->at;

	if (left < 2 || (r->at[1] == 'u' && left < JSON_UNIT)) {
		r->at = r->end;
		return json_refuse(r);
	}
	if (r->at[1] == 'u') {
		if (json_unit(r->at, r->end) < 0)
			return json_refuse(r);
		r->at += JSON_UNIT;
		return 0;
	}
	if (!strchr("\"\\/bfnrt", r->at[1]) || !r->at[1])
		return json_refuse(r);
	r->at += 2;
	return 0;
}

/* Behind the quote. */
static int json_scan_string(struct json_reader *r)
{
	const size_t index = json_begin(r, JSON_SCAN_TEXT);

	while (r->at < r->end && *r->at != '"') {
		if ((unsigned char)*r->at < ' ')
			return json_refuse(r);
		if (*r->at != '\\') {
			r->at++;
			continue;
		}
		r->scan->items[index].escaped = true;
		if (json_scan_escape(r) < 0)
			return r->err->code;
	}
	json_end(r, index);
	if (r->at == r->end)
		return json_refuse(r);
	r->at++;
	return 0;
}

static int json_scan_value(struct json_reader *r, unsigned int depth);

/* Behind the bracket, to the one that closes it. */
static int json_scan_list(struct json_reader *r, unsigned int depth, bool is_object)
{
	const char last = is_object ? '}' : ']';
	const size_t index =
		json_begin(r, is_object ? JSON_SCAN_OBJECT : JSON_SCAN_ARRAY);
	bool more = !json_takes(r, last);
	int ret = 0;

	while (more && ret == 0) {
		if (is_object) {
			if (!json_takes(r, '"'))
				return json_refuse(r);
			ret = json_scan_string(r);
			if (ret == 0 && !json_takes(r, ':'))
				ret = json_refuse(r);
		}
		if (ret == 0)
			ret = json_scan_value(r, depth);
		if (ret < 0)
			return ret;
		more = json_takes(r, ',');
		if (!more && !json_takes(r, last))
			return json_refuse(r);
	}
	json_end(r, index);
	return ret;
}

static int json_scan_scalar(struct json_reader *r)
{
	static const char *const words[] = {"true", "false", "null"};
	const bool is_number = *r->at == '-' || isdigit((unsigned char)*r->at);
	const size_t index = json_begin(r, is_number ? JSON_SCAN_NUMBER : JSON_SCAN_WORD);

	if (is_number) {
		while (r->at < r->end && *r->at && strchr("+-.0123456789Ee", *r->at))
			r->at++;
		json_end(r, index);
		return 0;
	}
	for (size_t i = 0; i < array_size(words); i++) {
		const size_t n = strlen(words[i]), left = (size_t)(r->end - r->at);

		if (memcmp(r->at, words[i], n < left ? n : left) != 0)
			continue;
		r->at = n < left ? r->at + n : r->end;
		json_end(r, index);
		return n > left ? json_refuse(r) : 0;
	}
	return json_refuse(r);
}

static int json_scan_value(struct json_reader *r, unsigned int depth)
{
	json_skip_space(r);
	if (r->at == r->end)
		return json_refuse(r);
	if (*r->at == '"') {
		r->at++;
		return json_scan_string(r);
	}
	if (*r->at != '{' && *r->at != '[')
		return json_scan_scalar(r);
	if (!depth)
		return err_say(r->err, -EBADMSG, "it is nested too deeply");
	return json_scan_list(r, depth - 1, *r->at++ == '{');
}

int json_scan_init(struct json_scan *ret, const char *text, size_t size,
		   unsigned int depth, struct err *err)
{
	auto_json_scan scan = JSON_SCAN_INIT;
	struct json_reader r = {
		.scan = &scan, .text = text, .at = text, .end = text + size, .err = err};
	int code = json_scan_value(&r, depth);

	if (code < 0)
		return code;
	json_skip_space(&r);
	if (r.at < r.end)
		return err_say(err, -EBADMSG, "more text follows its JSON");
	*ret = scan;
	scan = (struct json_scan)JSON_SCAN_INIT;
	return 0;
}

/* --- what is in it --- */

size_t json_scan_member(const struct json_scan *scan, size_t object, const char *key,
			size_t *next)
{
	const size_t first = object + 1, end = scan->items[object].end, n = strlen(key);
	size_t at = *next > object && *next < end ? *next : first;
	const size_t begun = at;

	if (first == end)
		return 0;
	do {
		const struct json_scan_item *item = &scan->items[at];
		const size_t value = at + 1;

		at = scan->items[value].end;
		if (at == end)
			at = first;
		if (item->size != n || memcmp(item->at, key, n) != 0)
			continue;
		*next = at;
		return value;
	} while (at != begun);
	return 0;
}

static char *json_put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* What an escape at *from stands for; 0: a NUL, or half a pair. */
static uint32_t json_read_escape(const char **from, const char *end)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *letter;
	uint32_t high, low;

	if ((*from)[1] != 'u') {
		letter = strchr(letters, (*from)[1]);
		*from += 2;
		return (uint32_t)(letter ? bytes[letter - letters] : (*from)[-1]);
	}
	high = (uint32_t)json_unit(*from, end);
	*from += JSON_UNIT;
	if (high >> JSON_SURROGATE_BITS == 0xdc00 >> JSON_SURROGATE_BITS)
		return 0;
	if (high >> JSON_SURROGATE_BITS != 0xd800 >> JSON_SURROGATE_BITS)
		return high;
	low = (uint32_t)json_unit(*from, end);
	*from += JSON_UNIT;
	return low >> JSON_SURROGATE_BITS == 0xdc00 >> JSON_SURROGATE_BITS
		       ? JSON_SURROGATE +
				 ((high & 0x3ff) << JSON_SURROGATE_BITS | (low & 0x3ff))
		       : 0;
}

char *json_scan_text(const struct json_scan_item *item)
{
	auto_free char *text = NULL;
	const char *from = item->at, *end = item->at + item->size;
	char *to;

	if (item->kind != JSON_SCAN_TEXT)
		return NULL;
	/* No escape is shorter than what it stands for. */
	text = xstrndup(item->at, item->size);
	to = text;
	while (item->escaped && from < end) {
		uint32_t c;

		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		c = json_read_escape(&from, end);
		if (!c)
			return NULL;
		to = json_put_utf8(to, c);
	}
	if (item->escaped)
		*to = '\0';
	return take_ptr(text);
}

bool json_scan_number(const struct json_scan_item *item, uint64_t most, uint64_t *ret)
{
	uint64_t value = 0;

	if (item->kind != JSON_SCAN_NUMBER)
		return false;
	for (size_t i = 0; i < item->size; i++) {
		const uint64_t digit = (uint64_t)(item->at[i] - '0');

		if (!isdigit((unsigned char)item->at[i]) ||
		    value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > most)
		return false;
	*ret = value;
	return true;
}

bool json_scan_is(const struct json_scan_item *item, const char *word)
{
	return item->kind == JSON_SCAN_WORD && item->size == strlen(word) &&
	       memcmp(item->at, word, item->size) == 0;
}
