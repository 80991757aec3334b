/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An act of the plan, and what may be done to the program that stands at its place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "load/apply_plan.h"
#include "load/object.h"

struct apply_act *apply_plan_add(struct apply_plan *plan, const struct apply_place *place)
{
	struct apply_act *act;

	array_grow(plan->acts, plan->nr_acts);
	act = &plan->acts[plan->nr_acts++];
	*act = (struct apply_act){.kind = APPLY_STEP_ATTACH, .place = place};
	if (!place)
		return act;
	act->o = apply_objects_of(plan->objects, place, &act->want);
	act->ns = place->ns;
	act->made.is_tc = place->is_tc;
	act->made.object = xstrdup(act->o->conf->key.text);
	act->made.function = xstrdup(act->want->prog->name);
	return act;
}

static const char *plan_text(struct apply_plan *plan, const char *fmt, va_list ap)
{
	auto_free char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_give_up();
	return apply_report_own(&plan->report, take_ptr(text));
}

void apply_plan_say(struct apply_plan *plan, struct apply_act *act, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	act->why = plan_text(plan, fmt, ap);
	va_end(ap);
}

void apply_plan_refuse(struct apply_plan *plan, struct apply_act *act, const char *fmt,
		       ...)
{
	va_list ap;

	va_start(ap, fmt);
	act->why = plan_text(plan, fmt, ap);
	va_end(ap);
	act->kind = APPLY_STEP_REFUSE;
}

void apply_plan_need_qdisc(struct apply_plan *plan, size_t ns, struct apply_dev *dev)
{
	if (dev->qdisc != APPLY_QDISC_NONE || dev->qdisc_planned)
		return;
	array_grow(plan->qdiscs, plan->nr_qdiscs);
	plan->qdiscs[plan->nr_qdiscs++] =
		(struct apply_new_qdisc){.ns = ns,
					 .ifindex = dev->ifindex,
					 .dev = dev->name,
					 .assumed = dev->assumed};
	dev->qdisc_planned = true;
}

/* --- whose is it --- */

/* *ret NULL: there is none, or no longer. */
static int plan_program(struct apply_plan *plan, uint32_t id,
			const struct apply_program **ret, struct err *err)
{
	int r = id ? apply_state_program(plan->state, id, ret, err) : -ENOENT;

	if (r != -ENOENT)
		return r;
	err_release(err);
	*ret = NULL;
	return 0;
}

int apply_plan_is(struct apply_plan *plan, uint32_t id,
		  const struct apply_identity *identity, bool *ret, struct err *err)
{
	const struct apply_program *program;
	int r = plan_program(plan, id == identity->id ? id : 0, &program, err);

	if (r == 0)
		*ret = program && apply_identity_same(&program->is, identity);
	return r;
}

int apply_plan_is_build(struct apply_plan *plan, uint32_t id,
			const struct apply_want *want, bool *ret, struct err *err)
{
	const struct apply_program *program;
	int r = plan_program(plan, id, &program, err);

	if (r == 0)
		*ret = program && program->type == want->type &&
		       strcmp(program->name, want->prog->name) == 0;
	return r;
}

struct plan_owner {
	const struct apply_made *place;
	uint32_t prog_id;
	char *name;
};

static int plan_ask_owner(const struct apply_record *record, void *ctx)
{
	struct plan_owner *o = ctx;

	for (size_t i = 0; i < record->nr_made; i++) {
		const struct apply_made *made = &record->made[i];

		if (made->is.id != o->prog_id || !apply_made_same_place(made, o->place))
			continue;
		o->name = xstrdup(record->name);
		return 1;
	}
	return 0;
}

const char *apply_plan_owner(struct apply_plan *plan, const struct apply_made *place,
			     uint32_t prog_id)
{
	struct plan_owner o = {.place = place, .prog_id = prog_id};

	apply_journal_each_other(plan->journal, plan_ask_owner, &o);
	return o.name ? apply_report_own(&plan->report, o.name) : NULL;
}

static void plan_refuse_foreign(struct apply_plan *plan, struct apply_act *act,
				bool is_build, uint32_t there, struct err *err)
{
	const struct apply_program *program;
	const char *name = "";

	if (apply_state_program(plan->state, there, &program, err) == 0)
		name = program->name;
	err_release(err);
	if (is_build)
		apply_plan_refuse(
			plan, act,
			"program id %u '%s' is attached there, and no record says that it is ours; 'adopt: yes' takes it over",
			there, name);
	else
		apply_plan_refuse(
			plan, act,
			"program id %u '%s' of somebody else is in the way; choose another place, or detach it",
			there, name);
}

int apply_plan_adopt(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		     bool adopt, struct err *err)
{
	const char *owner = apply_plan_owner(plan, &act->made, there);
	bool is_build;
	int r = apply_plan_is_build(plan, there, act->want, &is_build, err);

	act->there = there;
	if (r < 0)
		return r;
	if (owner) {
		apply_plan_refuse(
			plan, act,
			"program id %u belongs to the name '%s'; choose another place",
			there, owner);
	} else if (!is_build || !adopt) {
		plan_refuse_foreign(plan, act, is_build, there, err);
	} else if (plan->journal->unread) {
		apply_plan_refuse(
			plan, act,
			"program id %u may belong to another name: record '%s' cannot be read; repair or remove it",
			there, plan->journal->unread);
	} else {
		act->kind = APPLY_STEP_ADOPT;
		apply_plan_say(plan, act, "program id %u, of no record", there);
	}
	return 0;
}

void apply_plan_own(struct apply_plan *plan, struct apply_act *act, uint32_t there,
		    const char *differs)
{
	act->there = there;
	if (act->o->good && there == act->want->is.id && !differs) {
		act->kind = APPLY_STEP_KEEP;
		return;
	}
	act->kind = APPLY_STEP_REPLACE;
	if (!act->o->good)
		apply_plan_say(plan, act, "%s",
			       act->o->stale ? act->o->stale
					     : "the record lacks its object");
	else
		apply_plan_say(plan, act, "%s",
			       differs ? differs : "it is of an earlier load");
}

int apply_plan_leftover_ns(struct apply_plan *plan, struct apply_act *act,
			   struct err *err)
{
	const struct apply_made *m = &act->made;
	int r = apply_places_ns(plan->places, m->netns, m->netns_ino, &act->ns, err);

	if (r != -ENOENT)
		return r < 0 ? r : 1;
	if (err->code)
		apply_plan_say(plan, act, "%s", err->text);
	err_release(err);
	return 0;
}

/* --- where its links are pinned --- */

char *apply_plan_pin_dir(const char *name)
{
	auto_strbuf out = STRBUF_INIT;
	char mnt[PATH_MAX];

	bpffs_mount_point(mnt);
	sb_addf(&out, "%s/mapshare/", mnt);
	/* Names in bpffs have no dots. */
	for (const char *n = name; *n; n++) {
		if (strchr(".%", *n))
			sb_addf(&out, "%%%02x", (unsigned char)*n);
		else
			sb_add_char(&out, *n);
	}
	return sb_take(&out);
}
