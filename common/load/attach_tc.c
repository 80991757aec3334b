/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/attach_tc.h"
#include "load/keep_watch.h"
#include "load/program_cache.h"
#include "load/tc_hook.h"
#include "load/tc_outcome.h"
#include "netlink/nl_link.h"

static int tc_send(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		   struct err *err);

/* --- the way back --- */

struct tc_step {
	struct nl_sock *sock;
	struct nl_filter f; /* owned: what goes, by its place; or what comes back */
	int prog_fd;        /* owned: of what comes back; -1: no eBPF */
	uint32_t ours;      /* the program that was put there; 0: no eBPF */
	bool replaced;
};

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
	*step = NULL;
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

static int tc_take_filter(const struct nlmsghdr *nlh, void *ctx)
{
	struct nl_filter *f = ctx;

	nl_filter_release(f);
	return nl_filter_parse(f, nlh);
}

int attach_tc_get(struct nl_sock *sock, const struct nl_filter *f, struct nl_filter *ret,
		  struct err *err)
{
	const struct nl_filter place = place_of(f);
	char buf[256] __attribute__((aligned(8)));
	int r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_GET);

	if (r == 0)
		r = nl_sock_request(sock, (struct nlmsghdr *)buf, tc_take_filter, ret,
				    err);
	if (r == -ENOENT || r == -EINVAL || r == -ENODEV) {
		err_release(err);
		return 0;
	}
	return r < 0 ? r : 1;
}

/* What somebody else put in its place by now is his. */
static int tc_step_undo(void *data, struct err *err)
{
	const struct tc_step *step = data;
	auto_release(attach_tc_release) struct attach_tc at = {.sock = step->sock};
	auto_release(nl_filter_release) struct nl_filter now = {.ifindex = 0};
	int r = attach_tc_get(step->sock, &step->f, &now, err);

	if (r > 0 && now.prog_id == step->ours)
		r = tc_send(&at, step->replaced ? NL_FILTER_REPLACE : NL_FILTER_DEL,
			    &step->f, err);
	return r < 0 ? err_context(err, "if%d: filter pref %u handle 0x%x %s",
				   step->f.ifindex, step->f.pref, step->f.handle,
				   step->replaced ? "has changed" : "stays")
		     : 0;
}

static struct tc_step *tc_step_new(struct nl_sock *sock)
{
	struct tc_step *step = xcalloc(1, sizeof(*step));

	*step = (struct tc_step){.sock = sock, .prog_fd = -1};
	return step;
}

/* What is made has to be remembered, whatever happens: nothing is allocated after it. */
static void tc_reserve(struct attach_tc *at)
{
	if (!at->undo)
		return;
	array_grow(at->made, at->nr_made);
	if (!at->next)
		at->next = tc_step_new(at->sock);
	undo_reserve(at->undo);
}

static void remember_made(struct attach_tc *at, const struct nl_filter *f)
{
	struct tc_step *step = take_ptr(at->next);

	if (!step)
		return;
	step->ours = f->prog_id;
	if (step->replaced) {
		undo_push(at->undo, tc_step_undo, step, tc_step_drop);
		return;
	}
	at->made[at->nr_made++] = place_of(f);
	step->f = place_of(f);
	undo_push(at->undo, tc_step_undo, step, tc_step_drop);
}

/* The filter that is about to be replaced, with its program. *ret stays where there is none. */
static int remember_old(const struct attach_tc *at, const struct nl_filter *f,
			struct tc_step **ret, struct err *err)
{
	auto_release(tc_step_freep) struct tc_step *step = tc_step_new(at->sock);
	int r = attach_tc_get(at->sock, f, &step->f, err);

	step->replaced = true;
	/* No such filter, or no such hook: the request itself will tell. */
	if (r == 0)
		return 0;
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

/* Only this process has its programs; the place may have got one by an earlier command. */
static bool tc_is_first_here(const struct attach_tc *at, const struct nl_filter *f)
{
	return at->own_id && !program_cache_was_put(at->cache, at->own_id, f);
}

/* The answer was lost. err says how; it is emptied where all went well. */
static int ask_outcome(struct attach_tc *at, enum nl_filter_op op,
		       const struct nl_filter *f, size_t nr_known, struct err *err)
{
	const struct outcome_filter asked = {.op = op,
					     .f = f,
					     .own_program = tc_is_first_here(at, f),
					     .known = at->made,
					     .nr_known = nr_known};
	char lost[sizeof(err->text)];
	auto_release(nl_filter_release) struct nl_filter found = {.ifindex = 0};
	bool del = op == NL_FILTER_DEL;
	auto_err why = ERR_INIT;

	memcpy(lost, err->text, sizeof(lost));
	switch (tc_outcome_filter(at->sock, &asked, &found, &why)) {
	case OUTCOME_DONE:
		log_info("%s: the answer is lost; a second look finds the filter %s",
			 lost, del ? "gone" : "in place");
		if (!del)
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
	/* Only what the message takes is written: to clear the rest would cost more than it. */
	auto_free struct nlmsghdr *nlh = xrealloc(NULL, 1, NL_FILTER_BUF);
	size_t nr_known = at->nr_made;
	nl_sock_fn fn = op == NL_FILTER_DEL ? at->echo : take_made;
	void *ctx = op == NL_FILTER_DEL ? at->ctx : at;
	int r = nl_filter_build(nlh, NL_FILTER_BUF, f, op);

	at->lost = false;
	if (r < 0)
		return err_set(err, r, "filter request");
	if (op != NL_FILTER_DEL)
		tc_reserve(at);
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

/* Without pref or handle the kernel adds, whatever the word. */
static bool tc_replaces(enum nl_filter_op op, const struct nl_filter *f)
{
	return (op == NL_FILTER_REPLACE || op == NL_FILTER_CHANGE) && f->pref &&
	       f->handle;
}

int attach_tc_request(struct attach_tc *at, enum nl_filter_op op,
		      const struct nl_filter *f, struct err *err)
{
	int r = 0;

	tc_step_freep(&at->next);
	if (at->undo && tc_replaces(op, f))
		r = remember_old(at, f, &at->next, err);
	return r < 0 ? r : tc_send(at, op, f, err);
}

static int tc_request(struct attach_tc *at, enum nl_filter_op op,
		      const struct nl_filter *f, const char *dev, struct err *err)
{
	int r = op == NL_FILTER_DEL ? 0 : tc_hook_check(at->sock, f, dev, err);

	if (r < 0)
		return r;
	if (at->going && (op == NL_FILTER_DEL || tc_replaces(op, f)))
		keep_watch_filters(at->going, at->sock, f);
	r = attach_tc_request(at, op, f, err);
	if (r < 0 && r != -EPERM && !at->lost)
		tc_hook_explain(at->sock, op, f, err);
	if (r == 0 || at->unknown)
		program_cache_put(at->cache, at->own_id, f);
	at->stands |= r == 0;
	return r;
}

int attach_tc_one(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		  const char *dev, struct err *err)
{
	int r = stop_hold_check(err);

	return r < 0 ? r : tc_request(at, op, f, dev, err);
}

/* --- several interfaces --- */

/* How many failed. */
static size_t tc_request_each(struct attach_tc *at, enum nl_filter_op op,
			      const struct nl_filter *f, const struct nl_link *devs,
			      size_t nr)
{
	struct nl_filter one = *f;
	size_t failed = 0;

	for (size_t i = 0; i < nr; i++) {
		auto_err err = ERR_INIT;
		int r = op == NL_FILTER_ADD ? stop_hold_check(&err) : 0;

		one.ifindex = devs[i].ifindex;
		if (r == 0)
			r = tc_request(at, op, &one, devs[i].name, &err);
		if (r == 0)
			continue;
		log_warn("dev '%s': %s", devs[i].name, err.text);
		failed++;
		if (r == -EINTR)
			break;
	}
	return failed;
}

/* What this command added goes again, the latest first. */
static void tc_take_back(struct attach_tc *at, size_t depth)
{
	auto_err err = ERR_INIT;

	at->stands = false;
	if (undo_rewind(at->undo, depth, &err) == 0)
		return;
	at->unknown = true;
	log_warn("%s", err.text);
}

int attach_tc_devs(struct attach_tc *at, enum nl_filter_op op, const struct nl_filter *f,
		   const struct nl_link *devs, size_t nr, struct err *err)
{
	bool add = op == NL_FILTER_ADD;
	struct undo *undo = at->undo;
	size_t failed, depth = undo ? undo_depth(undo) : 0;

	at->undo = add ? undo : NULL;
	failed = tc_request_each(at, op, f, devs, nr);
	at->undo = undo;
	if (failed == 0)
		return 0;
	if (add)
		tc_take_back(at, depth);
	return err_say(err, -EIO, "%zu of %zu interfaces failed%s", failed, nr,
		       !add          ? ""
		       : at->unknown ? "; the filters on the others are removed"
				     : "; nothing is added");
}

/* --- */

void attach_tc_name(struct nl_filter *f, const char *path, const char *what)
{
	const char *slash = strrchr(path, '/');
	auto_free char *name = xasprintf("%s:[%s]", slash ? slash + 1 : path, what);

	snprintf(f->name, sizeof(f->name) - 1, "%s", name);
}

void attach_tc_release(struct attach_tc *at)
{
	tc_step_freep(&at->next);
	free(at->made);
	at->made = NULL;
	at->nr_made = 0;
}
