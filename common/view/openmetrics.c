/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>

#include "view/openmetrics.h"

static void add_clean(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		sb_add_char(out, c < 0x80 && isalnum(c) ? *text : '_');
	}
}

void openmetrics_name(const char *prefix, const char *map, const char *field,
		      struct strbuf *name, struct strbuf *index)
{
	sb_add(name, prefix);
	sb_add_char(name, '_');
	add_clean(name, map);
	if (*field != '[')
		sb_add_char(name, '_');
	for (; *field; field++) {
		char c[] = {*field == '.' ? '_' : *field, '\0'};

		if (*field != '[') {
			add_clean(name, c);
			continue;
		}
		if (index->len)
			sb_add_char(index, ',');
		for (field++; *field && *field != ']'; field++)
			sb_add_char(index, *field);
		if (!*field)
			return;
	}
}

void openmetrics_family(const char *name, const char *help, struct strbuf *out)
{
	sb_addf(out, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
}

void openmetrics_label(const char *name, const char *text, bool first, struct strbuf *out)
{
	sb_addf(out, "%c%s=\"", first ? '{' : ',', name);
	for (; *text; text++) {
		if (*text == '\n')
			sb_add(out, "\\n");
		else if (*text == '"' || *text == '\\')
			sb_addf(out, "\\%c", *text);
		else
			sb_add_char(out, *text);
	}
	sb_add_char(out, '"');
}
