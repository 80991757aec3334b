/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/utf8.h"
#include "def/attach_types.h"
#include "view/object_attach.h"
#include "view/object_view_private.h"

/* What a load by the sections gives a classifier; 0: none. False: it is no classifier. */
static bool attach_of(const struct object_view_program *p, uint32_t *ret)
{
	uint32_t type = p->prog_type, attach = 0;

	if (prog_type_by_section(p->section, &type, &attach) &&
	    type != BPF_PROG_TYPE_SCHED_CLS)
		return false;
	*ret = attach;
	return type == BPF_PROG_TYPE_SCHED_CLS;
}

static const char *attach_word(uint32_t attach)
{
	const char *name = attach ? attach_type_name(attach) : "none";

	return name ? name : "unknown";
}

bool object_attach_differs(const struct object_view *v)
{
	uint32_t first = 0, attach;
	bool seen = false;

	for (size_t i = 0; i < v->nr_programs; i++) {
		if (!attach_of(&v->programs[i], &attach))
			continue;
		if (seen && attach != first)
			return true;
		first = attach;
		seen = true;
	}
	return false;
}

void object_attach_text(struct strbuf *out, const struct object_view *v)
{
	auto_strbuf programs = STRBUF_INIT, line = STRBUF_INIT;
	uint32_t attach;

	if (!object_attach_differs(v))
		return;
	for (size_t i = 0; i < v->nr_programs; i++)
		if (attach_of(&v->programs[i], &attach)) {
			sb_add_sep(&programs, ", ", "'");
			sb_addf(&programs, "%s' %s", v->programs[i].name,
				attach_word(attach));
		}
	for (size_t i = 0; i < v->nr_maps; i++) {
		if (v->maps[i].def->type != BPF_MAP_TYPE_PROG_ARRAY)
			continue;
		sb_clear(&line);
		sb_addf(&line,
			"prog array '%s' takes programs of one attach type only (Linux 6.18), and 'prog load' gives these several: %s; 'tc_loader filter' loads each without one, for clsact, tcx and netkit alike",
			v->maps[i].def->name, sb_text(&programs));
		sb_add_char(out, '\n');
		utf8_add_visible(out, sb_text(&line));
		sb_add_char(out, '\n');
	}
}

struct json_object *object_attach_json(const struct object_view *v)
{
	struct json_object *list = json_object_new_array();
	uint32_t attach;

	for (size_t i = 0; i < v->nr_programs; i++) {
		struct json_object *o;

		if (!attach_of(&v->programs[i], &attach))
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "program",
				       json_out_string(v->programs[i].name));
		json_object_object_add(o, "attach_type",
				       json_object_new_string(attach_word(attach)));
		json_object_array_add(list, o);
	}
	return list;
}
