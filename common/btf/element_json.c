/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element.h"

enum { WORD_MAX = 64 }; /* of member names and bytes that mean something here */

static int peek_solid(struct element_reader *r)
{
	int c;

	do {
		c = element_char(r);
	} while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
	element_char_back(r, c);
	return c;
}

static bool element_json_take(struct element *e, char c)
{
	if (peek_solid(e->from) != (unsigned char)c)
		return false;
	element_char(e->from);
	return true;
}

static int element_json_expect(struct element *e, char c)
{
	int got;

	if (element_json_take(e, c))
		return 0;
	got = peek_solid(e->from);
	if (got == EOF)
		return element_wrong(e, "expected '%c', but the file ends", c);
	return element_wrong(e, "expected '%c', got '%c'", c, isprint(got) ? got : '?');
}

/* A string or a bare word; what does not fit is cut, since it means nothing here. */
static int read_word(struct element *e, char ret[static WORD_MAX])
{
	bool quoted = element_json_take(e, '"');
	size_t n = 0;
	int c;

	for (;;) {
		c = element_char(e->from);
		if (c == EOF && quoted)
			return element_wrong(e, "a string is not closed");
		if (c == EOF || (quoted && c == '"'))
			break;
		if (!quoted && !isalnum(c) && !strchr("+-.", c)) {
			element_char_back(e->from, c);
			break;
		}
		if (quoted && c == '\\')
			c = element_char(e->from);
		if (n < WORD_MAX - 1)
			ret[n++] = (char)c;
	}
	ret[n] = '\0';
	if (!n && !quoted)
		return element_wrong(e, "a value is missing");
	return 0;
}

/* Any value, brackets and all. */
static int skip_value(struct element *e)
{
	char word[WORD_MAX];
	uint64_t open = 0;
	int r;

	do {
		int c = peek_solid(e->from);

		if (c == '{' || c == '[') {
			open++;
			element_char(e->from);
		} else if (open && (c == '}' || c == ']')) {
			open--;
			element_char(e->from);
		} else if (open && (c == ',' || c == ':')) {
			element_char(e->from);
		} else {
			r = read_word(e, word);
			if (r < 0)
				return r;
		}
	} while (open);
	return 0;
}

static bool byte_of(const char *word, unsigned char *ret)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 0);
	if (!isdigit((unsigned char)word[0]) || *end || errno || number > 255)
		return false;
	*ret = (unsigned char)number;
	return true;
}

static int read_bytes(struct element *e, const char *what, unsigned char *ret,
		      size_t size)
{
	char word[WORD_MAX];
	size_t n = 0;
	int r;

	if (!element_json_take(e, '['))
		return element_wrong(
			e,
			"its %s is not a list of bytes, as 'map dump' prints it with -j",
			what);
	while (!element_json_take(e, ']')) {
		r = n ? element_json_expect(e, ',') : 0;
		if (r == 0)
			r = read_word(e, word);
		if (r < 0)
			return r;
		if (n == size)
			return element_wrong(e, "its %s has more than %zu bytes", what,
					     size);
		if (!byte_of(word, &ret[n]))
			return element_wrong(e, "its %s has '%s' where a byte should be",
					     what, word);
		n++;
	}
	if (n < size)
		return element_wrong(e, "its %s has %zu bytes, not %zu", what, n, size);
	return 0;
}

static int read_value(struct element *e)
{
	/* {"error":"…"}: the slot could not be read. */
	if (peek_solid(e->from) == '{') {
		e->unreadable = true;
		return skip_value(e);
	}
	e->has_value = true;
	return read_bytes(e, "value", e->value, e->from->shape.value_size);
}

/* A number of ours, written out; quoted as some tools do. */
static int read_cpu_number(struct element *e, unsigned int *ret)
{
	char word[WORD_MAX], *end;
	unsigned long number;
	int r = read_word(e, word);

	if (r < 0)
		return r;
	errno = 0;
	number = strtoul(word, &end, 10);
	if (!isdigit((unsigned char)word[0]) || *end || errno)
		return element_wrong(e, "'%s' is not the number of a CPU", word);
	if (number >= e->from->shape.ncpus)
		return element_wrong(e, "it has a value for CPU %s; here there are %u",
				     word, e->from->shape.ncpus);
	*ret = (unsigned int)number;
	return 0;
}

/* The CPU in front of its value; told: which have theirs. */
static int read_cpu_value(struct element *e, unsigned int cpu, bool *told)
{
	const struct element_shape *shape = &e->from->shape;

	if (cpu == shape->ncpus)
		return element_wrong(e, "the number of its CPU must come before a value");
	if (told[cpu])
		return element_wrong(e, "it has two values for CPU %u", cpu);
	told[cpu] = true;
	return read_bytes(e, "value", e->value + cpu * shape->stride, shape->value_size);
}

/* {"cpu":0,"value":[…]} */
static int read_cpu(struct element *e, bool *told)
{
	unsigned int cpu = e->from->shape.ncpus;
	char name[WORD_MAX];
	bool first = true;
	int r = element_json_expect(e, '{');

	while (r == 0 && !element_json_take(e, '}')) {
		if (!first)
			r = element_json_expect(e, ',');
		first = false;
		if (r == 0)
			r = read_word(e, name);
		if (r == 0)
			r = element_json_expect(e, ':');
		if (r < 0)
			return r;
		if (strcmp(name, "cpu") == 0)
			r = read_cpu_number(e, &cpu);
		else if (strcmp(name, "value") == 0)
			r = read_cpu_value(e, cpu, told);
		else
			r = skip_value(e);
	}
	return r;
}

static int read_values(struct element *e)
{
	unsigned int ncpus = e->from->shape.ncpus;
	auto_free bool *told = NULL;
	bool first = true;
	int r;

	if (!ncpus)
		return element_wrong(
			e, "it has a value for each CPU; this map has one for all");
	told = xcalloc(ncpus, sizeof(*told));
	e->has_value = true;
	r = element_json_expect(e, '[');
	while (r == 0 && !element_json_take(e, ']')) {
		if (!first)
			r = element_json_expect(e, ',');
		first = false;
		if (r == 0)
			r = read_cpu(e, told);
	}
	for (unsigned int cpu = 0; r == 0 && cpu < ncpus; cpu++)
		if (!told[cpu])
			r = element_wrong(e, "it has no value for CPU %u of %u", cpu,
					  ncpus);
	return r;
}

static int element_json_read_member(struct element *e)
{
	char name[WORD_MAX];
	int r = read_word(e, name);

	if (r == 0)
		r = element_json_expect(e, ':');
	if (r < 0)
		return r;
	if (strcmp(name, "key") == 0) {
		if (e->has_key)
			return element_wrong(e, "it has two keys");
		e->has_key = true;
		return read_bytes(e, "key", e->key, e->from->shape.key_size);
	}
	if (strncmp(name, "value", 5) == 0 && (e->has_value || e->unreadable) &&
	    (!name[5] || strcmp(name, "values") == 0))
		return element_wrong(e, "it has two values");
	if (strcmp(name, "values") == 0)
		return read_values(e);
	if (strcmp(name, "value") == 0 && e->from->shape.ncpus)
		return element_wrong(e,
				     "it has one value; this map has one for each CPU");
	if (strcmp(name, "value") == 0)
		return read_value(e);
	if (strcmp(name, "elements") == 0)
		return element_wrong(
			e, "this is the dump of several maps: load one at a time");
	return skip_value(e);
}

static int element_json_read_object(struct element *e)
{
	bool first = true;
	int r = element_json_expect(e, '{');

	while (r == 0 && !element_json_take(e, '}')) {
		if (!first)
			r = element_json_expect(e, ',');
		first = false;
		if (r == 0)
			r = element_json_read_member(e);
	}
	if (r == 0 && (!e->has_key || (!e->has_value && !e->unreadable)))
		r = element_wrong(e, "it has no %s", e->has_key ? "value" : "key");
	return r;
}

/* Nothing but blanks may follow. */
static int end_json(struct element *e)
{
	e->from->ended = true;
	if (peek_solid(e->from) != EOF)
		return element_wrong(e, "something follows the end");
	return e->from->error ? element_wrong(e, "read") : 0;
}

int element_next_json(struct element *e)
{
	struct element_reader *r = e->from;
	bool first = r->element == 0;

	if (first)
		r->listed = element_json_take(e, '[');
	if (first ? r->listed && element_json_take(e, ']')
		  : !r->listed || element_json_take(e, ']'))
		return end_json(e);
	if (!first && element_json_expect(e, ',') < 0)
		return e->err->code;
	r->element++;
	return element_json_read_object(e) < 0 ? e->err->code : 1;
}
