/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <string.h>

#include "format/attach_types.h"
#include "format/mapdef.h"
#include "view/json_out.h"
#include "view/map_view.h"

enum {
	LINE_BYTES = 16,     /* of hex on one line */
	ONE_LINE_BYTES = 24, /* key and value together, to share a line */
};

void map_view_title(const struct map_row *row, struct strbuf *out)
{
	const char *type = mapdef_type_name(row->type);

	if (type)
		sb_addf(out, "%" PRIu32 ": %s  ", row->id, type);
	else
		sb_addf(out, "%" PRIu32 ": type %" PRIu32 "  ", row->id, row->type);
	if (row->name[0])
		sb_addf(out, "name %s  ", row->name);
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
	map_view_title(row, out);
	sb_addf(out, "\tkey %" PRIu32 "B  value %" PRIu32 "B  max_entries %" PRIu32,
		row->key_size, row->value_size, row->max_entries);
	if (row->memlock)
		sb_addf(out, "  memlock %" PRIu64 "B", row->memlock);
	if (row->owner_prog_type >= 0)
		add_owner(row, out);
	sb_add_char(out, '\n');
	for (size_t i = 0; i < row->nr_pins; i++)
		sb_addf(out, "\tpinned %s\n", row->pins[i]);
	if (row->btf_id)
		sb_addf(out, "\tbtf_id %" PRIu32 "%s\n", row->btf_id,
			row->frozen ? "  frozen" : "");
	else if (row->frozen)
		sb_add(out, "\tfrozen\n");
}

static void add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

/* The name where there is one, else the number. */
static void add_word(struct json_object *o, const char *name, const char *word,
		     uint64_t value)
{
	if (word)
		json_object_object_add(o, name, json_object_new_string(word));
	else
		add_number(o, name, value);
}

static struct json_object *title_json(const struct map_row *row)
{
	struct json_object *o = json_object_new_object();

	add_number(o, "id", row->id);
	add_word(o, "type", mapdef_type_name(row->type), row->type);
	if (row->name[0])
		json_object_object_add(o, "name", json_out_string(row->name));
	add_number(o, "flags", row->flags);
	return o;
}

struct json_object *map_view_dump_json(const struct map_row *row,
				       struct json_object *elements)
{
	struct json_object *o = title_json(row);

	json_object_object_add(o, "elements", elements);
	return o;
}

struct json_object *map_view_row_json(const struct map_row *row)
{
	struct json_object *o = title_json(row), *pins;

	add_number(o, "bytes_key", row->key_size);
	add_number(o, "bytes_value", row->value_size);
	add_number(o, "max_entries", row->max_entries);
	if (row->memlock)
		add_number(o, "bytes_memlock", row->memlock);
	if (row->owner_prog_type >= 0) {
		add_word(o, "owner_prog_type",
			 prog_type_name((uint32_t)row->owner_prog_type),
			 (uint64_t)row->owner_prog_type);
		json_object_object_add(o, "owner_jited",
				       json_object_new_boolean(row->owner_jited));
	}
	add_number(o, "frozen", row->frozen);
	if (row->btf_id)
		add_number(o, "btf_id", row->btf_id);
	if (row->with_pins) {
		pins = json_object_new_array();
		for (size_t i = 0; i < row->nr_pins; i++)
			json_object_array_add(pins, json_out_string(row->pins[i]));
		json_object_object_add(o, "pinned", pins);
	}
	return o;
}

static const char digits[] = "0123456789abcdef";

/* "00 01 … 07  08 … 0f", LINE_BYTES a line; no newline at the end. */
static void add_hex(const void *bytes, size_t n, struct strbuf *out)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++) {
		char two[2] = {digits[b[i] >> 4], digits[b[i] & 15]};

		if (i % LINE_BYTES == 0)
			sb_add(out, i ? "\n" : "");
		else
			sb_add(out, i % 8 == 0 ? "  " : " ");
		sb_add_mem(out, two, sizeof(two));
	}
}

/* ["0x00","0x01"] */
static void add_hex_list(const void *bytes, size_t n, struct strbuf *out)
{
	const unsigned char *b = bytes;

	sb_add_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		char item[] = {',', '"', '0', 'x', digits[b[i] >> 4], digits[b[i] & 15],
			       '"'};

		sb_add_mem(out, item + (i == 0), sizeof(item) - (i == 0));
	}
	sb_add_char(out, ']');
}

static const char *absence(uint32_t type, int error)
{
	if (error == -ENOENT)
		return "<no entry>";
	/* Sockets are read as 8-byte cookies only. */
	if (error == -ENOSPC && type == BPF_MAP_TYPE_REUSEPORT_SOCKARRAY)
		return "<cannot read>";
	return strerror(-error);
}

static void add_percpu(const struct map_shape *shape, const void *key, const char *value,
		       struct strbuf *out)
{
	sb_add(out, "key:\n");
	add_hex(key, shape->key_size, out);
	sb_add_char(out, '\n');
	for (unsigned int cpu = 0; cpu < shape->ncpus; cpu++) {
		sb_addf(out, "value (CPU %02u):%c", cpu,
			shape->value_size > LINE_BYTES ? '\n' : ' ');
		add_hex(value + cpu * shape->stride, shape->value_size, out);
		sb_add_char(out, '\n');
	}
}

void map_view_element(const struct map_shape *shape, const void *key, const void *value,
		      int error, struct strbuf *out)
{
	const char *words = value ? NULL : absence(shape->type, error);
	size_t value_size = words ? strlen(words) : shape->value_size;
	bool tall = shape->key_size > LINE_BYTES || value_size > LINE_BYTES;
	bool one_line = !tall && shape->key_size + value_size <= ONE_LINE_BYTES;
	char behind = tall ? '\n' : ' ';

	if (value && shape->ncpus) {
		add_percpu(shape, key, value, out);
		return;
	}
	if (shape->key_size) {
		sb_addf(out, "key:%c", behind);
		add_hex(key, shape->key_size, out);
		sb_add(out, one_line ? "  " : "\n");
	}
	if (value_size) {
		sb_addf(out, "value:%c", behind);
		if (words)
			sb_add(out, words);
		else
			add_hex(value, value_size, out);
	}
	sb_add_char(out, '\n');
}

static struct json_object *bytes_json(const void *bytes, size_t n)
{
	struct json_object *list = json_object_new_array_ext((int)n);
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++) {
		char text[8];

		snprintf(text, sizeof(text), "0x%02x", b[i]);
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static struct json_object *percpu_json(const struct map_shape *shape, const char *value)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int cpu = 0; cpu < shape->ncpus; cpu++) {
		struct json_object *o = json_object_new_object();

		add_number(o, "cpu", cpu);
		json_object_object_add(o, "value",
				       bytes_json(value + cpu * shape->stride,
						  shape->value_size));
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *map_view_element_json(const struct map_shape *shape, const void *key,
					  const void *value, int error)
{
	struct json_object *o = json_object_new_object(), *why;

	json_object_object_add(o, "key", bytes_json(key, shape->key_size));
	if (!value) {
		why = json_object_new_object();
		json_object_object_add(why, "error",
				       json_object_new_string(strerror(-error)));
		json_object_object_add(o, "value", why);
	} else if (shape->ncpus) {
		json_object_object_add(o, "values", percpu_json(shape, value));
	} else {
		json_object_object_add(o, "value", bytes_json(value, shape->value_size));
	}
	return o;
}

void map_view_element_compact(const struct map_shape *shape, const void *key,
			      const void *value, int error, struct strbuf *out)
{
	sb_add(out, "{\"key\":");
	add_hex_list(key, shape->key_size, out);
	if (!value) {
		/* We never leave the C locale, whose messages need no escaping. */
		sb_addf(out, ",\"value\":{\"error\":\"%s\"}", strerror(-error));
	} else if (shape->ncpus) {
		sb_add(out, ",\"values\":[");
		for (unsigned int cpu = 0; cpu < shape->ncpus; cpu++) {
			sb_addf(out, "%s{\"cpu\":%u,\"value\":", cpu ? "," : "", cpu);
			add_hex_list((const char *)value + cpu * shape->stride,
				     shape->value_size, out);
			sb_add_char(out, '}');
		}
		sb_add_char(out, ']');
	} else {
		sb_add(out, ",\"value\":");
		add_hex_list(value, shape->value_size, out);
	}
	sb_add_char(out, '}');
}

void map_view_not_found(const struct map_shape *shape, const void *key,
			struct strbuf *out)
{
	sb_add(out, "key:\n");
	add_hex(key, shape->key_size, out);
	sb_add(out, "\n\nNot found\n");
}

void map_view_count(uint64_t nr, struct strbuf *out)
{
	sb_addf(out, "Found %" PRIu64 " element%s\n", nr, nr == 1 ? "" : "s");
}
