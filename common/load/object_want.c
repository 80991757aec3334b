/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which programs of an object are to be loaded, and as what. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "base/suggest.h"
#include "def/attach_types.h"
#include "def/returned.h"
#include "load/object_private.h"

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

/* The name that was meant; where both were named, the program's. */
static void want_near(const struct object *obj, const char *section, const char *program,
		      struct strbuf *out)
{
	struct suggest near = {.word = program ? program : section};

	for (size_t i = 0; i < obj->nr_programs; i++)
		suggest_offer(&near,
			      program ? obj->programs[i].name : obj->programs[i].section);
	suggest_hint(&near, out);
}

int object_want(struct object *obj, const char *section, const char *program,
		struct object_program **ret, struct err *err)
{
	auto_strbuf list = STRBUF_INIT, hint = STRBUF_INIT;
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
			"object '%s': several programs, say which section or program: %s",
			obj->path, sb_text(&list));
	if (section || program)
		want_near(obj, section, program, &hint);
	if (section && program)
		return err_say(
			err, -ENOENT,
			"object '%s': no program '%s' in section '%s'; it has %s%s",
			obj->path, program, section, sb_text(&list), sb_text(&hint));
	if (section || program)
		return err_say(err, -ENOENT, "object '%s': no %s '%s'; it has %s%s",
			       obj->path, section ? "section" : "program",
			       section ? section : program, sb_text(&list),
			       sb_text(&hint));
	return err_say(
		err, -ENOENT,
		"object '%s': no program to load; a function is one in a section, as SEC(\"classifier\") puts it",
		obj->path);
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
	obj->ifindex = ifindex;
}

static void set_ifindex(struct object *obj, unsigned int ifindex)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		bpf_program__set_ifindex(obj->bpf_programs[i], ifindex);
	for (size_t i = 0; i < obj->nr_maps; i++)
		if (obj->maps[i].def.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			bpf_map__set_ifindex(obj->handles[i].map, ifindex);
}

/* Tail-call programs are loaded as what calls them, as tc does. */
static void inherit_types(struct object *obj)
{
	uint32_t type = obj->main_type, attach_type = obj->main_attach_type;

	for (size_t i = 0; i < obj->nr_programs && !type; i++) {
		const struct object_program *p = &obj->programs[i];

		if (p->wanted && !p->tail_call) {
			type = p->prog_type;
			attach_type = p->attach_type;
		}
	}
	for (size_t i = 0; i < obj->nr_programs; i++) {
		struct object_program *p = &obj->programs[i];

		if (p->tail_call && p->wanted && !obj->typed[i]) {
			p->prog_type = type;
			p->attach_type = attach_type;
		}
	}
}

static int refuse_section(const struct object_program *p, struct err *err)
{
	auto_strbuf near = STRBUF_INIT;

	attach_types_near_section(p->section, &near);
	return err_say(
		err, -EINVAL,
		"program '%s': section '%s' does not show its type%s%s; add 'type TYPE'",
		p->name, p->section, near.len ? "; near are " : "", sb_text(&near));
}

int object_prepare_programs(struct object *obj, struct err *err)
{
	int r;

	inherit_types(obj);
	r = object_retype(obj, err);
	if (r < 0)
		return r;
	if (obj->ifindex)
		set_ifindex(obj, obj->ifindex);
	for (size_t i = 0; i < obj->nr_programs; i++) {
		const struct object_program *p = &obj->programs[i];

		bpf_program__set_autoload(obj->bpf_programs[i], p->wanted);
		if (!p->wanted)
			continue;
		if (!p->prog_type)
			return refuse_section(p, err);
		bpf_program__set_type(obj->bpf_programs[i], p->prog_type);
		bpf_program__set_expected_attach_type(obj->bpf_programs[i],
						      p->attach_type);
		if (obj->opts->verifier_log)
			object_want_log(obj, i);
	}
	return 0;
}

/* 0 and 1 may as well say that nothing or a class matched, 3 that the next action has it. */
static bool is_verdict(int32_t value)
{
	return value == TC_ACT_SHOT || value == TC_ACT_STOLEN ||
	       value == TC_ACT_REDIRECT || value == TC_ACT_TRAP;
}

bool object_returns_verdicts(const struct object *obj, const struct object_program *prog)
{
	const struct bpf_program *p = obj->bpf_programs[prog - obj->programs];
	const struct bpf_insn *insns = bpf_program__insns(p);
	size_t nr = bpf_program__insn_cnt(p);

	if (returned_constant(insns, nr, is_verdict))
		return true;
	for (size_t i = 0; i + 1 < nr; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
		    insns[i].imm == BPF_FUNC_redirect)
			return true;
	return false;
}
