/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "btf/element_reader_private.h"

int element_wrong(struct element *e, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (ferror(e->from->file))
		return err_set(e->err, -EIO, "read");
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_say(e->err, -EINVAL, "element %" PRIu64 " (line %" PRIu64 "): %s",
		       e->from->element, e->from->line, text);
}

int element_char(struct element_reader *r)
{
	int c = getc_unlocked(r->file);

	if (c == '\n')
		r->line++;
	return c;
}

void element_char_back(struct element_reader *r, int c)
{
	if (c == '\n')
		r->line--;
	if (c != EOF)
		ungetc(c, r->file);
}

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
