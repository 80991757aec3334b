/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "btf/element.h"

int element_wrong(struct element *e, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (e->from->error)
		return err_set(e->err, e->from->error, "read");
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
	if (c == EOF && ferror(r->file) && !r->error)
		r->error = errno ? -errno : -EIO;
	return c;
}

void element_char_back(struct element_reader *r, int c)
{
	if (c == '\n')
		r->line--;
	if (c != EOF)
		ungetc(c, r->file);
}
