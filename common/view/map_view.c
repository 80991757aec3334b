/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>

#include "base/utf8.h"
#include "def/attach_types.h"
#include "def/mapdef.h"
#include "view/json_out.h"
#include "view/map_view.h"

void map_view_title(const struct map_row *row, struct strbuf *out)
{
	const char *type = mapdef_type_name(row->type);
	auto_strbuf scratch = STRBUF_INIT;

	if (type)
		sb_addf(out, "%" PRIu32 ": %s  ", row->id, type);
	else
		sb_addf(out, "%" PRIu32 ": type %" PRIu32 "  ", row->id, row->type);
	if (row->name[0])
		sb_addf(out, "name %s  ", utf8_visible(row->name, &scratch));
	sb_addf(out, "flags 0x%" PRIx32 "\n", row->flags);
}

static void add_owner(const struct map_row *row, struct strbuf *out)
{
	const char *type = prog_type_name((uint32_t)row->owner_prog_type);

	if (type)
		sb_addf(out, "\n\towner_prog_type %s  ", type);
	else
		sb_addf(out, "\n\towner_prog_type %d  ", row->owner_prog_type);
	sb_add(out, row->owner_jited ? "owner jited" : "owner not jited");
}

void map_view_row(const struct map_row *row, struct strbuf *out)
{
	auto_strbuf scratch = STRBUF_INIT;

	map_view_title(row, out);
	sb_addf(out, "\tkey %" PRIu32 "B  value %" PRIu32 "B  max_entries %" PRIu32,
		row->key_size, row->value_size, row->max_entries);
	if (row->memlock >= 0)
		sb_addf(out, "  memlock %" PRId64 "B", row->memlock);
	if (row->owner_prog_type >= 0)
		add_owner(row, out);
	sb_add_char(out, '\n');
	for (size_t i = 0; i < row->nr_pins; i++)
		sb_addf(out, "\tpinned %s\n", utf8_visible(row->pins[i], &scratch));
	if (row->btf_id)
		sb_addf(out, "\tbtf_id %" PRIu32 "%s\n", row->btf_id,
			row->frozen ? "  frozen" : "");
	else if (row->frozen)
		sb_add(out, "\tfrozen\n");
}

static void map_view_add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

/* The name where there is one, else the number. */
static void map_view_add_word(struct json_object *o, const char *name, const char *word,
			      uint64_t value)
{
	if (word)
		json_object_object_add(o, name, json_object_new_string(word));
	else
		map_view_add_number(o, name, value);
}

struct json_object *map_view_row_json(const struct map_row *row)
{
	struct json_object *o = json_object_new_object(), *pins;

	map_view_add_number(o, "id", row->id);
	map_view_add_word(o, "type", mapdef_type_name(row->type), row->type);
	if (row->name[0])
		json_object_object_add(o, "name", json_out_string(row->name));
	map_view_add_number(o, "flags", row->flags);
	map_view_add_number(o, "bytes_key", row->key_size);
	map_view_add_number(o, "bytes_value", row->value_size);
	map_view_add_number(o, "max_entries", row->max_entries);
	if (row->memlock >= 0)
		map_view_add_number(o, "bytes_memlock", (uint64_t)row->memlock);
	if (row->owner_prog_type >= 0) {
		map_view_add_word(o, "owner_prog_type",
				  prog_type_name((uint32_t)row->owner_prog_type),
				  (uint64_t)row->owner_prog_type);
		json_object_object_add(o, "owner_jited",
				       json_object_new_boolean(row->owner_jited));
	}
	map_view_add_number(o, "frozen", row->frozen);
	if (row->btf_id)
		map_view_add_number(o, "btf_id", row->btf_id);
	if (row->with_pins) {
		pins = json_object_new_array();
		for (size_t i = 0; i < row->nr_pins; i++)
			json_object_array_add(pins, json_out_string(row->pins[i]));
		json_object_object_add(o, "pinned", pins);
	}
	return o;
}
