/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "view/event_view.h"

static void event_view_add_text(const struct event_row *row, struct strbuf *out)
{
	const uint64_t second = 1000000000;

	if (!row->data) {
		sb_addf(out, "lost %" PRIu64 " events\n", row->lost);
		return;
	}
	sb_addf(out, "== @%" PRIu64 ".%09" PRIu64 " CPU: %d index: %d =====\n",
		row->time / second, row->time % second, row->cpu, row->index);
	for (size_t i = 0; i < row->size; i++)
		sb_addf(out, "%s%02x",
			i == 0        ? ""
			: i % 16 == 0 ? "\n"
			: i % 8       ? " "
				      : "  ",
			row->data[i]);
	sb_add_char(out, '\n');
}

static void event_view_add_number(struct strbuf *out, enum btf_form form,
				  const char *name, uint64_t value)
{
	btf_form_name(out, form, 2, name);
	sb_addf(out, "%" PRIu64 ",", value);
}

void event_view(const struct event_row *row, enum btf_form form, bool first,
		struct strbuf *out)
{
	if (form == BTF_TEXT) {
		event_view_add_text(row, out);
		return;
	}
	if (!first)
		sb_add_char(out, ',');
	sb_add_char(out, '{');
	event_view_add_number(out, form, "type", row->type);
	event_view_add_number(out, form, "cpu", (uint64_t)row->cpu);
	event_view_add_number(out, form, "index", (uint64_t)row->index);
	if (row->data) {
		event_view_add_number(out, form, "timestamp", row->time);
		btf_form_name(out, form, 2, "data");
		sb_add_char(out, '[');
		for (size_t i = 0; i < row->size; i++)
			sb_addf(out, "%s%u", i ? "," : "", row->data[i]);
		if (row->size)
			btf_form_line(out, form, 2);
		sb_add_char(out, ']');
	} else {
		btf_form_name(out, form, 2, "lost");
		sb_add_char(out, '{');
		btf_form_name(out, form, 3, "id");
		sb_addf(out, "%" PRIu64 ",", row->lost_id);
		btf_form_name(out, form, 3, "count");
		sb_addf(out, "%" PRIu64, row->lost);
		btf_form_line(out, form, 2);
		sb_add_char(out, '}');
	}
	btf_form_line(out, form, 1);
	sb_add_char(out, '}');
}

void event_view_end(enum btf_form form, bool any, struct strbuf *out)
{
	if (form == BTF_TEXT)
		return;
	if (any)
		btf_form_line(out, form, 0);
	sb_add(out, "]\n");
}
