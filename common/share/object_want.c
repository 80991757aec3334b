/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which programs of an object are to be loaded, and as what. */
#include <errno.h>
#include <string.h>

#include "share/object_private.h"

static void list_programs(const struct object *obj, struct strbuf *out)
{
	for (size_t i = 0; i < obj->nr_programs; i++) {
		const struct object_program *p = &obj->programs[i];

		sb_add_sep(out, ", ", "");
		sb_addf(out, "'%s' in section '%s'", p->name, p->section);
	}
	if (!out->len)
		sb_add(out, "no programs");
}

/* Tail calls need their programs: whoever runs the array's user wants them all. */
static void want_slot_programs(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		if (obj->programs[i].tail_call && obj->programs[i].tail_call->map >= 0)
			obj->programs[i].wanted = true;
	for (size_t i = 0; i < obj->def.nr_prog_slots; i++) {
		struct object_program *p =
			object_find_program(obj, obj->def.prog_slots[i].program);

		if (p)
			p->wanted = true;
	}
}

void object_want_program(struct object *obj, struct object_program *prog)
{
	prog->wanted = true;
	want_slot_programs(obj);
}

void object_want_all(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		if (!obj->programs[i].optional)
			obj->programs[i].wanted = true;
	want_slot_programs(obj);
}

static struct object_program *first_match(struct object *obj, const char *section,
					  const char *program)
{
	for (size_t i = 0; i < obj->nr_programs; i++) {
		struct object_program *p = &obj->programs[i];

		if ((!section || strcmp(p->section, section) == 0) &&
		    (!program || strcmp(p->name, program) == 0))
			return p;
	}
	return NULL;
}

/* The one program that is no tail-call target. NULL: none, or *several. */
static struct object_program *only_program(struct object *obj, bool *several)
{
	struct object_program *only = NULL;

	*several = false;
	for (size_t i = 0; i < obj->nr_programs; i++) {
		if (obj->programs[i].tail_call)
			continue;
		if (only) {
			*several = true;
			return NULL;
		}
		only = &obj->programs[i];
	}
	return only;
}

int object_want(struct object *obj, const char *section, const char *program,
		struct object_program **ret, struct err *err)
{
	auto_strbuf list = STRBUF_INIT;
	struct object_program *found;
	bool several = false;

	found = section || program ? first_match(obj, section, program)
				   : only_program(obj, &several);
	if (found) {
		object_want_program(obj, found);
		*ret = found;
		return 0;
	}
	list_programs(obj, &list);
	if (several)
		return err_say(
			err, -EINVAL,
			"object '%s': several programs, say which section or program: "
			"%s",
			obj->path, sb_text(&list));
	if (section && program)
		return err_say(err, -ENOENT,
			       "object '%s': no program '%s' in section '%s'; it has %s",
			       obj->path, program, section, sb_text(&list));
	if (section || program)
		return err_say(err, -ENOENT, "object '%s': no %s '%s'; it has %s",
			       obj->path, section ? "section" : "program",
			       section ? section : program, sb_text(&list));
	return err_say(err, -ENOENT, "object '%s': no program to load", obj->path);
}

void object_program_set_type(struct object *obj, struct object_program *prog,
			     uint32_t prog_type, uint32_t attach_type)
{
	prog->prog_type = prog_type;
	prog->attach_type = attach_type;
	obj->typed[prog - obj->programs] = true;
	if (!obj->main_type && !prog->tail_call) {
		obj->main_type = prog_type;
		obj->main_attach_type = attach_type;
	}
}

void object_set_ifindex(struct object *obj, unsigned int ifindex)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		bpf_program__set_ifindex(obj->bpf_programs[i], ifindex);
	for (size_t i = 0; i < obj->nr_maps; i++)
		if (obj->maps[i].def.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			bpf_map__set_ifindex(obj->handles[i].map, ifindex);
}
