/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* New programs in the very places of the old ones. No place is empty at any moment. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "graph/graph_words.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/link_fd.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"
#include "load/attach_tc.h"
#include "load/migrate_private.h"
#include "load/object.h"

/* --- filters --- */

struct socket_ask {
	struct nl_sock **sock;
	struct err *err;
};

static int migrate_open_socket(void *ctx)
{
	struct socket_ask *ask = ctx;

	return nl_sock_open(ask->sock, ask->err);
}

/* Of the namespace that the place is in; the migration's. */
static int migrate_socket(struct migration *m, const struct graph_attachment *at,
			  struct nl_sock **ret, struct err *err)
{
	struct socket_ask ask = {.err = err};
	int inside = 0, r;

	for (size_t i = 0; i < m->nr_socks; i++)
		if (m->socks[i].netns_ino == at->netns_ino) {
			*ret = m->socks[i].sock;
			return 0;
		}
	array_grow(m->socks, m->nr_socks);
	m->socks[m->nr_socks] = (struct migrate_sock){.netns_ino = at->netns_ino};
	ask.sock = &m->socks[m->nr_socks].sock;
	r = at->netns ? netns_visit(at->netns, migrate_open_socket, &ask, &inside, err)
		      : migrate_open_socket(&ask);
	if (r == 0)
		r = inside;
	if (r == 0)
		*ret = m->socks[m->nr_socks++].sock;
	return r;
}

static struct nl_filter migrate_filter_at(const struct graph_attachment *at)
{
	return (struct nl_filter){
		.ifindex = at->block ? 0 : (int)at->ifindex,
		.block = at->block,
		.parent = at->hook == GRAPH_INGRESS  ? NL_PARENT_INGRESS
			  : at->hook == GRAPH_EGRESS ? NL_PARENT_EGRESS
						     : at->parent,
		.handle = at->handle,
		.pref = (uint16_t)at->pref,
		.has_chain = at->chain != 0,
		.chain = at->chain,
		.kind = "bpf",
	};
}

static int migrate_take_filter(const struct nlmsghdr *nlh, void *ctx)
{
	nl_filter_release(ctx);
	return nl_filter_parse(ctx, nlh);
}

int migrate_filter_get(struct migration *m, const struct graph_attachment *at,
		       struct nl_filter *ret, struct err *err)
{
	const struct nl_filter place = migrate_filter_at(at);
	char buf[256] __attribute__((aligned(8)));
	struct nl_sock *sock;
	int r = migrate_socket(m, at, &sock, err);

	if (r < 0)
		return r;
	r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_GET);
	if (r < 0)
		return err_set(err, r, "filter request");
	return nl_sock_request(sock, (struct nlmsghdr *)buf, migrate_take_filter, ret,
			       err);
}

static int migrate_stale(uint32_t program, struct err *err)
{
	return err_say(
		err, -ESTALE,
		"program id %u is not attached there any more: the place was changed meanwhile",
		program);
}

static int replace_filter(struct migration *m, const struct migrate_swap *swap,
			  struct err *err)
{
	auto_release(nl_filter_release) struct nl_filter now = {.ifindex = 0};
	auto_release(attach_tc_release) struct attach_tc at = {
		.undo = pin_txn_undo(m->txn), .own_id = swap->prog->id};
	struct nl_filter f = migrate_filter_at(&swap->at);
	int r = migrate_filter_get(m, &swap->at, &now, err);

	if (r < 0)
		return r;
	if (now.prog_id != swap->at.program)
		return migrate_stale(swap->at.program, err);
	r = migrate_socket(m, &swap->at, &at.sock, err);
	if (r < 0)
		return r;
	f.protocol = now.protocol;
	f.has_options = true;
	f.has_classid = now.has_classid;
	f.classid = now.classid;
	f.direct_action = now.direct_action;
	f.gen_flags = now.gen_flags & 3; /* skip_hw, skip_sw; the others are answers */
	f.prog = NL_FILTER_EBPF;
	f.prog_fd = swap->prog->fd;
	attach_tc_name(&f, object_path(swap->obj), swap->prog->section);
	return attach_tc_request(&at, NL_FILTER_REPLACE, &f, err);
}

/* --- cgroups --- */

static int look_at_cgroup(const struct graph_attachment *at, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_close int fd = cgroup_fd_open(at->path, err);
	int r = fd < 0 ? fd : cgroup_fd_query(fd, at->attach_type, false, &q);

	if (fd < 0)
		return fd;
	if (r < 0)
		return err_set(err, r, "read its programs");
	for (size_t i = 0; i < q.nr; i++)
		if (q.prog_ids[i] == at->program)
			return 0;
	return migrate_stale(at->program, err);
}

static int replace_entry(struct migration *m, const struct migrate_swap *swap,
			 struct err *err)
{
	bool multi = swap->at.flags & BPF_F_ALLOW_MULTI;
	const struct cgroup_attach_opts opts = {
		.flags = swap->at.flags & (BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE),
		.replace = !multi};
	char *path = (char *)swap->at.path;
	const struct cgroup_paths one = {.items = &path, .nr = 1};
	const struct attach_cgroup at = {
		.opts = &opts,
		.cgroups = &one,
		.want = {.type = attach_type_by_value(swap->at.attach_type),
			 .prog_fd = swap->prog->fd},
		.txn = m->txn,
	};
	const struct again again = {.kind = multi ? AGAIN_SWAP : AGAIN_ATTACH,
				    .prog_id = multi ? swap->at.program : 0};
	int r = look_at_cgroup(&swap->at, err);

	return r < 0 ? r : attach_entry_make(&at, path, &again, err);
}

/* --- links, and tcx without one --- */

struct swap_step {
	int link_fd;             /* owned; -1: tcx without a link */
	int before_fd, after_fd; /* owned; borrowed */
	uint32_t ifindex, attach_type;
	char *netns; /* owned; NULL: ours */
	int result;
};

static void swap_step_drop(void *data)
{
	struct swap_step *step = data;

	cleanup_close(&step->link_fd);
	cleanup_close(&step->before_fd);
	free(step->netns);
	free(step);
}

static void swap_step_freep(struct swap_step **step)
{
	if (*step)
		swap_step_drop(*step);
}

static int swap_on_dev(const struct swap_step *step, int from, int to)
{
	LIBBPF_OPTS(bpf_prog_attach_opts, opts, .flags = BPF_F_REPLACE,
		    .replace_prog_fd = from);

	return bpf_prog_attach_opts(to, (int)step->ifindex,
				    (enum bpf_attach_type)step->attach_type, &opts) < 0
		       ? -errno
		       : 0;
}

static int swap_forth(void *data)
{
	const struct swap_step *step = data;

	return swap_on_dev(step, step->before_fd, step->after_fd);
}

static int swap_back(void *data)
{
	const struct swap_step *step = data;

	return swap_on_dev(step, step->after_fd, step->before_fd);
}

/* ret: what fn says; returned is whether it could be asked there. */
static int swap_there(struct swap_step *step, int (*fn)(void *), int *ret,
		      struct err *err)
{
	if (step->netns)
		return netns_visit(step->netns, fn, step, ret, err);
	*ret = fn(step);
	return 0;
}

static int swap_step_undo(void *data, struct err *err)
{
	struct swap_step *step = data;
	int r = 0, there;

	if (step->link_fd >= 0)
		there = link_fd_update(step->link_fd, step->before_fd, step->after_fd);
	else
		r = swap_there(step, swap_back, &there, err);
	if (r < 0)
		return err_context(err, "put the program back");
	/* What is gone, or somebody else's by now, has nothing to take back. */
	if (there == -ENOLINK || there == -ENOENT || there == -ENODEV || there == -EPERM)
		return 0;
	return there < 0 ? err_set(err, there, "put the program back") : 0;
}

static int replace_by_swap(struct migration *m, const struct migrate_swap *swap,
			   struct err *err)
{
	auto_release(swap_step_freep) struct swap_step *step = xcalloc(1, sizeof(*step));
	int r;

	*step = (struct swap_step){.link_fd = -1,
				   .after_fd = swap->prog->fd,
				   .ifindex = swap->at.ifindex,
				   .attach_type = swap->at.attach_type};
	step->netns = swap->at.netns ? xstrdup(swap->at.netns) : NULL;
	step->before_fd = prog_fd_by_id(swap->at.program);
	if (step->before_fd < 0) {
		err_set(err, step->before_fd, "program id %u", swap->at.program);
		return caps_explain(err, CAPS_IDS);
	}
	if (swap->at.link_id) {
		step->link_fd = link_fd_by_id(swap->at.link_id);
		if (step->link_fd < 0)
			return err_set(err, step->link_fd, "link id %u",
				       swap->at.link_id);
	}
	undo_reserve(pin_txn_undo(m->txn));
	if (swap->at.link_id) {
		r = link_fd_update(step->link_fd, step->after_fd, step->before_fd);
		if (r < 0)
			return link_fd_explain_update(r, step->link_fd, step->after_fd,
						      step->before_fd, err);
	} else {
		int there;

		r = swap_there(step, swap_forth, &there, err);
		if (r < 0)
			return r;
		if (there < 0)
			return err_set(err, there, "replace the program");
	}
	undo_push(pin_txn_undo(m->txn), swap_step_undo, take_ptr(step), swap_step_drop);
	return 0;
}

/* --- any --- */

static int replace_one(struct migration *m, const struct migrate_swap *swap,
		       struct err *err)
{
	if (swap->at.link_id || swap->at.kind == GRAPH_TCX)
		return replace_by_swap(m, swap, err);
	return swap->at.kind == GRAPH_TC ? replace_filter(m, swap, err)
					 : replace_entry(m, swap, err);
}

/* For want of memory for a moment, or of room in a socket. */
static bool replace_may_pass(int r)
{
	return r == -ENOMEM || r == -ENOBUFS || r == -EAGAIN || r == -EINTR;
}

/*
 * Once one is replaced, what it writes is lost if the next one is not. So that is not given up for
 * what another try may get.
 */
static int replace_next(struct migration *m, const struct migrate_swap *swap,
			struct err *err)
{
	enum { TRIES = 6, PAUSE_US = 1000 };

	for (unsigned int i = 1;; i++) {
		int r = replace_one(m, swap, err);

		if (!replace_may_pass(r) || i == TRIES)
			return r;
		err_release(err);
		usleep(PAUSE_US << i);
	}
}

int migrate_replace(struct migration *m, struct err *err)
{
	for (size_t i = 0; i < m->nr_swaps; i++) {
		struct migrate_swap *swap = &m->swaps[i];
		auto_strbuf place = STRBUF_INIT;
		/* Between two of them both maps are written to: no moment to stop in. */
		int r = i == 0 ? stop_hold_check(err) : 0;

		if (r == 0)
			r = i == 0 ? replace_one(m, swap, err)
				   : replace_next(m, swap, err);
		if (r < 0) {
			graph_words_place(&place, &swap->at);
			err_context(err, "replace program '%s' at %s", swap->prog->name,
				    sb_text(&place));
			return i == 0 ? r
				      : err_context(
						err,
						"the programs that were replaced are put back, and what the new ones wrote in that moment is lost");
		}
		m->report->users[swap->user].by = swap->prog->id;
	}
	return 0;
}
