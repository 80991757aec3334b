/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pkt_cls.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/undo.h"
#include "load/attach_tc.h"
#include "load/attach_tcx.h"
#include "load/keep_watch.h"
#include "load/same_program.h"
#include "load/tcx_move.h"
#include "netlink/nl_link.h"

/* --- look ------------------------------------------------- */

struct tcx_filters {
	int prog_fd;
	struct nl_filter *items; /* owned */
	size_t nr;
	uint32_t unseen; /* a program that could not be compared; 0: none */
	int why;         /* that one's error */
};

static void tcx_filters_clear(void *ctx)
{
	struct tcx_filters *l = ctx;

	for (size_t i = 0; i < l->nr; i++)
		nl_filter_release(&l->items[i]);
	l->nr = 0;
	l->unseen = 0;
}

static void tcx_filters_release(struct tcx_filters *l)
{
	tcx_filters_clear(l);
	free(l->items);
}

static int tcx_filters_take(const struct nlmsghdr *nlh, void *ctx)
{
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};
	struct tcx_filters *l = ctx;
	auto_close int fd = -1;
	int r = nl_filter_parse(&f, nlh), same;

	if (r < 0 || strcmp(f.kind, "bpf") != 0 || !f.has_options || f.block || f.chain ||
	    f.prog != NL_FILTER_EBPF || f.gen_flags & TCA_CLS_FLAGS_SKIP_SW)
		return r;
	fd = prog_fd_by_id(f.prog_id);
	same = fd < 0 ? fd : same_function(l->prog_fd, fd);
	if (same < 0 && same != -ENOENT) {
		l->unseen = f.prog_id;
		l->why = same;
	}
	if (same != 1)
		return 0;
	array_grow(l->items, l->nr);
	l->items[l->nr++] = f;
	f = (struct nl_filter){.ifindex = 0};
	return 0;
}

static int tcx_filters_read(struct tcx_filters *l, const struct attach_tcx *at, size_t i,
			    struct err *err)
{
	const struct nl_filter ask = {.ifindex = at->devs[i].ifindex,
				      .parent = at->attach_type == DEV_QUERY_TCX_EGRESS
							? NL_PARENT_EGRESS
							: NL_PARENT_INGRESS};
	char buf[256] __attribute__((aligned(8)));
	int r = nl_filter_build(buf, sizeof(buf), &ask, NL_FILTER_SHOW);

	if (r < 0)
		return err_set(err, r, "filter request");
	return nl_sock_dump(at->sock, (struct nlmsghdr *)buf, tcx_filters_take,
			    tcx_filters_clear, l, err);
}

static void tcx_say_prefs(struct strbuf *out, const struct tcx_filters *l)
{
	for (size_t i = 0; i < l->nr; i++)
		sb_addf(out, "%spref %u handle 0x%x (id %u)", i ? ", " : "",
			l->items[i].pref, l->items[i].handle, l->items[i].prog_id);
}

/* In a list what a program returns is the verdict. NULL: in the filter it is so too. */
static const char *tcx_move_loses(const struct nl_filter *f)
{
	return f->has_actions ? "actions" : !f->direct_action ? "no direct-action" : NULL;
}

static int tcx_move_take(struct attach_tcx *at, size_t i, struct nl_filter *f,
			 struct err *err)
{
	const char *loses = tcx_move_loses(f);

	if (loses)
		return err_say(
			err, -EOPNOTSUPP,
			"'%s': clsact's filter pref %u handle 0x%x (id %u) has %s, and in a list of tcx its program would give the verdict; delete it, or leave 'replace' out",
			at->devs[i].name, f->pref, f->handle, f->prog_id, loses);
	if (at->going)
		keep_watch_add(at->going, f->prog_id);
	nl_filter_release(&at->moves[i]);
	at->moves[i] = *f;
	*f = (struct nl_filter){.ifindex = 0};
	return 0;
}

int tcx_move_find(struct attach_tcx *at, size_t i, struct err *err)
{
	auto_release(tcx_filters_release) struct tcx_filters l = {.prog_fd = at->prog_fd};
	bool tcx = at->attach_type == DEV_QUERY_TCX_INGRESS ||
		   at->attach_type == DEV_QUERY_TCX_EGRESS;
	auto_strbuf who = STRBUF_INIT;
	int r = tcx && at->sock ? tcx_filters_read(&l, at, i, err) : 0;

	if (r < 0)
		return err_context(err, "'%s'", at->devs[i].name);
	/* It would run twice. Who lacks the right to look at programs is told, and goes on. */
	if (l.unseen && at->replace && l.why != -EPERM)
		return err_set(
			err, l.why,
			"'%s': whether clsact runs this program too, which 'replace' would move, cannot be determined: program id %u",
			at->devs[i].name, l.unseen);
	if (l.unseen)
		log_warn(
			"'%s': whether clsact runs this program too cannot be determined: program id %u: %s",
			at->devs[i].name, l.unseen, err_words(l.why));
	if (!l.nr)
		return 0;
	tcx_say_prefs(&who, &l);
	if (!at->replace) {
		log_info(
			"'%s': clsact runs a program of that function name too: %s; 'replace' moves it to tcx",
			at->devs[i].name, sb_text(&who));
		return 0;
	}
	if (l.nr > 1)
		return err_say(
			err, -EEXIST,
			"'%s': clsact has several filters of that function name: %s; delete those that are not to be moved, or leave 'replace' out",
			at->devs[i].name, sb_text(&who));
	return tcx_move_take(at, i, &l.items[0], err);
}

/* --- act -------------------------------------------------- */

struct tcx_move_step {
	struct nl_sock *sock;
	struct nl_filter f; /* owned */
	int prog_fd;        /* owned */
};

static void tcx_move_step_drop(void *data)
{
	struct tcx_move_step *step = data;

	nl_filter_release(&step->f);
	cleanup_close(&step->prog_fd);
	free(step);
}

static void tcx_move_step_freep(struct tcx_move_step **step)
{
	if (*step)
		tcx_move_step_drop(*step);
}

/* Not over what somebody else put there meanwhile: that is an add. */
static int tcx_move_step_undo(void *data, struct err *err)
{
	const struct tcx_move_step *step = data;
	auto_release(attach_tc_release) struct attach_tc at = {.sock = step->sock};
	int r = attach_tc_request(&at, NL_FILTER_ADD, &step->f, err);

	return r < 0 ? err_context(err, "if%d: filter pref %u handle 0x%x did not return",
				   step->f.ifindex, step->f.pref, step->f.handle)
		     : 0;
}

int tcx_move_drop(struct attach_tcx *at, size_t i, struct err *err)
{
	auto_release(tcx_move_step_freep) struct tcx_move_step *step = NULL;
	auto_release(attach_tc_release) struct attach_tc tc = {.sock = at->sock};
	auto_release(nl_filter_release) struct nl_filter now = {.ifindex = 0};
	struct nl_filter *f = &at->moves[i];
	int r;

	if (!f->pref)
		return 0;
	step = xcalloc(1, sizeof(*step));
	*step = (struct tcx_move_step){.sock = at->sock, .prog_fd = -1};
	step->prog_fd = prog_fd_by_id(f->prog_id);
	if (step->prog_fd < 0) {
		err_set(err, step->prog_fd,
			"'%s': keep program id %u, to put it back in need",
			at->devs[i].name, f->prog_id);
		return caps_explain(err, CAPS_IDS);
	}
	step->f = *f;
	*f = (struct nl_filter){.ifindex = 0};
	step->f.prog_fd = step->prog_fd;
	step->f.gen_flags &= TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;
	r = attach_tc_get(at->sock, &step->f, &now, err);
	/* Whoever removed or replaced it meanwhile did what was to be done. */
	if (r < 0 || r == 0 || now.prog_id != step->f.prog_id)
		return r < 0 ? r : 0;
	undo_reserve(pin_txn_undo(at->txn));
	r = attach_tc_request(&tc, NL_FILTER_DEL, &step->f, err);
	if (r < 0)
		return err_context(err, "'%s': remove filter pref %u handle 0x%x",
				   at->devs[i].name, step->f.pref, step->f.handle);
	log_info("'%s': moved from clsact (pref %u handle 0x%x) to tcx", at->devs[i].name,
		 step->f.pref, step->f.handle);
	undo_push(pin_txn_undo(at->txn), tcx_move_step_undo, take_ptr(step),
		  tcx_move_step_drop);
	return 0;
}
