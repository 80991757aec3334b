/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places at tc's hooks: which preference and handle, and what may be done there. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "def/ethertype.h"
#include "load/apply_plan.h"
#include "load/object.h"
#include "netlink/nl_filter.h"

enum { PREF_FIRST = 49152 }; /* where the kernel begins, too, and goes down */

/* One wanted filter on its way to a decision. */
struct tc_plan {
	struct apply_plan *plan;
	const struct apply_tc *tc;
	struct apply_ns *ns;
	struct apply_dev *dev;
	struct apply_hook *hook;
	const char *function;
};

/* --- what the hook has --- */

static struct apply_filter *tc_stands(const struct tc_plan *t, uint16_t pref,
				      uint32_t handle)
{
	for (size_t i = 0; i < t->hook->nr; i++) {
		struct apply_filter *f = &t->hook->items[i];

		if (f->chain == t->tc->chain && f->pref == pref && f->handle &&
		    f->handle == handle)
			return f;
	}
	return NULL;
}

static bool tc_pref_is_used(const struct tc_plan *t, uint16_t pref)
{
	for (size_t i = 0; i < t->hook->nr; i++)
		if (t->hook->items[i].chain == t->tc->chain &&
		    t->hook->items[i].pref == pref)
			return true;
	return false;
}

/* Other entries of the file may name it for the same hook. */
static bool tc_pref_is_named(const struct tc_plan *t, uint16_t pref)
{
	for (size_t i = 0; i < t->plan->conf->nr_tc; i++)
		if (t->plan->conf->tc[i].preference == pref)
			return true;
	return false;
}

static bool tc_is_open(const struct tc_plan *t)
{
	return !t->tc->preference || !t->tc->handle;
}

/* Will this place be what it is, once the plan is done? */
static void tc_take(const struct tc_plan *t, const struct apply_act *act)
{
	const struct apply_made *made = &act->made;
	struct apply_filter *f = tc_stands(t, made->pref, made->handle);

	if (!f) {
		array_grow(t->hook->items, t->hook->nr);
		f = &t->hook->items[t->hook->nr++];
		*f = (struct apply_filter){.chain = made->chain,
					   .pref = made->pref,
					   .handle = made->handle,
					   .protocol = made->protocol,
					   .is_bpf = true,
					   .kind = "bpf"};
	}
	f->planned = true;
	f->want = act->want;
	f->open = tc_is_open(t);
}

/* --- what the record has --- */

/* Entries of another boot have names only, and what was chosen. */
static bool tc_is_at(const struct tc_plan *t, const struct apply_made *m)
{
	if (!m->is_tc || m->tcx || m->parent != t->tc->parent || m->chain != t->tc->chain)
		return false;
	if (!m->is.id)
		return strcmp(m->dev, t->dev->name) == 0 &&
		       strcmp(m->netns, t->ns->name) == 0;
	return m->netns_ino == t->ns->ino && m->ifindex == t->dev->ifindex;
}

static bool tc_is_for(const struct tc_plan *t, const struct apply_made *m)
{
	if (m->claimed || !tc_is_at(t, m) ||
	    (t->tc->preference && m->pref != t->tc->preference) ||
	    (t->tc->handle && m->handle != t->tc->handle))
		return false;
	if (t->tc->preference && t->tc->handle)
		return true;
	return m->protocol == t->tc->protocol && strcmp(m->function, t->function) == 0;
}

/*
 * The entry that the wanted filter goes on from: one that stands, else any. All that are of the
 * same place stand for it from now on.
 */
static int tc_find_made(const struct tc_plan *t, struct apply_made **ret, bool *stands,
			struct err *err)
{
	struct apply_record *was = &t->plan->journal->was;

	*ret = NULL;
	*stands = false;
	/* A record has the order of the file: the next one is mostly the one. */
	for (size_t i = 0; i < was->nr_made && !*stands; i++) {
		struct apply_made *m =
			&was->made[(t->plan->next_made + i) % was->nr_made];
		const struct apply_filter *f;
		int r;

		if (!tc_is_for(t, m))
			continue;
		f = tc_stands(t, m->pref, m->handle);
		r = apply_plan_is(t->plan, f ? f->prog_id : 0, &m->is, stands, err);
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
		if (tc_is_at(t, &was->made[i]) && was->made[i].pref == (*ret)->pref &&
		    was->made[i].handle == (*ret)->handle)
			was->made[i].claimed = true;
	return 0;
}

static bool tc_is_recorded(const struct tc_plan *t, const struct apply_filter *f)
{
	const struct apply_record *was = &t->plan->journal->was;

	for (size_t i = 0; i < was->nr_made; i++)
		if (tc_is_at(t, &was->made[i]) && was->made[i].pref == f->pref &&
		    was->made[i].handle == f->handle && was->made[i].is.id == f->prog_id)
			return true;
	return false;
}

/* --- which place --- */

static void tc_place(struct tc_plan *t, struct apply_act *act, uint16_t pref,
		     uint32_t handle)
{
	struct apply_made *made = &act->made;

	made->netns = xstrdup(t->ns->name);
	made->netns_ino = t->ns->ino;
	made->dev = xstrdup(t->dev->name);
	made->ifindex = t->dev->ifindex;
	made->parent = t->tc->parent;
	made->chain = t->tc->chain;
	made->protocol = t->tc->protocol;
	made->direct_action = t->tc->direct_action;
	made->pref = pref;
	made->handle = handle;
}

/*
 * Where the place is left open, a filter with a build of the function is what an earlier run of a
 * lost record left, or what somebody made by hand: never a second one beside it. Those of other
 * names, and of our own entries, do not count. NULL: none; *several is told.
 */
static int tc_find_build(const struct tc_plan *t, struct apply_act *act,
			 struct apply_filter **ret, size_t *nr, struct err *err)
{
	*ret = NULL;
	*nr = 0;
	for (size_t i = 0; i < t->hook->nr; i++) {
		struct apply_filter *f = &t->hook->items[i];
		struct apply_made place = act->made;
		bool is_build;
		int r;

		if (f->planned || f->chain != t->tc->chain || !f->handle ||
		    f->protocol != t->tc->protocol ||
		    (t->tc->preference && f->pref != t->tc->preference) ||
		    (t->tc->handle && f->handle != t->tc->handle) || tc_is_recorded(t, f))
			continue;
		r = apply_plan_is_build(t->plan, f->prog_id, act->want, &is_build, err);
		if (r < 0)
			return r;
		place.pref = f->pref;
		place.handle = f->handle;
		if (!is_build || apply_plan_owner(t->plan, &place, f->prog_id))
			continue;
		*ret = f;
		++*nr;
	}
	return 0;
}

static void tc_choose_free(const struct tc_plan *t, struct apply_made *made)
{
	made->pref = t->tc->preference;
	for (uint16_t p = PREF_FIRST; !made->pref && p; p--)
		if (!tc_pref_is_used(t, p) && !tc_pref_is_named(t, p))
			made->pref = p;
	made->handle = t->tc->handle;
	for (uint32_t h = 1; !made->handle; h++)
		if (!tc_stands(t, made->pref, h))
			made->handle = h;
}

static int tc_choose(struct tc_plan *t, struct apply_act *act, const struct apply_made *m,
		     struct err *err)
{
	struct apply_made *made = &act->made;
	struct apply_filter *build;
	size_t nr;
	int r;

	if (made->pref && made->handle)
		return 0;
	/* Chosen once: but what was chosen in another boot may be somebody's by now. */
	if (m && (m->is.id || !tc_pref_is_used(t, m->pref))) {
		made->pref = m->pref;
		made->handle = m->handle;
		return 0;
	}
	r = tc_find_build(t, act, &build, &nr, err);
	if (r < 0)
		return r;
	if (nr > 1) {
		apply_plan_refuse(
			t->plan, act,
			"%zu filters run a program '%s', and no record says which one is ours; set preference and handle",
			nr, t->function);
		return 0;
	}
	if (build) {
		made->pref = build->pref;
		made->handle = build->handle;
		return 0;
	}
	tc_choose_free(t, made);
	return 0;
}

/* --- what may be done there --- */

/* A preference has one kind and one protocol. False: it is refused. */
static bool tc_fits_pref(struct tc_plan *t, struct apply_act *act)
{
	for (size_t i = 0; i < t->hook->nr; i++) {
		const struct apply_filter *f = &t->hook->items[i];
		const char *name = ethertype_name(f->protocol);

		if (f->chain != t->tc->chain || f->pref != act->made.pref)
			continue;
		if (!f->is_bpf)
			apply_plan_refuse(
				t->plan, act,
				"pref %u has filters of kind '%.16s'; choose another preference",
				f->pref, f->kind);
		else if (f->protocol != t->tc->protocol)
			apply_plan_refuse(
				t->plan, act,
				"pref %u has filters of protocol %s (0x%04x), and a preference has one; choose another preference",
				f->pref, name ? name : "unknown", f->protocol);
		else
			continue;
		return false;
	}
	return true;
}

/* Two patterns that name one interface: twice only where both entries say which places. */
static bool tc_is_once(struct tc_plan *t, struct apply_act *act)
{
	for (size_t i = 0; i < t->hook->nr; i++) {
		const struct apply_filter *f = &t->hook->items[i];

		if (!f->planned || f->want != act->want || f->chain != t->tc->chain ||
		    f->protocol != t->tc->protocol || (!f->open && !tc_is_open(t)))
			continue;
		apply_plan_refuse(
			t->plan, act,
			"another entry of the file attaches program '%s' to this hook; drop one, or set preference and handle in both",
			t->function);
		return false;
	}
	return true;
}

static bool tc_has_hook(struct tc_plan *t, struct apply_act *act)
{
	if (t->dev->qdisc == APPLY_QDISC_INGRESS && t->tc->parent == NL_PARENT_EGRESS)
		apply_plan_refuse(
			t->plan, act,
			"dev '%s' has an ingress qdisc, which has no egress hook; replace it with clsact",
			t->dev->name);
	else if (t->dev->qdisc == APPLY_QDISC_NONE && !t->tc->clsact)
		apply_plan_refuse(
			t->plan, act,
			"no clsact qdisc on '%s'; 'clsact: yes' adds one, or: tc_loader qdisc add dev %s clsact",
			t->dev->name, t->dev->name);
	else
		return true;
	return false;
}

/* Whatever else a filter can have, ours have not. NULL: it is as it should be. */
static const char *tc_differs(const struct tc_plan *t, const struct apply_filter *f)
{
	if (f->direct_action != t->tc->direct_action)
		return "direct-action changed";
	return f->has_classid ? "a classid was set" : NULL;
}

static int tc_decide(struct tc_plan *t, struct apply_act *act, const struct apply_made *m,
		     bool ours, struct err *err)
{
	const struct apply_filter *f = tc_stands(t, act->made.pref, act->made.handle);

	if (f && f->planned) {
		apply_plan_refuse(t->plan, act,
				  "another entry of the file wants the same place");
		return 0;
	}
	if (!f) {
		if (m && m->is.id)
			apply_plan_say(t->plan, act, "it was removed");
		return 0;
	}
	if (!f->prog_id) {
		apply_plan_refuse(
			t->plan, act,
			"a filter without an eBPF program is in the way; choose another preference");
		return 0;
	}
	/* cls_bpf refuses to replace it by one without skip_*. */
	if (f->is_skipping || f->has_actions) {
		apply_plan_refuse(
			t->plan, act,
			"its filter has %s; delete it: tc_loader filter del dev %s %s pref %u",
			f->has_actions
				? "actions, which could not be brought back if the run fails"
				: "skip_sw or skip_hw, which cannot be changed in place",
			t->dev->name,
			t->tc->parent == NL_PARENT_EGRESS ? "egress" : "ingress",
			f->pref);
		return 0;
	}
	act->differs = tc_differs(t, f) != NULL;
	if (!ours)
		return apply_plan_adopt(t->plan, act, f->prog_id, t->tc->adopt, err);
	apply_plan_own(t->plan, act, f->prog_id, tc_differs(t, f));
	return 0;
}

int apply_plan_tc(struct apply_plan *plan, const struct apply_place *place,
		  struct err *err)
{
	struct apply_act *act = apply_plan_add(plan, place);
	struct tc_plan t = {.plan = plan,
			    .tc = &plan->conf->tc[place->entry],
			    .ns = &plan->places->ns[place->ns],
			    .function = act->want->prog->name};
	struct apply_made *m = NULL;
	bool ours;
	int r;

	t.dev = &t.ns->devs[place->dev];
	tc_place(&t, act, t.tc->preference, t.tc->handle);
	r = apply_state_hook(t.ns, t.dev, t.tc->parent, &t.hook, err);
	if (r == 0)
		r = tc_find_made(&t, &m, &ours, err);
	if (r < 0)
		return r;
	act->from = m;
	if (!tc_has_hook(&t, act) || !tc_is_once(&t, act))
		return 0;
	r = tc_choose(&t, act, m, err);
	if (r < 0 || act->kind == APPLY_STEP_REFUSE || !tc_fits_pref(&t, act))
		return r;
	r = tc_decide(&t, act, m, ours, err);
	if (r < 0 || act->kind == APPLY_STEP_REFUSE)
		return r;
	apply_plan_need_qdisc(plan, place->ns, t.dev);
	tc_take(&t, act);
	return 0;
}
