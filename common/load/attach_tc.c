/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"
#include "kernel/undo.h"
#include "load/attach_tc.h"
#include "load/tc_outcome.h"

/* --- the way back --- */

struct tc_step {
	struct nl_sock *sock;
	struct nl_filter f; /* owned: what goes, by its place; or what comes back */
	int prog_fd;        /* owned: of what comes back; -1: no eBPF */
	bool replaced;
};

static int tc_step_undo(void *data, struct err *err)
{
	const struct tc_step *step = data;
	auto_release(attach_tc_release) struct attach_tc at = {.sock = step->sock};
	int r = attach_tc_request(&at, step->replaced ? NL_FILTER_REPLACE : NL_FILTER_DEL,
				  &step->f, err);

	if (r == 0 || (!step->replaced && r == -ENOENT))
		return 0;
	return err_context(err, "if%d: filter pref %u handle 0x%x %s", step->f.ifindex,
			   step->f.pref, step->f.handle,
			   step->replaced ? "is not what it was" : "stays");
}

static void tc_step_drop(void *data)
{
	struct tc_step *step = data;

	nl_filter_release(&step->f);
	cleanup_close(&step->prog_fd);
	free(step);
}

static void tc_step_freep(struct tc_step **step)
{
	if (*step)
		tc_step_drop(*step);
}

static void tc_step_push(const struct attach_tc *at, struct tc_step *step)
{
	undo_push(at->undo, tc_step_undo, step, tc_step_drop);
}

/* Only its place says which filter it is. */
static struct nl_filter place_of(const struct nl_filter *f)
{
	struct nl_filter place = *f;

	place.has_options = false;
	place.ops = NULL;
	place.nr_ops = 0;
	return place;
}

static void remember_made(struct attach_tc *at, const struct nl_filter *f)
{
	struct tc_step *step;

	if (!at->undo)
		return;
	array_grow(at->made, at->nr_made);
	at->made[at->nr_made++] = place_of(f);
	step = xcalloc(1, sizeof(*step));
	*step = (struct tc_step){.sock = at->sock, .f = place_of(f), .prog_fd = -1};
	tc_step_push(at, step);
}

static int take_old(const struct nlmsghdr *nlh, void *ctx)
{
	struct tc_step *step = ctx;

	nl_filter_release(&step->f);
	return nl_filter_parse(&step->f, nlh);
}

/* The filter that is about to be replaced, with its program. *ret NULL: there is none. */
static int remember_old(const struct attach_tc *at, const struct nl_filter *f,
			struct tc_step **ret, struct err *err)
{
	auto_release(tc_step_freep) struct tc_step *step = xcalloc(1, sizeof(*step));
	struct nl_filter place = place_of(f);
	char buf[256] __attribute__((aligned(8)));
	int r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_GET);

	*step = (struct tc_step){.sock = at->sock, .prog_fd = -1, .replaced = true};
	if (r == 0)
		r = nl_sock_request(at->sock, (struct nlmsghdr *)buf, take_old, step,
				    err);
	*ret = NULL;
	if (r == -ENOENT || r == -EINVAL) {
		/* No such filter, or no such hook: the request itself will tell. */
		err_release(err);
		return 0;
	}
	if (r < 0)
		return err_context(err, "look at the filter that is replaced");
	step->f.gen_flags &= TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;
	if (step->f.prog == NL_FILTER_EBPF) {
		step->f.prog_fd = step->prog_fd = prog_fd_by_id(step->f.prog_id);
		if (step->prog_fd < 0) {
			err_set(err, step->prog_fd,
				"keep program id %u, to put it back in need",
				step->f.prog_id);
			return caps_explain(err, CAPS_IDS);
		}
	}
	*ret = take_ptr(step);
	return 0;
}

/* --- the request --- */

static int take_made(const struct nlmsghdr *nlh, void *ctx)
{
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};
	struct attach_tc *at = ctx;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	remember_made(at, &f);
	return at->echo ? at->echo(nlh, at->ctx) : 0;
}

/* The answer was lost. err says how; it is emptied where all went well. */
static int ask_outcome(struct attach_tc *at, enum nl_filter_op op,
		       const struct nl_filter *f, size_t nr_known, struct err *err)
{
	const struct outcome_filter asked = {.op = op,
					     .f = f,
					     .own_program = at->own_program,
					     .known = at->made,
					     .nr_known = nr_known};
	auto_free char *lost = xstrdup(err->text);
	auto_release(nl_filter_release) struct nl_filter found = {.ifindex = 0};
	bool del = op == NL_FILTER_DEL;
	auto_err why = ERR_INIT;

	switch (tc_outcome_filter(at->sock, &asked, &found, &why)) {
	case OUTCOME_DONE:
		log_info("%s: the answer is lost; a second look finds the filter %s",
			 lost, del ? "gone" : "in place");
		if (!del && at->nr_made == nr_known)
			remember_made(at, &found);
		if (!del && at->echo)
			at->found(at->ctx, &found, op != NL_FILTER_ADD);
		err_release(err);
		return 0;
	case OUTCOME_NOT_DONE:
		return err_say(
			err, err->code,
			"%s: the answer is lost; a second look finds the filter %s", lost,
			del ? "still in place" : "not in place");
	case OUTCOME_UNKNOWN:
		break;
	}
	at->unknown = true;
	return err_say(err, err->code,
		       "%s: the answer is lost; unknown whether the filter %s (%s)", lost,
		       del ? "is still in place" : "is in place", why.text);
}

static int tc_send(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		   struct err *err)
{
	auto_free struct nlmsghdr *nlh = xcalloc(1, NL_FILTER_BUF);
	size_t nr_known = at->nr_made;
	nl_sock_fn fn = op == NL_FILTER_DEL ? at->echo : take_made;
	void *ctx = op == NL_FILTER_DEL ? at->ctx : at;
	int r = nl_filter_build(nlh, NL_FILTER_BUF, f, op);

	at->lost = false;
	if (r < 0)
		return err_set(err, r, "filter request");
	if (at->echo || (at->undo && op != NL_FILTER_DEL))
		nlh->nlmsg_flags |= NLM_F_ECHO;
	else
		fn = NULL;
	r = nl_sock_request(at->sock, nlh, fn, ctx, err);
	if (r < 0 && nl_sock_lost(at->sock)) {
		at->lost = true;
		r = ask_outcome(at, op, f, nr_known, err);
	}
	return r == -EPERM ? caps_explain(err, CAPS_ATTACH) : r;
}

int attach_tc_request(struct attach_tc *at, enum nl_filter_op op,
		      const struct nl_filter *f, struct err *err)
{
	auto_release(tc_step_freep) struct tc_step *old = NULL;
	/* Without pref or handle the kernel adds, whatever the word. */
	bool replaces = (op == NL_FILTER_REPLACE || op == NL_FILTER_CHANGE) && f->pref &&
			f->handle;
	struct undo *undo = at->undo;
	int r = undo && replaces ? remember_old(at, f, &old, err) : 0;

	if (r < 0)
		return r;
	/* What was there comes back in its place. */
	if (old)
		at->undo = NULL;
	r = tc_send(at, op, f, err);
	at->undo = undo;
	if (r == 0 && old)
		tc_step_push(at, take_ptr(old));
	return r;
}

void attach_tc_release(struct attach_tc *at)
{
	free(at->made);
	at->made = NULL;
	at->nr_made = 0;
}
