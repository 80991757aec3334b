/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/strbuf.h"
#include "def/attach_types.h"
#include "run.h"
#include "load/object.h"

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
static int check_section(const struct attach_type *type, const struct object *obj,
			 const struct object_program *prog, struct err *err)
{
	const struct attach_type *said = attach_type_by_section(prog->section);
	const char *kind;

	if (pick_takes(type, prog))
		return 0;
	kind = said ? said->name : prog_type_name(prog->prog_type);
	return err_say(
		err, -EINVAL,
		"object '%s': program '%s' is in section '%s', which is for %s, not for %s",
		object_path(obj), prog->name, prog->section, kind ? kind : "another type",
		type->name);
}

int run_pick_program(struct object *obj, const struct attach_request *req,
		     struct object_program **ret, struct err *err)
{
	struct object_program *progs, *prog = NULL;
	size_t nr;
	int r;

	if (req->section || req->program)
		r = object_want(obj, req->section, req->program, &prog, err);
	else
		r = pick_by_type(obj, req->type, &prog, err);
	if (r == 0)
		r = check_section(req->type, obj, prog, err);
	if (r < 0)
		return r;
	object_want_program(obj, prog);
	/* What it may jump to has to be loaded as the same thing. */
	progs = object_programs(obj, &nr);
	for (struct object_program *p = progs; p < progs + nr; p++)
		if (p->wanted)
			object_program_set_type(obj, p, req->type->prog_type,
						req->type->value);
	*ret = prog;
	return 0;
}
