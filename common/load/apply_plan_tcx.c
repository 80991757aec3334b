/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places in the lists of tcx: one for each function, without a link. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "load/apply_plan.h"
#include "load/object.h"
#include "netlink/nl_filter.h"

/* One wanted program on its way to a decision. */
struct tcx_plan {
	struct apply_plan *plan;
	const struct apply_tc *tc;
	const struct apply_ns *ns;
	struct dev_query q;
	const char *function;
};

struct dev_hook apply_plan_hook(const struct apply_places *places, size_t ns,
				const struct apply_made *made)
{
	const struct apply_ns *in = &places->ns[ns];

	return (struct dev_hook){.ifindex = made->ifindex,
				 .attach_type = made->parent == NL_PARENT_EGRESS
							? DEV_QUERY_TCX_EGRESS
							: DEV_QUERY_TCX_INGRESS,
				 .netns = in->name[0] ? in->name : NULL,
				 .netns_ino = in->ino};
}

/* An interface that went meanwhile has an empty list. -EINVAL: the kernel has none. */
static int tcxplan_query(const struct apply_plan *plan, const struct apply_act *act,
			 struct dev_query *ret, struct err *err)
{
	const struct dev_hook hook = apply_plan_hook(plan->places, act->ns, &act->made);
	int r = dev_hook_query(&hook, ret);

	if (r == 0 || r == -EINVAL)
		return r;
	*ret = (struct dev_query){.nr = 0};
	if (r == -ENODEV)
		return 0;
	err_set(err, r, "programs of tcx of dev '%s'", act->made.dev);
	return caps_explain(err, CAPS_ATTACH);
}

/* By itself, and not through a link. */
static bool tcxplan_has(const struct dev_query *q, uint32_t prog_id)
{
	for (uint32_t i = 0; i < q->nr; i++)
		if (q->prog_ids[i] == prog_id)
			return !q->link_ids[i];
	return false;
}

/* --- what the record has --- */

/* Of another boot nothing is chosen again: a list has no numbers. */
static bool tcxplan_is_for(const struct apply_act *act, const struct apply_made *m)
{
	return !m->claimed && m->is.id && m->is_tc &&
	       apply_made_same_place(m, &act->made);
}

static int tcxplan_find_made(const struct tcx_plan *t, const struct apply_act *act,
			     struct apply_made **ret, bool *stands, struct err *err)
{
	struct apply_record *was = &t->plan->journal->was;

	*ret = NULL;
	*stands = false;
	for (size_t i = 0; i < was->nr_made && !*stands; i++) {
		struct apply_made *m =
			&was->made[(t->plan->next_made + i) % was->nr_made];
		int r = 0;

		if (!tcxplan_is_for(act, m))
			continue;
		if (tcxplan_has(&t->q, m->is.id))
			r = apply_plan_is(t->plan, m->is.id, &m->is, stands, err);
		if (r < 0)
			return r;
		if (!*ret || *stands)
			*ret = m;
	}
	if (!*ret)
		return 0;
	t->plan->next_made = (size_t)(*ret - was->made) + 1;
	(*ret)->claimed = true;
	for (size_t i = 0; apply_journal_is_twice(t->plan->journal) && i < was->nr_made;
	     i++)
		if (tcxplan_is_for(act, &was->made[i]))
			was->made[i].claimed = true;
	return 0;
}

/* --- what may be done there --- */

static bool tcxplan_is_planned(const struct tcx_plan *t, const struct apply_act *self)
{
	for (size_t i = 0; i < t->plan->nr_acts && t->plan->conf->nr_tc > 1; i++) {
		const struct apply_act *a = &t->plan->acts[i];

		if (a != self && a->kind != APPLY_STEP_REFUSE &&
		    apply_made_same_place(&a->made, &self->made))
			return true;
	}
	return false;
}

/* A build of the function that no record has, and whether a link holds it. */
static int tcxplan_find_build(const struct tcx_plan *t, const struct apply_act *act,
			      uint32_t *ret, uint32_t *link, size_t *nr, struct err *err)
{
	*ret = *link = 0;
	*nr = 0;
	for (uint32_t i = 0; i < t->q.nr; i++) {
		uint32_t id = t->q.prog_ids[i];
		bool is_build;
		int r = apply_plan_is_build(t->plan, id, act->want, &is_build, err);

		if (r < 0)
			return r;
		if (!is_build || apply_plan_owner(t->plan, &act->made, id))
			continue;
		*ret = id;
		*link = t->q.link_ids[i];
		++*nr;
	}
	return 0;
}

static int tcxplan_decide_new(const struct tcx_plan *t, struct apply_act *act,
			      struct err *err)
{
	uint32_t there, link;
	size_t nr;
	int r = tcxplan_find_build(t, act, &there, &link, &nr, err);

	if (r < 0 || !nr)
		return r;
	if (nr > 1)
		apply_plan_refuse(
			t->plan, act,
			"%zu programs '%s' are in its list, and no record says which one is ours; delete those that are not wanted",
			nr, t->function);
	else if (link)
		apply_plan_refuse(
			t->plan, act,
			"program id %u '%s' is there already, held by link id %u of somebody else",
			there, t->function, link);
	else
		return apply_plan_adopt(t->plan, act, there, t->tc->adopt, err);
	return 0;
}

static void tcxplan_place(const struct tcx_plan *t, const struct apply_dev *dev,
			  struct apply_act *act)
{
	struct apply_made *made = &act->made;

	made->netns = xstrdup(t->ns->name);
	made->netns_ino = t->ns->ino;
	made->dev = xstrdup(dev->name);
	made->ifindex = dev->ifindex;
	made->parent = t->tc->parent;
	made->direct_action = true;
	made->tcx = true;
}

int apply_plan_tcx(struct apply_plan *plan, const struct apply_place *place,
		   struct err *err)
{
	struct apply_act *act = apply_plan_add(plan, place);
	struct tcx_plan t = {.plan = plan,
			     .tc = &plan->conf->tc[place->entry],
			     .ns = &plan->places->ns[place->ns],
			     .function = act->want->prog->name};
	struct apply_made *m = NULL;
	bool stands = false;
	int r;

	tcxplan_place(&t, &t.ns->devs[place->dev], act);
	r = tcxplan_query(plan, act, &t.q, err);
	if (r == -EINVAL) {
		apply_plan_refuse(
			plan, act,
			"this kernel has no tcx (Linux 6.6, CONFIG_NET_XGRESS); use 'attach: clsact'");
		return 0;
	}
	if (r == 0)
		r = tcxplan_find_made(&t, act, &m, &stands, err);
	if (r < 0)
		return r;
	act->from = m;
	if (tcxplan_is_planned(&t, act)) {
		apply_plan_refuse(plan, act,
				  "another entry of the file wants the same place");
		return 0;
	}
	if (stands) {
		apply_plan_own(plan, act, m->is.id, NULL);
		return 0;
	}
	if (m)
		apply_plan_say(plan, act, "it was removed");
	return tcxplan_decide_new(&t, act, err);
}

/* --- what no entry wants any more --- */

int apply_plan_leftover_tcx(struct apply_plan *plan, struct apply_act *act, bool *stands,
			    struct err *err)
{
	const struct apply_made *m = &act->made;
	struct dev_query q;
	int r = apply_plan_leftover_ns(plan, act, err);

	if (r <= 0)
		return r;
	r = tcxplan_query(plan, act, &q, err);
	if (r == -EINVAL || (r == 0 && !tcxplan_has(&q, m->is.id)))
		return 0;
	act->there = m->is.id;
	return r < 0 ? r : apply_plan_is(plan, m->is.id, &m->is, stands, err);
}
