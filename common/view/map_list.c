/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "def/mapdef.h"
#include "view/map_list.h"

/* Names and types that the kernel has and this program does not are numbers. */
static void add_title(struct strbuf *text, const struct map_row *row, enum btf_form form)
{
	const char *type = mapdef_type_name(row->type);

	btf_form_name(text, form, 2, "id");
	sb_addf(text, "%" PRIu32 ",", row->id);
	btf_form_name(text, form, 2, "type");
	if (type)
		btf_form_quote(text, type);
	else
		sb_addf(text, "%" PRIu32, row->type);
	sb_add_char(text, ',');
	if (row->name[0]) {
		btf_form_name(text, form, 2, "name");
		btf_form_quote(text, row->name);
		sb_add_char(text, ',');
	}
	btf_form_name(text, form, 2, "flags");
	sb_addf(text, "%" PRIu32 ",", row->flags);
	btf_form_name(text, form, 2, "elements");
}

void map_list_title(const struct map_row *row, size_t index, enum btf_form form,
		    bool listed, struct outbuf *out)
{
	auto_strbuf text = STRBUF_INIT;

	if (listed) {
		sb_add(&text, index ? ",{" : "[{");
		add_title(&text, row, form);
	} else {
		sb_add(&text, index ? "\n" : "");
		map_view_title(row, &text);
	}
	outbuf_add(out, sb_text(&text), text.len);
}

void map_list_title_end(bool last, enum btf_form form, bool listed, struct outbuf *out)
{
	auto_strbuf text = STRBUF_INIT;

	if (!listed)
		return;
	btf_form_line(&text, form, 1);
	sb_add_char(&text, '}');
	if (last) {
		btf_form_line(&text, form, 0);
		sb_add_char(&text, ']');
	}
	outbuf_add(out, text.text, text.len);
}
