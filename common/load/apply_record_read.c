/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "load/apply_record.h"
#include "load/apply_record_private.h"
#include "netlink/nl_filter.h"

enum { RECORD_DEPTH = 8 }; /* deeper than any record */

static void record_put_root(struct json_object **root)
{
	json_object_put(*root);
}

static bool record_read_tag(uint8_t tag[APPLY_TAG_LEN], const char *hex)
{
	if (strlen(hex) != (size_t)2 * APPLY_TAG_LEN ||
	    strspn(hex, "0123456789abcdef") != (size_t)2 * APPLY_TAG_LEN)
		return false;
	for (size_t i = 0; i < APPLY_TAG_LEN; i++) {
		const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

		tag[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

/* A number of that width; json-c clamps, so the text is read. */
static bool record_read_number(struct json_object *value, uint64_t most, uint64_t *ret)
{
	const char *text = json_object_get_string(value);
	char *end;

	if (!json_object_is_type(value, json_type_int) || text[0] == '-')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret <= most;
}

static bool record_read_text(struct json_object *value, char **ret)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    strlen(text) != (size_t)json_object_get_string_len(value))
		return false;
	*ret = xstrdup(text);
	return true;
}

static bool record_read_value(const struct record_field *f, struct json_object *value,
			      void *at)
{
	uint64_t number = 0;

	switch (f->kind) {
	case RECORD_TEXT:
	case RECORD_PLACE:
	case RECORD_OPTIONAL:
		return record_read_text(value, at);
	case RECORD_BOOL:
	case RECORD_FLAG:
		*(bool *)at = json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean);
	case RECORD_TAG:
		return json_object_is_type(value, json_type_string) &&
		       record_read_tag(at, json_object_get_string(value));
	case RECORD_U16:
		if (!record_read_number(value, UINT16_MAX, &number))
			return false;
		*(uint16_t *)at = (uint16_t)number;
		return true;
	case RECORD_U32:
		if (!record_read_number(value, UINT32_MAX, &number))
			return false;
		*(uint32_t *)at = (uint32_t)number;
		return true;
	case RECORD_INT:
		if (!record_read_number(value, INT32_MAX, &number))
			return false;
		*(int *)at = (int)number;
		return true;
	case RECORD_U64:
		return record_read_number(value, UINT64_MAX, at);
	}
	return false;
}

/* What an item leaves out is as in the one before it. False: it cannot be left out. */
static bool record_leave_out(const struct record_field *f, const void *before, void *at)
{
	if (f->kind == RECORD_OPTIONAL || f->kind == RECORD_FLAG)
		return true;
	if (!before || f->kind == RECORD_PLACE)
		return false;
	if (f->kind == RECORD_TEXT)
		*(char **)at = xstrdup(*(char *const *)before);
	else
		memcpy(at, before, record_kind_size[f->kind]);
	return true;
}

/* before: as record_made_before() has it. */
static int record_read(struct json_object *from, const struct record_field *f, void *base,
		       const void *before, struct err *err)
{
	for (; f->name; f++) {
		void *at = (char *)base + f->offset;
		const void *same = before ? (const char *)before + f->offset : NULL;
		struct json_object *value = NULL;
		bool is_there = json_object_object_get_ex(from, f->name, &value);

		if (!is_there && record_leave_out(f, same, at))
			continue;
		if (!is_there)
			return err_say(err, -EBADMSG, "'%s' is missing", f->name);
		if (!value || !record_read_value(f, value, at))
			return err_say(err, -EBADMSG, "'%s' has no such value: %.80s",
				       f->name,
				       value ? json_object_get_string(value) : "null");
	}
	return 0;
}

/* The items of a list of objects, one after the other; NULL with err: it is none. */
static int record_read_list(struct json_object *from, const char *name,
			    struct json_object **ret, size_t *nr, struct err *err)
{
	if (!json_object_object_get_ex(from, name, ret) ||
	    !json_object_is_type(*ret, json_type_array))
		return err_say(err, -EBADMSG, "'%s' is not a list", name);
	*nr = json_object_array_length(*ret);
	for (size_t i = 0; i < *nr; i++)
		if (!json_object_is_type(json_object_array_get_idx(*ret, i),
					 json_type_object))
			return err_say(err, -EBADMSG, "'%s' has an item that is none",
				       name);
	return 0;
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

static int record_read_programs(struct json_object *from, struct apply_load *load,
				struct err *err)
{
	struct json_object *list;
	size_t nr;
	int r = record_read_list(from, "programs", &list, &nr, err);

	for (size_t i = 0; i < nr && r == 0; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		struct apply_loaded_program *p;

		array_grow(load->programs, load->nr_programs);
		p = &load->programs[load->nr_programs++];
		*p = (struct apply_loaded_program){.function = NULL};
		r = record_read(item, record_program_fields, p, NULL, err);
		if (r == 0)
			r = record_read(item, record_identity_fields, &p->is, NULL, err);
	}
	return r;
}

static int record_read_maps(struct json_object *from, struct apply_load *load,
			    struct err *err)
{
	struct json_object *list;
	size_t nr;
	int r = record_read_list(from, "maps", &list, &nr, err);

	for (size_t i = 0; i < nr && r == 0; i++) {
		array_grow(load->maps, load->nr_maps);
		load->maps[load->nr_maps++] = (struct apply_loaded_map){.name = NULL};
		r = record_read(json_object_array_get_idx(list, i), record_map_fields,
				&load->maps[i], NULL, err);
		if (r == 0)
			r = record_check_path("pin", load->maps[i].pin, err);
	}
	if (r == 0)
		r = record_read_list(from, "slots", &list, &nr, err);
	for (size_t i = 0; i < nr && r == 0; i++) {
		array_grow(load->slots, load->nr_slots);
		load->slots[load->nr_slots++] = (struct apply_loaded_slot){.key = 0};
		r = record_read(json_object_array_get_idx(list, i), record_slot_fields,
				&load->slots[i], NULL, err);
	}
	return r;
}

static int record_read_load(struct apply_record *record, struct json_object *item,
			    struct err *err)
{
	struct apply_load *load;
	int r;

	array_grow(record->loads, record->nr_loads);
	load = &record->loads[record->nr_loads++];
	*load = (struct apply_load){.object = NULL};
	r = record_read(item, record_load_fields, load, NULL, err);
	if (r == 0)
		r = record_read_programs(item, load, err);
	return r < 0 ? r : record_read_maps(item, load, err);
}

static int record_read_made(struct apply_record *record, struct json_object *item,
			    struct err *err)
{
	const struct apply_made *before;
	struct apply_made *made;
	int r;

	array_grow(record->made, record->nr_made);
	made = &record->made[record->nr_made++];
	*made = (struct apply_made){.object = NULL};
	made->is_tc = json_object_object_get_ex(item, "dev", NULL);
	before = record_made_before(record, record->nr_made - 1);
	r = record_read(item, record_made_fields, made, before, err);
	if (r == 0)
		r = record_read(item, record_identity_fields, &made->is,
				before ? &before->is : NULL, err);
	if (r == 0)
		r = record_read(item,
				made->is_tc ? record_tc_fields : record_cgroup_fields,
				made, before, err);
	if (r == 0)
		r = made->is_tc ? record_check_tc(made, err)
				: record_check_cgroup(made, err);
	return r;
}

static int record_read_root(struct apply_record *ret, struct json_object *root,
			    struct err *err)
{
	struct json_object *version = NULL, *list;
	uint64_t number = 0;
	size_t nr;
	int r;

	if (!json_object_is_type(root, json_type_object))
		return err_say(err, -EBADMSG, "it is not an object");
	if (!json_object_object_get_ex(root, "version", &version) || !version ||
	    !record_read_number(version, RECORD_VERSION, &number) ||
	    number != RECORD_VERSION)
		return err_say(err, -EBADMSG, "'version' is not %d", RECORD_VERSION);
	r = record_read(root, record_head_fields, ret, NULL, err);
	if (r == 0)
		r = record_read_list(root, "loads", &list, &nr, err);
	for (size_t i = 0; r == 0 && i < nr; i++)
		r = record_read_load(ret, json_object_array_get_idx(list, i), err);
	if (r == 0)
		r = record_read_list(root, "made", &list, &nr, err);
	for (size_t i = 0; r == 0 && i < nr; i++)
		r = record_read_made(ret, json_object_array_get_idx(list, i), err);
	return r;
}

int apply_record_parse(struct apply_record *ret, const char *text, size_t size,
		       struct err *err)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	struct json_tokener *tok = json_tokener_new_ex(RECORD_DEPTH);
	auto_release(record_put_root) struct json_object *root = NULL;
	enum json_tokener_error why;
	size_t used;
	int r;

	if (!tok)
		alloc_give_up();
	root = json_tokener_parse_ex(tok, text, (int)size);
	why = json_tokener_get_error(tok);
	used = json_tokener_get_parse_end(tok);
	json_tokener_free(tok);
	if (why != json_tokener_success)
		return err_say(err, -EBADMSG, "it is not JSON: %s",
			       why == json_tokener_continue
				       ? "it is cut off"
				       : json_tokener_error_desc(why));
	/* text need not end with a NUL. */
	while (used < size && text[used] == '\n')
		used++;
	if (used < size)
		return err_say(err, -EBADMSG, "more text follows its JSON");
	r = record_read_root(&record, root, err);
	if (r < 0)
		return r;
	*ret = record;
	record = (struct apply_record)APPLY_RECORD_INIT;
	return 0;
}
