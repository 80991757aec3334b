/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "view/btf_form.h"

void btf_form_line(struct strbuf *text, enum btf_form form, unsigned int depth)
{
	if (form == BTF_JSON)
		return;
	sb_add_char(text, '\n');
	for (unsigned int i = 0; i < depth; i++)
		sb_add(text, "    ");
}

/* BTF names are identifiers, section names nearly so; a hostile one stays valid JSON. */
void btf_form_quote(struct strbuf *text, const char *name)
{
	sb_add_char(text, '"');
	for (; name && *name; name++) {
		unsigned char byte = (unsigned char)*name;

		if (byte == '"' || byte == '\\')
			sb_addf(text, "\\%c", byte);
		else if (byte < 0x20 || byte >= 0x7f)
			sb_addf(text, "\\u00%02x", byte);
		else
			sb_add_char(text, (char)byte);
	}
	sb_add_char(text, '"');
}

void btf_form_name(struct strbuf *text, enum btf_form form, unsigned int depth,
		   const char *name)
{
	btf_form_line(text, form, depth);
	btf_form_quote(text, name);
	sb_add(text, form == BTF_JSON ? ":" : ": ");
}
