/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "def/attach_types.h"
#include "view/object_attach.h"
#include "view/object_view_private.h"
#include "view/table.h"

/* --- words --- */

const char *const object_view_dialects[] = {
	[MAPDEF_BTF] = "btf",         [MAPDEF_ELF] = "bpf_elf_map",
	[MAPDEF_DEF] = "bpf_map_def", [MAPDEF_DATA] = "data",
	[MAPDEF_KERNEL] = "kernel",
};

const char *const object_view_pinnings[] = {
	[PIN_SCOPE_NONE] = "none",     [PIN_SCOPE_OBJECT] = "object",
	[PIN_SCOPE_GLOBAL] = "global", [PIN_SCOPE_CUSTOM] = "custom",
	[PIN_SCOPE_NAME] = "name",
};

const char *const object_view_would_words[] = {
	[OBJECT_VIEW_PRIVATE] = "private",   [OBJECT_VIEW_USE] = "use",
	[OBJECT_VIEW_REUSE] = "reuse",       [OBJECT_VIEW_CREATE] = "create",
	[OBJECT_VIEW_CONFLICT] = "conflict", [OBJECT_VIEW_BLOCKED] = "blocked",
};

void object_view_add_map_type(struct strbuf *out, uint32_t type)
{
	const char *name = mapdef_type_name(type);

	if (name)
		sb_add(out, name);
	else
		sb_addf(out, "type %" PRIu32, type);
}

void object_view_add_prog_type(struct strbuf *out, uint32_t type)
{
	const char *name = prog_type_name(type);

	if (type == 0)
		sb_add(out, "unknown");
	else if (name)
		sb_add(out, name);
	else
		sb_addf(out, "type %" PRIu32, type);
}

void object_view_each_attach(const struct object_view_program *p,
			     void (*fn)(const char *name, void *ctx), void *ctx)
{
	if (p->prog_type == BPF_PROG_TYPE_SCHED_CLS)
		fn("tc", ctx);
	for (const struct attach_type *t = attach_types; t->name; t++)
		if (t->prog_type == p->prog_type &&
		    attach_type_fits_section(t, p->section))
			fn(t->name, ctx);
}

static void list_attach(const char *name, void *ctx)
{
	sb_add_sep(ctx, ", ", name);
}

/* The reason without the map's name, which stands beside it already. */
static const char *bare_reason(const struct object_view_map *m)
{
	auto_strbuf prefix = STRBUF_INIT;

	sb_addf(&prefix, "map '%s': ", m->def->name);
	if (!m->reason)
		return "";
	return m->reason +
	       (strncmp(m->reason, sb_text(&prefix), prefix.len) == 0 ? prefix.len : 0);
}

static void add_would(struct strbuf *out, const struct object_view_map *m)
{
	switch (m->would) {
	case OBJECT_VIEW_PRIVATE:
		sb_add(out, "private");
		break;
	case OBJECT_VIEW_USE:
		sb_addf(out, "use id %" PRIu32, m->id);
		break;
	case OBJECT_VIEW_REUSE:
		sb_addf(out, "reuse id %" PRIu32 " at %s", m->id, m->path);
		break;
	case OBJECT_VIEW_CREATE:
		sb_addf(out, "create and pin %s", m->path);
		break;
	case OBJECT_VIEW_CONFLICT:
	case OBJECT_VIEW_BLOCKED:
		sb_addf(out, "%s: %s", object_view_would_words[m->would], bare_reason(m));
		break;
	}
	if (m->split)
		sb_addf(out, ", %s", m->split);
	if (m->unchecked)
		sb_addf(out, ", %s", m->unchecked);
}

/* What few maps have: "id 7, inner stats"; "" for most. */
static void object_view_add_more(struct strbuf *out, const struct object_view_map *m)
{
	const struct mapdef_property *p;
	uint64_t value;
	bool present;

	if (m->def->id)
		sb_addf(out, "id %" PRIu32, m->def->id);
	if (m->inner) {
		sb_add_sep(out, ", ", "inner ");
		sb_add(out, m->inner);
	}
	for (unsigned int i = 0; (p = mapdef_property(i, m->def, &value, &present));
	     i++) {
		if (!p->rare || !present)
			continue;
		sb_add_sep(out, ", ", p->name);
		sb_addf(out, p->hex ? " 0x%" PRIx64 : " %" PRIu64, value);
	}
}

/* --- text --- */

#define auto_table auto_release(table_release) struct table

static void map_row(struct table *t, const struct object_view_map *m, bool with_more)
{
	auto_strbuf type = STRBUF_INIT, more = STRBUF_INIT, would = STRBUF_INIT;
	const struct mapdef *d = m->def;

	object_view_add_map_type(&type, d->type);
	object_view_add_more(&more, m);
	add_would(&would, m);
	table_add(t, d->name);
	table_add(t, object_view_dialects[d->dialect]);
	table_add(t, sb_text(&type));
	table_addf(t, "%" PRIu32, d->key_size);
	table_addf(t, "%" PRIu32, d->value_size);
	table_addf(t, "%" PRIu32, d->max_entries);
	table_addf(t, "0x%" PRIx32, d->map_flags);
	if (d->scope == PIN_SCOPE_CUSTOM)
		table_addf(t, "custom %" PRIu32, d->pin_id);
	else
		table_add(t, object_view_pinnings[d->scope]);
	if (with_more)
		table_add(t, more.len ? sb_text(&more) : NULL);
	table_add(t, sb_text(&would));
}

static bool object_view_has_more(const struct object_view *v)
{
	for (size_t i = 0; i < v->nr_maps; i++) {
		auto_strbuf more = STRBUF_INIT;

		object_view_add_more(&more, &v->maps[i]);
		if (more.len)
			return true;
	}
	return false;
}

static void maps_text(struct strbuf *out, const struct object_view *v, unsigned int width)
{
	static const struct table_column columns[] = {
		{"MAP", false},          {"DIALECT", false}, {"TYPE", false},
		{"KEY", true},           {"VALUE", true},    {"ENTRIES", true},
		{"FLAGS", true},         {"PINNING", false}, {"MORE", false},
		{"A LOAD WOULD", false},
	};
	/* A column that is empty in most objects is left out of them. */
	enum { MORE = 8, NR = array_size(columns) };
	struct table_column shown[NR];
	auto_table t = {.columns = shown, .nr_columns = NR};
	bool with_more = object_view_has_more(v);

	memcpy(shown, columns, sizeof(shown));
	if (!with_more) {
		shown[MORE] = columns[MORE + 1];
		t.nr_columns--;
	}
	for (size_t i = 0; i < v->nr_maps; i++)
		map_row(&t, &v->maps[i], with_more);
	table_out(&t, out, width);
}

static void programs_text(struct strbuf *out, const struct object_view *v,
			  unsigned int width)
{
	static const struct table_column columns[] = {{"PROGRAM", false},
						      {"SECTION", false},
						      {"TYPE", false},
						      {"ATTACHES TO", false}};
	auto_table t = {.columns = columns, .nr_columns = array_size(columns)};

	for (size_t i = 0; i < v->nr_programs; i++) {
		const struct object_view_program *p = &v->programs[i];
		auto_strbuf type = STRBUF_INIT, attach = STRBUF_INIT;

		object_view_add_prog_type(&type, p->prog_type);
		object_view_each_attach(p, list_attach, &attach);
		if (p->optional)
			sb_add_sep(&attach, ", ", "loaded only when asked for");
		table_add(&t, p->name);
		table_add(&t, p->section);
		table_add(&t, sb_text(&type));
		table_add(&t, attach.len ? sb_text(&attach) : NULL);
	}
	table_out(&t, out, width);
}

static void slots_text(struct strbuf *out, const struct object_view *v,
		       unsigned int width)
{
	static const struct table_column columns[] = {
		{"SLOT OF", false}, {"KEY", true}, {"HOLDS", false}, {"FROM", false}};
	auto_table t = {.columns = columns, .nr_columns = array_size(columns)};

	for (size_t i = 0; i < v->nr_slots; i++) {
		const struct object_view_slot *s = &v->slots[i];

		if (s->map)
			table_addf(&t, "map %s", s->map);
		else
			table_addf(&t, "no map here has id %" PRIu32, s->map_id);
		table_addf(&t, "%" PRIu32, s->key);
		table_addf(&t, "%s %s", s->program ? "program" : "map",
			   s->program ? s->program : s->inner);
		if (s->section)
			table_addf(&t, "section %s", s->section);
		else
			table_add(&t, "the map's definition");
	}
	table_out(&t, out, width);
}

/* A line is for looking; JSON has all of a long value. */
static void add_default(struct table *t, const char *value)
{
	enum { SHOWN = 64 };

	if (value && strlen(value) > SHOWN)
		table_addf(t, "%.*s...", SHOWN, value);
	else
		table_add(t, value);
}

static void constants_text(struct strbuf *out, const struct object_view *v,
			   unsigned int width)
{
	static const struct table_column columns[] = {{"CONSTANT", false},
						      {"SECTION", false},
						      {"TYPE", false},
						      {"DEFAULT", false},
						      {"REMARK", false}};
	auto_table t = {.columns = columns, .nr_columns = array_size(columns) - 1};

	for (size_t i = 0; i < v->nr_constants; i++)
		if (!v->constants[i].is_volatile)
			t.nr_columns = array_size(columns);
	for (size_t i = 0; i < v->nr_constants; i++) {
		const struct object_view_constant *c = &v->constants[i];

		table_add(&t, c->name);
		table_add(&t, c->section);
		table_add(&t, c->type);
		add_default(&t, c->value);
		if (t.nr_columns == array_size(columns))
			table_add(&t, c->is_volatile
					      ? NULL
					      : "not volatile: may be in the code");
	}
	table_out(&t, out, width);
}

void object_view_text(struct strbuf *out, const struct object_view *v, unsigned int width)
{
	utf8_add_visible(out, v->path);
	sb_addf(out, ": %zu map%s, %zu program%s\n", v->nr_maps,
		v->nr_maps == 1 ? "" : "s", v->nr_programs,
		v->nr_programs == 1 ? "" : "s");
	maps_text(out, v, width);
	if (v->nr_maps && v->nr_programs)
		sb_add_char(out, '\n');
	programs_text(out, v, width);
	if (v->nr_slots)
		sb_add_char(out, '\n');
	slots_text(out, v, width);
	if (v->nr_constants)
		sb_add_char(out, '\n');
	constants_text(out, v, width);
	object_attach_text(out, v);
	for (size_t i = 0; i < v->nr_maps; i++)
		if (v->maps[i].detail) {
			sb_add_char(out, '\n');
			utf8_add_visible_lines(out, v->maps[i].detail);
		}
}
