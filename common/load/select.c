/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "def/attach_types.h"
#include "load/object.h"
#include "load/select.h"

/* May the program be loaded as this type? A section that names none leaves it to TYPE. */
static bool pick_takes(const struct attach_type *type, const struct object_program *prog)
{
	if (attach_type_fits_section(type, prog->section))
		return true;
	return !attach_type_by_section(prog->section) &&
	       (!prog->prog_type || prog->prog_type == type->prog_type);
}

static void pick_add_program(struct strbuf *out, const struct object_program *prog)
{
	sb_add_sep(out, ", ", "'");
	sb_addf(out, "%s' (section '%s')", prog->name, prog->section);
}

/*
 * The way out that works: 'section' takes what names no type, or this one without its
 * attach type; what tc runs is tc_loader's.
 */
static const char *way_out(struct object *obj, const struct attach_type *type)
{
	struct object_program *progs;
	bool for_tc = false;
	size_t nr;

	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++) {
		if (!p->tail_call && pick_takes(type, p))
			return "; 'section' or 'program' says which one to take";
		for_tc |= p->prog_type == BPF_PROG_TYPE_SCHED_CLS;
	}
	return for_tc ? "; classifiers are for 'tc_loader filter add dev DEV ingress bpf da obj'"
		      : "";
}

/* Neither section nor program said: the only one whose section is of the type. */
static int pick_by_type(struct object *obj, const struct attach_type *type,
			struct object_program **ret, struct err *err)
{
	auto_strbuf all = STRBUF_INIT, fitting = STRBUF_INIT;
	struct object_program *progs, *found = NULL;
	size_t nr, nr_fitting = 0;

	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++) {
		pick_add_program(&all, p);
		if (p->tail_call || p->optional ||
		    !attach_type_fits_section(type, p->section))
			continue;
		pick_add_program(&fitting, p);
		found = p;
		nr_fitting++;
	}
	if (nr_fitting == 0)
		return err_say(err, -ENOENT,
			       "object '%s': no section in it is for %s; it has %s%s",
			       object_path(obj), type->name,
			       nr ? sb_text(&all) : "no program", way_out(obj, type));
	if (nr_fitting > 1)
		return err_say(
			err, -EINVAL,
			"object '%s': several programs are for %s: %s; 'section' or 'program' says which one to take",
			object_path(obj), type->name, sb_text(&fitting));
	*ret = found;
	return 0;
}

/* A section that names another type is a mistake. */
static int check_section(const struct attach_type *type, struct object *obj,
			 const struct object_program *prog, struct err *err)
{
	const struct attach_type *said = attach_type_by_section(prog->section);
	const char *kind;

	if (pick_takes(type, prog))
		return 0;
	kind = said ? said->name : prog_type_name(prog->prog_type);
	return err_say(
		err, -EINVAL,
		"object '%s': program '%s' is in section '%s', which is for %s, not for %s%s",
		object_path(obj), prog->name, prog->section, kind ? kind : "another type",
		type->name, way_out(obj, type));
}

int select_for_type(struct object *obj, const struct attach_type *type,
		    const char *section, const char *program, struct object_program **ret,
		    struct err *err)
{
	struct object_program *progs, *prog = NULL;
	size_t nr;
	int r;

	if (section || program)
		r = object_want(obj, section, program, &prog, err);
	else
		r = pick_by_type(obj, type, &prog, err);
	if (r == 0)
		r = check_section(type, obj, prog, err);
	if (r < 0)
		return r;
	object_want_program(obj, prog);
	/* What it may jump to has to be loaded as the same thing. */
	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++)
		if (p->wanted)
			object_program_set_type(obj, p, type->prog_type, type->value);
	*ret = prog;
	return 0;
}

/* --- for tc --- */

/* The section meant when none is named; tc fails where an object lacks it. */
static const char *default_section(uint32_t prog_type)
{
	switch (prog_type) {
	case BPF_PROG_TYPE_SCHED_CLS:
		return SELECT_TC_SECTION;
	case BPF_PROG_TYPE_SCHED_ACT:
		return "action";
	default:
		return "prog";
	}
}

/* Classifiers and actions share their context and verdicts; any other type has its own. */
static bool is_other_type(const struct object_program *prog, uint32_t prog_type)
{
	bool ours = prog->prog_type == BPF_PROG_TYPE_SCHED_CLS ||
		    prog->prog_type == BPF_PROG_TYPE_SCHED_ACT;

	return prog->prog_type && prog->prog_type != prog_type && !prog->tail_call &&
	       !(ours && (prog_type == BPF_PROG_TYPE_SCHED_CLS ||
			  prog_type == BPF_PROG_TYPE_SCHED_ACT));
}

/* Which line takes an object whose only program is for something else. */
static void add_right_line(struct strbuf *out, const char *path,
			   const struct object_program *prog)
{
	const struct attach_type *type = attach_type_by_section(prog->section);

	if (type)
		sb_addf(out, "cgroup_loader cgroup attach CGROUP %s obj %s",
			type->alias ? type->alias : type->name, path);
	else if (prog->prog_type == BPF_PROG_TYPE_XDP)
		sb_addf(out, "ip link set dev DEV xdp obj %s sec %s", path,
			prog->section);
	else
		sb_addf(out, "cgroup_loader prog load %s PATH", path);
}

static int refuse_other_type(const char *path, const struct object_program *prog,
			     uint32_t prog_type, struct err *err)
{
	const char *has = prog_type_name(prog->prog_type);
	const char *needs = prog_type_name(prog_type);
	auto_strbuf line = STRBUF_INIT;

	add_right_line(&line, path, prog);
	return err_say(
		err, -EINVAL,
		"object '%s': its program '%s' is of type %s (section '%s'), not %s; '%s' takes it, and 'section %s' loads it as %s all the same",
		path, prog->name, has ? has : "unknown", prog->section,
		needs ? needs : "unknown", sb_text(&line), prog->section,
		needs ? needs : "unknown");
}

/* As tc does where it is named; what the program returns may mean something else here. */
static void say_other_type(const char *path, const struct object_program *prog,
			   uint32_t prog_type)
{
	const char *has = prog_type_name(prog->prog_type);
	const char *as = prog_type_name(prog_type);

	log_warn(
		"object '%s': program '%s' in section '%s' is of type %s and loaded as %s; what it returns is read as a verdict of that type",
		path, prog->name, prog->section, has ? has : "unknown",
		as ? as : "unknown");
}

/*
 * Without the default section the only program whose own section says the type
 * (SEC("tc")) is meant, else the only program at all.
 */
static int choose_for_tc(struct object *obj, const char *section, const char *program,
			 uint32_t prog_type, struct object_program **ret, struct err *err)
{
	const char *usual = default_section(prog_type);
	struct object_program *progs, *only = NULL;
	size_t nr, nr_typed = 0;

	int r;

	if (section || program) {
		r = object_want(obj, section, program, ret, err);
		if (r == 0 && is_other_type(*ret, prog_type))
			say_other_type(object_path(obj), *ret, prog_type);
		return r;
	}
	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(progs[i].section, usual) == 0)
			return object_want(obj, usual, NULL, ret, err);
		if (progs[i].prog_type == prog_type && !progs[i].tail_call) {
			only = &progs[i];
			nr_typed++;
		}
	}
	r = object_want(obj, NULL, nr_typed == 1 ? only->name : NULL, ret, err);
	if (r == 0 && is_other_type(*ret, prog_type))
		return refuse_other_type(object_path(obj), *ret, prog_type, err);
	return r;
}

/* As in tc, the command says the type, whatever sections are called. */
static void set_types(struct object *obj, uint32_t prog_type)
{
	struct object_program *progs;
	size_t nr;

	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].tail_call && progs[i].tail_call->map >= 0)
			object_want_program(obj, &progs[i]);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].wanted)
			object_program_set_type(obj, &progs[i], prog_type, 0);
}

int select_for_tc(struct object *obj, const char *section, const char *program,
		  uint32_t prog_type, struct object_program **ret, struct err *err)
{
	int r = choose_for_tc(obj, section, program, prog_type, ret, err);

	if (r == 0)
		set_types(obj, prog_type);
	return r;
}

/* --- the first --- */

struct object_program *select_first(struct object *obj)
{
	struct object_program *progs;
	size_t nr;

	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (!progs[i].optional && !progs[i].tail_call)
			return &progs[i];
	return NULL;
}
