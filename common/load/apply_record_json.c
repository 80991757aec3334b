/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Written as it goes: a record of many places is the most of what a run has to write. */
#include "base/digits.h"
#include "load/apply_record.h"
#include "load/apply_record_private.h"

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
	FIELD(apply_made, dev, TEXT),     FIELD(apply_made, ifindex, INT),
	FIELD(apply_made, parent, U32),   FIELD(apply_made, chain, U32),
	FIELD(apply_made, pref, U16),     FIELD(apply_made, handle, U32),
	FIELD(apply_made, protocol, U16), FIELD(apply_made, direct_action, BOOL),
	FIELD(apply_made, tcx, FLAG),     {NULL},
};

const struct record_field record_cgroup_fields[] = {
	FIELD(apply_made, cgroup, TEXT),     FIELD(apply_made, cgroup_id, U64),
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

static void record_add_text(struct strbuf *out, const char *text)
{
	sb_add_char(out, '"');
	while (*text) {
		size_t n = 0;

		while ((unsigned char)text[n] >= ' ' && text[n] != '"' && text[n] != '\\')
			n++;
		sb_add_mem(out, text, n);
		text += n;
		if (!*text)
			break;
		if ((unsigned char)*text < ' ')
			sb_addf(out, "\\u%04x", (unsigned char)*text);
		else
			sb_add_mem(out, (const char[]){'\\', *text}, 2);
		text++;
	}
	sb_add_char(out, '"');
}

static void record_add_number(struct strbuf *out, uint64_t number)
{
	char text[DIGITS_MAX];

	sb_add_mem(out, text, (size_t)(digits_u64(text, number) - text));
}

static void record_add_tag(struct strbuf *out, const uint8_t tag[APPLY_TAG_LEN])
{
	char hex[2 * APPLY_TAG_LEN], *p = hex;

	for (size_t i = 0; i < APPLY_TAG_LEN; i++)
		p = digits_hex_byte(p, tag[i]);
	sb_add_char(out, '"');
	sb_add_mem(out, hex, sizeof(hex));
	sb_add_char(out, '"');
}

static void record_add_value(struct strbuf *out, const struct record_field *f,
			     const void *at)
{
	switch (f->kind) {
	case RECORD_TEXT:
	case RECORD_OPTIONAL:
		record_add_text(out, *(char *const *)at);
		break;
	case RECORD_U16:
		record_add_number(out, *(const uint16_t *)at);
		break;
	case RECORD_U32:
		record_add_number(out, *(const uint32_t *)at);
		break;
	case RECORD_U64:
		record_add_number(out, *(const uint64_t *)at);
		break;
	case RECORD_INT:
		record_add_number(out, (uint64_t) * (const int *)at);
		break;
	case RECORD_BOOL:
	case RECORD_FLAG:
		sb_add(out, *(const bool *)at ? "true" : "false");
		break;
	case RECORD_TAG:
		record_add_tag(out, at);
		break;
	}
}

/* What follows is an item or a member: a comma, unless it is the first one. */
static void record_separate(struct strbuf *out)
{
	const char last = sb_text(out)[out->len - 1];

	if (last != '{' && last != '[')
		sb_add_char(out, ',');
}

static void record_add_key(struct strbuf *out, const char *key)
{
	record_separate(out);
	sb_add_char(out, '"');
	sb_add(out, key);
	sb_add_mem(out, "\":", 2);
}

static void record_add(struct strbuf *out, const struct record_field *f, const void *base)
{
	for (; f->name; f++) {
		const void *at = (const char *)base + f->offset;

		if (f->kind == RECORD_FLAG
			    ? !*(const bool *)at
			    : f->kind == RECORD_OPTIONAL && !*(char *const *)at)
			continue;
		record_add_key(out, f->name);
		record_add_value(out, f, at);
	}
}

static void record_open_item(struct strbuf *out)
{
	record_separate(out);
	sb_add_char(out, '{');
}

static void record_open_list(struct strbuf *out, const char *key)
{
	record_add_key(out, key);
	sb_add_char(out, '[');
}

static void record_write_load(struct strbuf *out, const struct apply_load *load)
{
	record_open_item(out);
	record_add(out, record_load_fields, load);
	record_open_list(out, "programs");
	for (size_t i = 0; i < load->nr_programs; i++) {
		record_open_item(out);
		record_add(out, record_program_fields, &load->programs[i]);
		record_add(out, record_identity_fields, &load->programs[i].is);
		sb_add_char(out, '}');
	}
	sb_add_char(out, ']');
	record_open_list(out, "maps");
	for (size_t i = 0; i < load->nr_maps; i++) {
		record_open_item(out);
		record_add(out, record_map_fields, &load->maps[i]);
		sb_add_char(out, '}');
	}
	sb_add_char(out, ']');
	record_open_list(out, "slots");
	for (size_t i = 0; i < load->nr_slots; i++) {
		record_open_item(out);
		record_add(out, record_slot_fields, &load->slots[i]);
		sb_add_char(out, '}');
	}
	sb_add(out, "]}");
}

void apply_record_write(const struct apply_record *record, struct strbuf *out)
{
	sb_add(out, "{\"version\":");
	record_add_number(out, RECORD_VERSION);
	record_add(out, record_head_fields, record);
	record_open_list(out, "loads");
	for (size_t i = 0; i < record->nr_loads; i++)
		record_write_load(out, &record->loads[i]);
	sb_add_char(out, ']');
	record_open_list(out, "made");
	for (size_t i = 0; i < record->nr_made; i++) {
		const struct apply_made *made = &record->made[i];

		record_open_item(out);
		record_add(out, record_made_fields, made);
		record_add(out, record_identity_fields, &made->is);
		record_add(out, made->is_tc ? record_tc_fields : record_cgroup_fields,
			   made);
		sb_add_char(out, '}');
	}
	sb_add(out, "]}\n");
}
