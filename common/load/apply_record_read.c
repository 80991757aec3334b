/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_scan.h"
#include "def/attach_types.h"
#include "load/apply_record.h"
#include "load/apply_record_private.h"
#include "netlink/nl_filter.h"

enum {
	RECORD_DEPTH = 8, /* deeper than any record */
	RECORD_SHOWN = 80,
};

static bool record_read_tag(uint8_t tag[APPLY_TAG_LEN],
			    const struct json_scan_item *value)
{
	if (value->kind != JSON_SCAN_TEXT || value->size != (size_t)2 * APPLY_TAG_LEN)
		return false;
	for (size_t i = 0; i < value->size; i++) {
		const char c = value->at[i];
		const int digit = c >= '0' && c <= '9'   ? c - '0'
				  : c >= 'a' && c <= 'f' ? c - 'a' + 10
							 : -1;

		if (digit < 0)
			return false;
		tag[i / 2] = (uint8_t)(tag[i / 2] << 4 | digit);
	}
	return true;
}

static bool record_read_value(const struct record_field *f,
			      const struct json_scan_item *value, void *at)
{
	uint64_t number = 0;

	switch (f->kind) {
	case RECORD_TEXT:
	case RECORD_OPTIONAL:
		*(char **)at = json_scan_text(value);
		return *(char **)at;
	case RECORD_BOOL:
	case RECORD_FLAG:
		*(bool *)at = json_scan_is(value, "true");
		return *(bool *)at || json_scan_is(value, "false");
	case RECORD_TAG:
		return record_read_tag(at, value);
	case RECORD_U16:
		if (!json_scan_number(value, UINT16_MAX, &number))
			return false;
		*(uint16_t *)at = (uint16_t)number;
		return true;
	case RECORD_U32:
		if (!json_scan_number(value, UINT32_MAX, &number))
			return false;
		*(uint32_t *)at = (uint32_t)number;
		return true;
	case RECORD_INT:
		if (!json_scan_number(value, INT32_MAX, &number))
			return false;
		*(int *)at = (int)number;
		return true;
	case RECORD_U64:
		return json_scan_number(value, UINT64_MAX, at);
	}
	return false;
}

/* One object of the record. Its members come as they were written: next is where to look. */
struct record_from {
	const struct json_scan *scan;
	size_t object, next;
};

static int record_read(struct record_from *from, const struct record_field *f, void *base,
		       struct err *err)
{
	for (; f->name; f++) {
		const size_t at =
			json_scan_member(from->scan, from->object, f->name, &from->next);
		const struct json_scan_item *value = &from->scan->items[at];

		if (!at && (f->kind == RECORD_OPTIONAL || f->kind == RECORD_FLAG))
			continue;
		if (!at)
			return err_say(err, -EBADMSG, "'%s' is missing", f->name);
		if (!record_read_value(f, value, (char *)base + f->offset))
			return err_say(err, -EBADMSG, "'%s' has no such value: %.*s",
				       f->name,
				       value->size < RECORD_SHOWN ? (int)value->size
								  : RECORD_SHOWN,
				       value->at);
	}
	return 0;
}

typedef int (*record_read_fn)(void *to, struct record_from *item, struct err *err);

/* The items of a list of objects, one after the other. */
static int record_read_list(struct record_from *from, const char *name, record_read_fn fn,
			    void *to, struct err *err)
{
	const struct json_scan *scan = from->scan;
	const size_t list = json_scan_member(scan, from->object, name, &from->next);
	int r = 0;

	if (!list || scan->items[list].kind != JSON_SCAN_ARRAY)
		return err_say(err, -EBADMSG, "'%s' is not a list", name);
	for (size_t at = list + 1; at < scan->items[list].end && r == 0;
	     at = scan->items[at].end) {
		struct record_from item = {.scan = scan, .object = at};

		if (scan->items[at].kind != JSON_SCAN_OBJECT)
			return err_say(err, -EBADMSG, "'%s' has an item that is none",
				       name);
		r = fn(to, &item, err);
	}
	return r;
}

/* --- what no run writes: it would lead to filters and links that are not ours --- */

static int record_refuse(struct err *err, const char *field, uint64_t value)
{
	return err_say(err, -EBADMSG, "'%s' is %" PRIu64, field, value);
}

/* "": none is named. */
static int record_check_path(const char *field, const char *path, struct err *err)
{
	if (!path || (path[0] == '/' && !strstr(path, "/../")))
		return 0;
	return err_say(err, -EBADMSG, "'%s' is not an absolute path: %.80s", field, path);
}

/* Without preference or handle a message deletes all filters of the hook or preference. */
static int record_check_tc(const struct apply_made *m, struct err *err)
{
	if (!m->dev[0] || strlen(m->dev) >= IFNAMSIZ || strchr(m->dev, '/'))
		return err_say(err, -EBADMSG, "'dev' cannot be an interface: %.80s",
			       m->dev);
	if (strchr(m->netns, '/'))
		return err_say(err, -EBADMSG, "'netns' cannot be a name: %.80s",
			       m->netns);
	if (m->parent != NL_PARENT_INGRESS && m->parent != NL_PARENT_EGRESS)
		return record_refuse(err, "parent", m->parent);
	if (m->ifindex <= 0)
		return record_refuse(err, "ifindex", (uint64_t)m->ifindex);
	/* A list of tcx has none of them. */
	if (m->tcx)
		return 0;
	if (!m->pref)
		return record_refuse(err, "pref", m->pref);
	if (!m->handle)
		return record_refuse(err, "handle", m->handle);
	if (!m->protocol)
		return record_refuse(err, "protocol", m->protocol);
	return 0;
}

static int record_check_cgroup(const struct apply_made *m, struct err *err)
{
	int r = record_check_path("cgroup", m->cgroup, err);

	if (r == 0)
		r = record_check_path("pin", m->pin, err);
	if (r < 0)
		return r;
	if (m->mode > APPLY_LINK)
		return record_refuse(err, "mode", m->mode);
	if (m->mode == APPLY_LINK && !m->pin)
		return err_say(err, -EBADMSG, "a link without 'pin'");
	if (!attach_type_by_value(m->attach_type))
		return record_refuse(err, "attach_type", m->attach_type);
	return 0;
}

static int record_read_program(void *to, struct record_from *item, struct err *err)
{
	struct apply_load *load = to;
	struct apply_loaded_program *p;
	int r;

	array_grow(load->programs, load->nr_programs);
	p = &load->programs[load->nr_programs++];
	*p = (struct apply_loaded_program){.function = NULL};
	r = record_read(item, record_program_fields, p, err);
	return r < 0 ? r : record_read(item, record_identity_fields, &p->is, err);
}

static int record_read_map(void *to, struct record_from *item, struct err *err)
{
	struct apply_load *load = to;
	struct apply_loaded_map *map;
	int r;

	array_grow(load->maps, load->nr_maps);
	map = &load->maps[load->nr_maps++];
	*map = (struct apply_loaded_map){.name = NULL};
	r = record_read(item, record_map_fields, map, err);
	return r < 0 ? r : record_check_path("pin", map->pin, err);
}

static int record_read_slot(void *to, struct record_from *item, struct err *err)
{
	struct apply_load *load = to;

	array_grow(load->slots, load->nr_slots);
	load->slots[load->nr_slots] = (struct apply_loaded_slot){.key = 0};
	return record_read(item, record_slot_fields, &load->slots[load->nr_slots++], err);
}

static int record_read_load(void *to, struct record_from *item, struct err *err)
{
	struct apply_record *record = to;
	struct apply_load *load;
	int r;

	array_grow(record->loads, record->nr_loads);
	load = &record->loads[record->nr_loads++];
	*load = (struct apply_load){.object = NULL};
	r = record_read(item, record_load_fields, load, err);
	if (r == 0)
		r = record_read_list(item, "programs", record_read_program, load, err);
	if (r == 0)
		r = record_read_list(item, "maps", record_read_map, load, err);
	return r < 0 ? r : record_read_list(item, "slots", record_read_slot, load, err);
}

static int record_read_made(void *to, struct record_from *item, struct err *err)
{
	struct apply_record *record = to;
	struct apply_made *made;
	size_t any = 0;
	int r;

	array_grow(record->made, record->nr_made);
	made = &record->made[record->nr_made++];
	*made = (struct apply_made){.object = NULL};
	r = record_read(item, record_made_fields, made, err);
	if (r == 0)
		r = record_read(item, record_identity_fields, &made->is, err);
	made->is_tc = json_scan_member(item->scan, item->object, "dev", &any);
	if (r == 0)
		r = record_read(item,
				made->is_tc ? record_tc_fields : record_cgroup_fields,
				made, err);
	if (r == 0)
		r = made->is_tc ? record_check_tc(made, err)
				: record_check_cgroup(made, err);
	return r;
}

static int record_read_root(struct apply_record *ret, const struct json_scan *scan,
			    struct err *err)
{
	struct record_from root = {.scan = scan};
	uint64_t number = 0;
	size_t version;
	int r;

	if (scan->items[0].kind != JSON_SCAN_OBJECT)
		return err_say(err, -EBADMSG, "it is not an object");
	version = json_scan_member(scan, 0, "version", &root.next);
	if (!version ||
	    !json_scan_number(&scan->items[version], RECORD_VERSION, &number) ||
	    number != RECORD_VERSION)
		return err_say(err, -EBADMSG, "'version' is not %d", RECORD_VERSION);
	r = record_read(&root, record_head_fields, ret, err);
	if (r == 0)
		r = record_read_list(&root, "loads", record_read_load, ret, err);
	return r < 0 ? r : record_read_list(&root, "made", record_read_made, ret, err);
}

int apply_record_parse(struct apply_record *ret, const char *text, size_t size,
		       struct err *err)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_json_scan scan = JSON_SCAN_INIT;
	int r = json_scan_init(&scan, text, size, RECORD_DEPTH, err);

	if (r == 0)
		r = record_read_root(&record, &scan, err);
	if (r < 0)
		return r;
	*ret = record;
	record = (struct apply_record)APPLY_RECORD_INIT;
	return 0;
}
