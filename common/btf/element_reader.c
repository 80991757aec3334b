/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "btf/element.h"

/* Blanks in front mean nothing in either. */
static int format_of(struct element_reader *r)
{
	int c;

	do {
		c = element_char(r);
	} while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
	element_char_back(r, c);
	return c == '[' || c == '{' ? ELEMENTS_JSON : ELEMENTS_HEX;
}

void element_reader_init(struct element_reader *ret, FILE *file,
			 const struct element_shape *shape)
{
	*ret = (struct element_reader){.file = file, .shape = *shape, .line = 1};
}

int element_reader_next(struct element_reader *reader, void *key, void *value,
			struct err *err)
{
	const struct element_shape *shape = &reader->shape;
	size_t values = shape->ncpus ? shape->ncpus * shape->stride : shape->value_size;
	struct element e;
	int r;

	do {
		e = (struct element){
			.from = reader,
			.key = key,
			.value = value,
			.err = err,
		};
		if (reader->ended)
			return 0;
		if (reader->format == ELEMENTS_UNKNOWN)
			reader->format = format_of(reader);
		memset(value, 0, values);
		r = reader->format == ELEMENTS_JSON ? element_next_json(&e)
						    : element_next_hex(&e);
	} while (r == 1 && e.unreadable);
	return r;
}
