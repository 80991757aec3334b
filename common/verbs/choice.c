/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "def/mapdef.h"
#include "verbs/choice.h"

enum { LINE_MAX_COLUMNS = 80 };

void choice_begin(struct choice *c, const char *placeholder, struct strbuf *out)
{
	*c = (struct choice){.out = out};
	sb_addf(out, "\n%s := {", placeholder);
	c->indent = strlen(placeholder) + strlen(" := {");
	c->column = c->indent;
}

void choice_add(struct choice *c, const char *word)
{
	size_t n = strlen(word) + strlen(" ") + strlen(" |");

	if (c->nr++) {
		sb_add(c->out, " |");
		c->column += strlen(" |");
	}
	if (c->column + n > LINE_MAX_COLUMNS) {
		sb_addf(c->out, "\n%*s", (int)c->indent, "");
		c->column = c->indent;
	}
	sb_addf(c->out, " %s", word);
	c->column += strlen(word) + 1;
}

void choice_end(struct choice *c)
{
	sb_add(c->out, " }\n");
}

void choice_map_types(struct strbuf *out)
{
	struct choice c;

	choice_begin(&c, "TYPE", out);
	/* Number 0 is no type. */
	for (uint32_t type = 1; mapdef_type_name(type); type++)
		choice_add(&c, mapdef_type_name(type));
	choice_end(&c);
}
