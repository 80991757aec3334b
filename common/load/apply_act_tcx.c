/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is done in the lists of tcx, each with its way back. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/undo.h"
#include "load/apply_act.h"

/* The namespace's name is the places', and the programs are the state's or the objects'. */
struct act_tcx {
	struct dev_hook hook;
	int prog_fd;                 /* that was put there, or taken away */
	int before_fd;               /* that was in its place; -1: nothing */
	struct dev_attach_opts back; /* of what was taken away: where it was */
};

static int act_tcx_refused(const struct apply_act *act, int code, struct err *err)
{
	if (code == -ESTALE || code == -ENOENT || code == -EBUSY)
		return err_say(
			err, -ESTALE,
			"its list was changed during the run, by somebody else; run it again");
	if (code == -EEXIST)
		return err_say(err, code, "program id %u is in its list already",
			       act->want->is.id);
	if (code == -ERANGE)
		return err_say(err, code,
			       "its list is full: the kernel takes %d programs",
			       DEV_QUERY_MAX);
	err_set(err, code, "list of tcx");
	return caps_explain(err, CAPS_ATTACH);
}

static int act_tcx_undo(void *data, struct err *err)
{
	const struct act_tcx *step = data;

	return dev_attach_undo(&step->hook, step->prog_fd, step->before_fd, err);
}

int apply_act_attach_tcx(const struct apply_actor *a, const struct apply_act *act,
			 struct err *err)
{
	auto_free struct act_tcx *step = xcalloc(1, sizeof(*step));
	const struct dev_attach_opts last = {.order = DEV_ORDER_NONE};
	const struct apply_program *before;
	int r = 0;

	*step = (struct act_tcx){.hook = apply_plan_hook(a->plan->places, act->ns,
							 &act->made),
				 .prog_fd = act->want->fd,
				 .before_fd = -1};
	if (act->there)
		r = apply_state_program(a->plan->state, act->there, &before, err);
	if (r < 0)
		return r;
	if (act->there)
		step->before_fd = before->fd;
	undo_reserve(a->undo);
	r = act->there ? dev_attach_over(&step->hook, step->prog_fd, step->before_fd, 0)
		       : dev_attach(&step->hook, step->prog_fd, &last);
	if (r < 0)
		return act_tcx_refused(act, r, err);
	undo_push(a->undo, act_tcx_undo, take_ptr(step), free);
	return 0;
}

/* --- detach --- */

static int act_tcx_back(void *data, struct err *err)
{
	struct act_tcx *step = data;
	int r = dev_attach(&step->hook, step->prog_fd, &step->back);

	/* Its neighbour went meanwhile. */
	if (r == -ENOENT) {
		step->back = (struct dev_attach_opts){.order = DEV_ORDER_NONE};
		r = dev_attach(&step->hook, step->prog_fd, &step->back);
	}
	if (r == 0 || r == -ENODEV || r == -EEXIST)
		return 0;
	return err_set(err, r, "if%d: a program of %s did not return", step->hook.ifindex,
		       dev_hook_name(step->hook.attach_type));
}

static struct dev_attach_opts act_tcx_place(const struct dev_query *q, uint32_t id)
{
	struct dev_attach_opts at = {.order = DEV_ORDER_NONE};

	for (uint32_t i = 0; i + 1 < q->nr; i++)
		if (q->prog_ids[i] == id)
			at = (struct dev_attach_opts){.order = DEV_BEFORE,
						      .anchor_id = q->prog_ids[i + 1]};
	return at;
}

int apply_act_detach_tcx(const struct apply_actor *a, const struct apply_act *act,
			 struct err *err)
{
	auto_free struct act_tcx *step = xcalloc(1, sizeof(*step));
	const struct apply_program *gone;
	struct dev_query q;
	int r;

	*step = (struct act_tcx){
		.hook = apply_plan_hook(a->plan->places, act->ns, &act->made)};
	r = dev_hook_query(&step->hook, &q);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return act_tcx_refused(act, r, err);
	r = apply_state_program(a->plan->state, act->made.is.id, &gone, err);
	if (r < 0)
		return r;
	step->prog_fd = gone->fd;
	step->back = act_tcx_place(&q, act->made.is.id);
	undo_reserve(a->undo);
	r = dev_detach(&step->hook, step->prog_fd, 0);
	/* Gone by now, or a link's: not ours any more. */
	if (r == -ENOENT || r == -ENODEV || r == -EBUSY)
		return 0;
	if (r < 0)
		return act_tcx_refused(act, r, err);
	undo_push(a->undo, act_tcx_back, take_ptr(step), free);
	return 0;
}
