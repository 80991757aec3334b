/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "btf/element.h"

static int element_hex_digit_of(int c)
{
	if (!isxdigit(c))
		return -1;
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

static bool at_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int skip_blanks(struct element_reader *r)
{
	int c;

	do {
		c = element_char(r);
	} while (at_blank(c));
	element_char_back(r, c);
	return c;
}

static int read_hex(struct element *e, const char *what, unsigned char *ret, size_t size)
{
	size_t n = 0;
	int c;

	skip_blanks(e->from);
	for (;; n++) {
		int high, low;

		c = element_char(e->from);
		if (c == EOF || at_blank(c) || c == '\n' || c == '#')
			break;
		high = element_hex_digit_of(c);
		low = high < 0 ? -1 : element_hex_digit_of(element_char(e->from));
		if (high < 0 || low < 0)
			return element_wrong(
				e, "its %s is not a row of pairs of hex digits", what);
		if (n == size)
			return element_wrong(e, "its %s has more than %zu bytes", what,
					     size);
		ret[n] = (unsigned char)(high << 4 | low);
	}
	element_char_back(e->from, c);
	return n == size
		       ? 0
		       : element_wrong(e, "its %s has %zu bytes, not %zu", what, n, size);
}

static bool at_line_end(int c)
{
	return c == '\n' || c == '#' || c == EOF;
}

static int read_hex_values(struct element *e)
{
	const struct element_shape *shape = &e->from->shape;
	int r = read_hex(e, "value", e->value, shape->value_size);

	if (r < 0 || !shape->ncpus)
		return r;
	if (at_line_end(skip_blanks(e->from))) {
		for (unsigned int cpu = 1; cpu < shape->ncpus; cpu++)
			memcpy(e->value + cpu * shape->stride, e->value,
			       shape->value_size);
		return 0;
	}
	for (unsigned int cpu = 1; r == 0 && cpu < shape->ncpus; cpu++)
		r = read_hex(e, "value", e->value + cpu * shape->stride,
			     shape->value_size);
	return r;
}

static void skip_line(struct element_reader *r)
{
	int c;

	do {
		c = element_char(r);
	} while (c != '\n' && c != EOF);
}

int element_next_hex(struct element *e)
{
	struct element_reader *r = e->from;
	int c;

	while ((c = skip_blanks(r)) == '#' || c == '\n')
		skip_line(r);
	if (c == EOF) {
		r->ended = true;
		return r->error ? element_wrong(e, "read") : 0;
	}
	r->element++;
	if (read_hex(e, "key", e->key, r->shape.key_size) < 0 || read_hex_values(e) < 0)
		return e->err->code;
	if (!at_line_end(skip_blanks(r)))
		return element_wrong(
			e, "there is more on the line than a key and its value");
	skip_line(r);
	return 1;
}
