/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "load/apply_record.h"
#include "load/apply_record_private.h"

static void record_put(struct json_object **root)
{
	json_object_put(*root);
}
#define auto_record_json auto_release(record_put) struct json_object

#define FIELD(type, member, kind)                                     \
	{                                                             \
#member, RECORD_##kind, offsetof(struct type, member) \
	}

const struct record_field record_identity_fields[] = {
	FIELD(apply_identity, id, U32),
	FIELD(apply_identity, load_time, U64),
	FIELD(apply_identity, tag, TAG),
	{NULL},
};

const struct record_field record_program_fields[] = {
	FIELD(apply_loaded_program, function, TEXT),
	FIELD(apply_loaded_program, type, U32),
	{NULL},
};

const struct record_field record_map_fields[] = {
	FIELD(apply_loaded_map, name, TEXT),
	FIELD(apply_loaded_map, pin, OPTIONAL),
	FIELD(apply_loaded_map, id, U32),
	{NULL},
};

const struct record_field record_slot_fields[] = {
	FIELD(apply_loaded_slot, map_id, U32),
	FIELD(apply_loaded_slot, key, U32),
	FIELD(apply_loaded_slot, prog_id, U32),
	{NULL},
};

const struct record_field record_load_fields[] = {
	FIELD(apply_load, object, TEXT),
	FIELD(apply_load, sha1, TEXT),
	FIELD(apply_load, settings, TEXT),
	{NULL},
};

const struct record_field record_made_fields[] = {
	FIELD(apply_made, object, TEXT),
	FIELD(apply_made, function, TEXT),
	{NULL},
};

const struct record_field record_tc_fields[] = {
	FIELD(apply_made, netns, TEXT),   FIELD(apply_made, netns_ino, U64),
	FIELD(apply_made, dev, PLACE),    FIELD(apply_made, ifindex, INT),
	FIELD(apply_made, parent, U32),   FIELD(apply_made, chain, U32),
	FIELD(apply_made, pref, U16),     FIELD(apply_made, handle, U32),
	FIELD(apply_made, protocol, U16), FIELD(apply_made, direct_action, BOOL),
	FIELD(apply_made, tcx, FLAG),     {NULL},
};

const struct record_field record_cgroup_fields[] = {
	FIELD(apply_made, cgroup, PLACE),    FIELD(apply_made, cgroup_id, U64),
	FIELD(apply_made, attach_type, U32), FIELD(apply_made, mode, U32),
	FIELD(apply_made, pin, OPTIONAL),    {NULL},
};

const struct record_field record_head_fields[] = {
	FIELD(apply_record, name, TEXT),
	FIELD(apply_record, boot, TEXT),
	FIELD(apply_record, netns, U64),
	FIELD(apply_record, bpffs, U64),
	{NULL},
};

_Static_assert(sizeof(enum apply_mode) == sizeof(uint32_t), "stored as a number");

const size_t record_kind_size[] = {
	[RECORD_U16] = sizeof(uint16_t), [RECORD_U32] = sizeof(uint32_t),
	[RECORD_U64] = sizeof(uint64_t), [RECORD_INT] = sizeof(int),
	[RECORD_BOOL] = sizeof(bool),    [RECORD_FLAG] = sizeof(bool),
	[RECORD_TAG] = APPLY_TAG_LEN,
};

static struct json_object *record_tag(const uint8_t tag[APPLY_TAG_LEN])
{
	char hex[2 * APPLY_TAG_LEN + 1];

	for (size_t i = 0; i < APPLY_TAG_LEN; i++)
		sprintf(hex + 2 * i, "%02x", tag[i]);
	return json_object_new_string(hex);
}

static struct json_object *record_value(const struct record_field *f, const void *at)
{
	switch (f->kind) {
	case RECORD_TEXT:
	case RECORD_PLACE:
	case RECORD_OPTIONAL:
		return json_object_new_string(*(char *const *)at);
	case RECORD_U16:
		return json_object_new_int(*(const uint16_t *)at);
	case RECORD_U32:
		return json_object_new_int64(*(const uint32_t *)at);
	case RECORD_U64:
		return json_object_new_uint64(*(const uint64_t *)at);
	case RECORD_INT:
		return json_object_new_int(*(const int *)at);
	case RECORD_BOOL:
	case RECORD_FLAG:
		return json_object_new_boolean(*(const bool *)at);
	case RECORD_TAG:
		return record_tag(at);
	}
	return NULL;
}

static bool record_says(const struct record_field *f, const void *at, const void *before)
{
	switch (f->kind) {
	case RECORD_PLACE:
		return true;
	case RECORD_OPTIONAL:
		return *(char *const *)at;
	case RECORD_FLAG:
		return *(const bool *)at;
	case RECORD_TEXT:
		return !before || strcmp(*(char *const *)at, *(char *const *)before) != 0;
	default:
		return !before || memcmp(at, before, record_kind_size[f->kind]) != 0;
	}
}

/* before: what stands in front of it in the same list; NULL: nothing that is like it. */
static void record_add(struct json_object *to, const struct record_field *f,
		       const void *base, const void *before)
{
	for (; f->name; f++) {
		const void *at = (const char *)base + f->offset;

		if (record_says(f, at, before ? (const char *)before + f->offset : NULL))
			json_object_object_add(to, f->name, record_value(f, at));
	}
}

static struct json_object *record_item(struct json_object *list)
{
	struct json_object *item = json_object_new_object();

	json_object_array_add(list, item);
	return item;
}

static struct json_object *record_list(struct json_object *to, const char *name)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(to, name, list);
	return list;
}

static void record_write_load(struct json_object *to, const struct apply_load *load)
{
	struct json_object *list;

	record_add(to, record_load_fields, load, NULL);
	list = record_list(to, "programs");
	for (size_t i = 0; i < load->nr_programs; i++) {
		struct json_object *item = record_item(list);

		record_add(item, record_program_fields, &load->programs[i], NULL);
		record_add(item, record_identity_fields, &load->programs[i].is, NULL);
	}
	list = record_list(to, "maps");
	for (size_t i = 0; i < load->nr_maps; i++)
		record_add(record_item(list), record_map_fields, &load->maps[i], NULL);
	list = record_list(to, "slots");
	for (size_t i = 0; i < load->nr_slots; i++)
		record_add(record_item(list), record_slot_fields, &load->slots[i], NULL);
}

const struct apply_made *record_made_before(const struct apply_record *record,
					    size_t index)
{
	const struct apply_made *made = &record->made[index];

	return index && made[-1].is_tc == made->is_tc ? made - 1 : NULL;
}

void apply_record_write(const struct apply_record *record, struct strbuf *out)
{
	auto_record_json *root = json_object_new_object();
	struct json_object *list;

	json_object_object_add(root, "version", json_object_new_int(RECORD_VERSION));
	record_add(root, record_head_fields, record, NULL);
	list = record_list(root, "loads");
	for (size_t i = 0; i < record->nr_loads; i++)
		record_write_load(record_item(list), &record->loads[i]);
	list = record_list(root, "made");
	for (size_t i = 0; i < record->nr_made; i++) {
		const struct apply_made *made = &record->made[i];
		const struct apply_made *before = record_made_before(record, i);
		struct json_object *item = record_item(list);

		record_add(item, record_made_fields, made, before);
		record_add(item, record_identity_fields, &made->is,
			   before ? &before->is : NULL);
		record_add(item, made->is_tc ? record_tc_fields : record_cgroup_fields,
			   made, before);
	}
	sb_add(out,
	       json_object_to_json_string_ext(
		       root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	sb_add_char(out, '\n');
}
