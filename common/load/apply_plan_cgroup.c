/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places at cgroups: entries of their lists, and pinned links. */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/cgroup_refusal.h"
#include "load/apply_plan.h"
#include "load/object.h"

/* One wanted attachment on its way to a decision. */
struct cgroup_plan {
	struct apply_plan *plan;
	const struct apply_cgroup *cg;
	const struct apply_place *place;
	const struct apply_list *list;
	const char *function;
};

static uint32_t cgplan_flags(enum apply_mode mode)
{
	switch (mode) {
	case APPLY_OVERRIDE:
		return BPF_F_ALLOW_OVERRIDE;
	case APPLY_EXCLUSIVE:
		return 0;
	case APPLY_MULTI:
	case APPLY_LINK:
		break;
	}
	return BPF_F_ALLOW_MULTI;
}

static bool cgplan_is_alone(const struct cgroup_plan *c)
{
	return c->cg->mode == APPLY_EXCLUSIVE || c->cg->mode == APPLY_OVERRIDE;
}

/* --- what the record has --- */

static bool cgplan_is_for(const struct cgroup_plan *c, const struct apply_made *m)
{
	if (m->claimed || m->is_tc || !m->is.id || m->cgroup_id != c->place->cgroup_id ||
	    m->attach_type != c->cg->type->value ||
	    (m->mode == APPLY_LINK) != (c->cg->mode == APPLY_LINK))
		return false;
	return cgplan_is_alone(c) || strcmp(m->function, c->function) == 0;
}

/* Does what the record has still stand? *dead: its link does, without its cgroup. */
static int cgplan_stands(struct apply_plan *plan, const struct apply_list *list,
			 const struct apply_made *m, bool *ret, bool *dead,
			 struct err *err)
{
	struct link_fd_info info;
	enum apply_link link;
	bool direct;
	int r;

	*ret = *dead = false;
	if (m->mode != APPLY_LINK) {
		r = apply_state_is_direct(plan->state, list, m->is.id, &direct, err);
		return r < 0 || !direct ? r
					: apply_plan_is(plan, m->is.id, &m->is, ret, err);
	}
	r = apply_state_link(m->pin, m->cgroup_id, m->attach_type, &link, &info, err);
	if (r < 0 || link == APPLY_LINK_NONE || link == APPLY_LINK_OTHER)
		return r;
	*dead = link == APPLY_LINK_DEAD;
	return apply_plan_is(plan, info.prog_id, &m->is, ret, err);
}

static int cgplan_find_made(const struct cgroup_plan *c, struct apply_made **ret,
			    bool *stands, bool *dead, struct err *err)
{
	struct apply_record *was = &c->plan->journal->was;

	*ret = NULL;
	*stands = false;
	for (size_t i = 0; i < was->nr_made && !*stands; i++) {
		struct apply_made *m =
			&was->made[(c->plan->next_made + i) % was->nr_made];
		int r;

		if (!cgplan_is_for(c, m))
			continue;
		r = cgplan_stands(c->plan, c->list, m, stands, dead, err);
		if (r < 0)
			return r;
		if (!*ret || *stands)
			*ret = m;
	}
	if (!*ret)
		return 0;
	c->plan->next_made = (size_t)(*ret - was->made) + 1;
	(*ret)->claimed = true;
	for (size_t i = 0; apply_journal_is_twice(c->plan->journal) && i < was->nr_made;
	     i++)
		if (cgplan_is_for(c, &was->made[i]))
			was->made[i].claimed = true;
	return 0;
}

/* --- which place --- */

/* One for each cgroup, type and function. */
static char *cgplan_pin(const struct cgroup_plan *c)
{
	auto_free char *dir = apply_plan_pin_dir(c->plan->conf->name.text);

	return xasprintf("%s/%s_%s_%" PRIu64, dir, c->cg->type->name, c->function,
			 c->place->cgroup_id);
}

static void cgplan_place(const struct cgroup_plan *c, struct apply_act *act)
{
	struct apply_made *made = &act->made;

	made->cgroup = xstrdup(c->place->cgroup);
	made->cgroup_id = c->place->cgroup_id;
	made->attach_type = c->cg->type->value;
	made->mode = c->cg->mode;
}

static bool cgplan_is_planned(const struct cgroup_plan *c, const struct apply_act *self)
{
	if (c->plan->conf->nr_cgroups < 2)
		return false;
	for (size_t i = 0; i < c->plan->nr_acts; i++) {
		const struct apply_act *a = &c->plan->acts[i];

		if (a != self && a->kind != APPLY_STEP_REFUSE &&
		    apply_made_same_place(&a->made, &self->made))
			return true;
	}
	return false;
}

/* --- what may be done there --- */

static bool cgplan_fits_mode(const struct cgroup_plan *c, struct apply_act *act)
{
	const struct cgroup_query *q = &c->list->q;
	auto_strbuf who = STRBUF_INIT;

	if (!q->nr || cgroup_mode_of(q->flags) == cgplan_flags(c->cg->mode))
		return true;
	cgroup_say_programs(&who, q);
	apply_plan_refuse(
		c->plan, act,
		"its list is of mode %s with %s, and 'mode: %s' does not join it; detach those first",
		cgroup_mode_word(q->flags), sb_text(&who), apply_mode_word(c->cg->mode));
	return false;
}

/* Who stands there already without a record: alone, or of the same function. 0: nobody. */
static int cgplan_find_build(const struct cgroup_plan *c, struct apply_act *act,
			     uint32_t *ret, size_t *nr, struct err *err)
{
	const struct cgroup_query *q = &c->list->q;

	*ret = 0;
	*nr = 0;
	for (size_t i = 0; i < q->nr; i++) {
		bool direct, is_build = false;
		int r = apply_state_is_direct(c->plan->state, c->list, q->prog_ids[i],
					      &direct, err);

		if (r == 0 && direct)
			r = apply_plan_is_build(c->plan, q->prog_ids[i], act->want,
						&is_build, err);
		if (r < 0)
			return r;
		/* Where a link has it as well, the list has it twice. */
		if (!direct || q->prog_ids[i] == *ret ||
		    (!is_build && !cgplan_is_alone(c)))
			continue;
		/* Beside what another name has there is room. */
		if (!cgplan_is_alone(c) &&
		    apply_plan_owner(c->plan, &act->made, q->prog_ids[i]))
			continue;
		*ret = q->prog_ids[i];
		++*nr;
	}
	return 0;
}

static int cgplan_decide_new(const struct cgroup_plan *c, struct apply_act *act,
			     struct err *err)
{
	uint32_t there;
	size_t nr;
	int r = cgplan_find_build(c, act, &there, &nr, err);

	if (r < 0 || !nr)
		return r;
	if (nr > 1) {
		apply_plan_refuse(
			c->plan, act,
			"%zu programs '%s' are attached there, and no record says which one is ours; detach those that are not wanted",
			nr, c->function);
		return 0;
	}
	return apply_plan_adopt(c->plan, act, there, c->cg->adopt, err);
}

static int cgplan_decide_link(const struct cgroup_plan *c, struct apply_act *act,
			      struct err *err)
{
	struct link_fd_info info;
	enum apply_link link;
	int r = apply_state_link(act->made.pin, c->place->cgroup_id, c->cg->type->value,
				 &link, &info, err);

	if (r < 0 || link == APPLY_LINK_NONE)
		return r;
	if (link == APPLY_LINK_HERE)
		return apply_plan_adopt(c->plan, act, info.prog_id, c->cg->adopt, err);
	apply_plan_refuse(
		c->plan, act,
		"'%s' exists already, and is not a link of ours to this cgroup; remove it",
		act->made.pin);
	return 0;
}

static int cgplan_decide(const struct cgroup_plan *c, struct apply_act *act,
			 struct apply_made *m, bool stands, bool dead, struct err *err)
{
	if (cgplan_is_planned(c, act)) {
		apply_plan_refuse(c->plan, act,
				  "another entry of the file wants the same place");
		return 0;
	}
	if (stands && dead) {
		act->dead = true;
		act->there = m->is.id;
		apply_plan_say(c->plan, act, "its link lost its cgroup");
		return 0;
	}
	if (!cgplan_fits_mode(c, act))
		return 0;
	if (stands) {
		apply_plan_own(c->plan, act, m->is.id, NULL);
		return 0;
	}
	if (m)
		apply_plan_say(c->plan, act, "it was removed");
	return c->cg->mode == APPLY_LINK ? cgplan_decide_link(c, act, err)
					 : cgplan_decide_new(c, act, err);
}

int apply_plan_cgroup(struct apply_plan *plan, const struct apply_place *place,
		      struct err *err)
{
	struct apply_act *act = apply_plan_add(plan, place);
	struct cgroup_plan c = {.plan = plan,
				.cg = &plan->conf->cgroups[place->entry],
				.place = place,
				.function = act->want->prog->name};
	bool stands, dead = false;
	struct apply_made *m = NULL;
	int r;

	/* Before anything can fail: who tries again has to know where. */
	cgplan_place(&c, act);
	r = apply_state_list(plan->state, place->cgroup, place->cgroup_id,
			     place->is_open ? place->fd : -1, c.cg->type, &c.list, err);
	if (r == 0)
		r = cgplan_find_made(&c, &m, &stands, &dead, err);
	if (r < 0)
		return r;
	act->from = m;
	if (c.cg->mode == APPLY_LINK)
		act->made.pin = m && m->pin ? xstrdup(m->pin) : cgplan_pin(&c);
	return cgplan_decide(&c, act, m, stands, dead, err);
}

/* --- what no entry wants any more --- */

static int leftover_tc(struct apply_plan *plan, struct apply_act *act, bool *stands,
		       struct err *err)
{
	const struct apply_made *m = &act->made;
	struct apply_hook *hook;
	struct apply_ns *ns;
	int r = apply_plan_leftover_ns(plan, act, err);

	if (r <= 0)
		return r;
	ns = &plan->places->ns[act->ns];
	for (size_t d = 0; d < ns->nr_devs; d++) {
		if (ns->devs[d].ifindex != m->ifindex)
			continue;
		r = apply_state_hook(ns, &ns->devs[d], m->parent, &hook, err);
		for (size_t i = 0; r == 0 && i < hook->nr && !*stands; i++) {
			const struct apply_filter *f = &hook->items[i];

			if (f->chain != m->chain || f->pref != m->pref || !f->handle ||
			    f->handle != m->handle)
				continue;
			act->there = f->prog_id;
			r = apply_plan_is(plan, f->prog_id, &m->is, stands, err);
		}
		return r;
	}
	return 0;
}

static int leftover_cgroup(struct apply_plan *plan, struct apply_act *act, bool *stands,
			   struct err *err)
{
	const struct apply_made *m = &act->made;
	const struct attach_type *type = attach_type_by_value(m->attach_type);
	const struct apply_list *list = NULL;
	int r = 0;

	if (!type)
		return 0;
	if (m->mode != APPLY_LINK) {
		struct err gone = ERR_INIT;

		r = apply_state_list(plan->state, m->cgroup, m->cgroup_id, -1, type,
				     &list, &gone);
		if (r < 0) {
			bool is_gone = r == -ENOENT || r == -ENODEV || r == -ENOTDIR;

			if (!is_gone)
				err_say(err, r, "%s", gone.text);
			err_release(&gone);
			return is_gone ? 0 : r;
		}
	}
	act->there = m->is.id;
	return cgplan_stands(plan, list, m, stands, &act->dead, err);
}

static bool leftover_is_twin(const struct apply_plan *plan, const struct apply_made *m)
{
	for (size_t i = 0; i < plan->nr_acts; i++)
		if (plan->acts[i].kind != APPLY_STEP_FORGET &&
		    apply_made_same_place(&plan->acts[i].made, m))
			return true;
	return false;
}

/* Nothing wants it, unless it is a cgroup that could not be looked at. */
static int leftover_look(struct apply_plan *plan, struct apply_act *act, bool *stands,
			 struct err *err)
{
	if (act->made.tcx)
		return apply_plan_leftover_tcx(plan, act, stands, err);
	if (act->made.is_tc)
		return leftover_tc(plan, act, stands, err);
	if (plan->places->unseen)
		return err_set(err, plan->places->unseen, "cgroup '%s'",
			       plan->places->unseen_at);
	return leftover_cgroup(plan, act, stands, err);
}

int apply_plan_leftovers(struct apply_plan *plan, struct err *err)
{
	const struct apply_record *was = &plan->journal->was;

	for (size_t i = 0; i < was->nr_made; i++) {
		const struct apply_made *m = &was->made[i];
		struct apply_record one = APPLY_RECORD_INIT;
		struct apply_act *act;
		bool stands = false;
		int r;

		if (m->claimed || !m->is.id)
			continue;
		if (apply_journal_is_twice(plan->journal) && leftover_is_twin(plan, m))
			continue;
		act = apply_plan_add(plan, NULL);
		act->made = *apply_record_add_made(&one, m);
		free(one.made);
		act->kind = APPLY_STEP_FORGET;
		act->from = &was->made[i];
		r = leftover_look(plan, act, &stands, err);
		if (r < 0 && !plan->each)
			return r;
		if (r < 0)
			apply_plan_pass(plan, act, err);
		else if (stands)
			act->kind = APPLY_STEP_DETACH;
		else if (!act->why)
			act->why = "it is gone, or runs another program by now";
	}
	return 0;
}
