/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/link_fd.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"
#include "load/attach_cgroup.h"
#include "load/attach_dev_link.h"
#include "load/attach_tc.h"
#include "load/attach_tcx.h"
#include "load/keep.h"
#include "load/keep_watch.h"
#include "load/new_pin.h"
#include "load/object.h"
#include "load/prog_split.h"
#include "load/program_cache.h"
#include "load/session.h"

/* How often somebody else may change a pin between the look and the act. */
enum { LINK_TRIES = 32 };

struct session {
	const struct share_opts *opts; /* borrowed */
	struct object *obj;            /* brings its own journal */
	struct pin_txn *txn; /* where there is no object; made when first needed */
	struct object_program other; /* given or shared, in place of the object's */
	int given_fd;
	char *split; /* of its maps; owned; NULL: none */
	struct nl_sock *sock;
	bool attached, same;     /* something is new; something was there already */
	struct keep_watch going; /* programs that may have been displaced */
	bool drops;              /* what was kept for them */

	struct program_cache *cache; /* borrowed */
	struct program_key key;
	uint32_t added; /* to the cache, by this session; 0: nothing */
};

struct session *session_new(const struct share_opts *opts)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->opts = opts;
	s->given_fd = -1;
	s->key.text = (struct strbuf)STRBUF_INIT;
	return s;
}

struct pin_txn *session_txn(struct session *s)
{
	if (s->obj)
		return object_txn(s->obj);
	if (!s->txn)
		s->txn = pin_txn_new();
	return s->txn;
}

int session_sock(struct session *s, struct nl_sock **ret, struct err *err)
{
	int r = s->sock ? 0 : nl_sock_open(&s->sock, err);

	if (r == 0)
		*ret = s->sock;
	return r;
}

/* --- a program --- */

int session_open(struct session *s, const char *path, struct err *err)
{
	int r = new_pin_check_mount(s->opts, err);

	return r < 0 ? r : object_open(&s->obj, path, s->opts, err);
}

struct object *session_object(struct session *s)
{
	return s->obj;
}

int session_load(struct session *s, struct err *err)
{
	return object_load(s->obj, err);
}

const struct object_program *session_lend(struct session *s, int fd)
{
	s->other = (struct object_program){.fd = fd};
	return &s->other;
}

const struct object_program *session_give(struct session *s, int fd)
{
	s->given_fd = fd;
	return session_lend(s, fd);
}

int session_check_given(struct session *s, struct err *err)
{
	free(take_ptr(s->split));
	return prog_split_look(s->other.fd, s->opts, &s->split, err);
}

const struct object_program *session_share(struct session *s, struct program_cache *cache,
					   const struct program_want *want)
{
	struct program_cached found;

	if (!cache || !program_cache_key(&s->key, want))
		return NULL;
	s->cache = cache;
	if (!program_cache_find(cache, &s->key, &found))
		return NULL;
	s->other = (struct object_program){
		.fd = found.fd, .id = found.id, .section = found.section};
	return &s->other;
}

/* Later commands may have it from here on; no longer, should this one be taken back. */
static void session_remember(struct session *s, const struct object_program *prog)
{
	if (!s->cache || prog == &s->other || s->added)
		return;
	program_cache_add(s->cache, &s->key, s->obj, prog);
	s->added = prog->id;
}

static int session_keep_arrays(struct session *s, const struct object_program *prog,
			       struct err *err)
{
	return prog == &s->other
		       ? 0
		       : keep_prog_arrays(s->obj, prog, s->opts->mount_bpffs, err);
}

/* --- tc --- */

static void session_fill(struct session *s, const struct object_program *prog,
			 const struct session_tc *where)
{
	struct attach_tc *at = where->at;

	at->undo = where->last && !where->nr_devs ? NULL : pin_txn_undo(session_txn(s));
	if (!at->going) {
		at->going = &s->going;
		s->drops = true;
	}
	if (!prog)
		return;
	where->f->prog = NL_FILTER_EBPF;
	where->f->prog_fd = prog->fd;
	/* Others may have what was given. */
	at->own_id = prog->id;
	at->cache = s->cache;
	session_remember(s, prog);
}

int session_attach_tc(struct session *s, const struct object_program *prog,
		      const struct session_tc *where, struct err *err)
{
	int r = prog ? session_keep_arrays(s, prog, err) : 0;

	if (r < 0)
		return r;
	session_fill(s, prog, where);
	r = where->nr_devs
		    ? attach_tc_devs(where->at, where->op, where->f, where->devs,
				     where->nr_devs, err)
		    : attach_tc_one(where->at, where->op, where->f, where->dev, err);
	s->attached |= r == 0;
	return r;
}

/* --- cgroups --- */

int session_attach_cgroup(struct session *s, const struct object_program *prog,
			  struct attach_cgroup *at, struct err *err)
{
	bool loaded = prog != &s->other;
	int r;

	at->obj = loaded ? s->obj : NULL;
	at->prog = loaded ? prog : NULL;
	/* 'replace PROG' says itself what goes. */
	at->want.obj = at->opts->swap ? NULL : at->obj;
	at->want.prog_fd = prog->fd;
	at->want.flags = at->opts->flags;
	at->txn = session_txn(s);
	at->may_mount = s->opts->mount_bpffs;
	if (attach_cgroup_displaces(at))
		keep_watch_cgroups(&s->going, at->cgroups, at->want.type);
	/* Who lends a program sweeps behind the last of many sessions. */
	s->drops |= attach_cgroup_displaces(at) || loaded || s->given_fd >= 0;
	r = attach_cgroup_look(at, err);
	if (r == 0 && at->nr_missing)
		r = attach_cgroup_run(at, err);
	if (r < 0)
		return r;
	s->attached |= at->nr_missing;
	s->same |= !at->nr_missing;
	attach_cgroup_say(at);
	return 0;
}

/* --- tcx --- */

int session_attach_tcx(struct session *s, const struct object_program *prog,
		       struct attach_tcx *at, struct err *err)
{
	bool loaded = prog != &s->other;
	int r;

	at->obj = loaded ? s->obj : NULL;
	at->prog = loaded ? prog : NULL;
	at->prog_fd = prog->fd;
	at->txn = session_txn(s);
	at->may_mount = s->opts->mount_bpffs;
	at->going = &s->going;
	s->drops = true;
	r = attach_tcx_look(at, err);
	if (r == 0 && at->nr_missing)
		r = attach_tcx_run(at, err);
	if (r < 0)
		return r;
	s->attached |= at->nr_missing;
	s->same |= !at->nr_missing;
	attach_tcx_say(at);
	return 0;
}

/* --- links --- */

static struct attach_dev_link session_dev_link(struct session *s,
					       const struct object_program *prog,
					       const struct session_link *where)
{
	return (struct attach_dev_link){
		.obj = prog == &s->other ? NULL : s->obj,
		.prog_fd = prog->fd,
		.ifindex = where->ifindex,
		.attach_type = where->attach_type,
		.dev = where->dev,
		.pin = where->pin,
		.replace = where->replace,
		.order = where->order,
		.txn = session_txn(s),
	};
}

static int session_act_on_pin(struct session *s, const struct object_program *prog,
			      const struct attach_dev_link *at, struct again *again,
			      struct err *err)
{
	int r = -ESTALE;

	for (int tries = 0; r == -ESTALE && tries < LINK_TRIES; tries++) {
		err_release(err);
		r = attach_dev_link_look(at, again, err);
		if (r == 0 && again->kind != AGAIN_SAME && tries == 0)
			r = session_keep_arrays(s, prog, err);
		if (r == 0)
			r = attach_dev_link_make(at, again, err);
	}
	return r;
}

static int session_pinned_link(struct session *s, const struct object_program *prog,
			       const struct session_link *where, struct err *err)
{
	struct attach_dev_link at = session_dev_link(s, prog, where);
	size_t depth = undo_depth(pin_txn_undo(at.txn));
	struct again again = {.kind = AGAIN_ATTACH};
	auto_err why = ERR_INIT;
	int r = session_sock(s, &at.sock, err);

	if (r == 0)
		r = session_act_on_pin(s, prog, &at, &again, err);
	if (r < 0 && undo_rewind(pin_txn_undo(at.txn), depth, &why) < 0)
		log_warn("%s", why.text);
	if (r < 0)
		return r;
	s->same |= again.kind == AGAIN_SAME;
	s->attached |= again.kind != AGAIN_SAME;
	if (again.kind == AGAIN_SAME)
		log_info("already attached (id %u)", again.prog_id);
	if (again.kind == AGAIN_SWAP)
		keep_watch_add(&s->going, again.prog_id);
	s->drops = true;
	return 0;
}

static int session_new_link(struct session *s, const struct object_program *prog,
			    const struct session_link *where, struct err *err)
{
	const struct attach_dev_link at = session_dev_link(s, prog, where);
	auto_close int fd = -1;
	int r;

	if (where->ifindex)
		r = fd = attach_dev_link_open(&at, err);
	else
		r = object_autoattach(s->obj, prog, &fd, err);
	if (r >= 0)
		r = session_keep_arrays(s, prog, err);
	if (r == 0 && where->pin)
		r = session_pin(s, fd, where->pin, err);
	if (r < 0)
		return r;
	s->attached = true;
	return take_fd(&fd);
}

int session_attach_link(struct session *s, const struct object_program *prog,
			const struct session_link *where, int *ret_fd, struct err *err)
{
	int r;

	if (where->ifindex && where->pin) {
		r = session_pinned_link(s, prog, where, err);
		if (r == 0)
			r = link_fd_by_pin(where->pin);
		if (r < 0 && !err->code)
			err_set(err, r, "link pinned '%s'", where->pin);
	} else {
		r = session_new_link(s, prog, where, err);
	}
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

/* --- pins --- */

int session_check_pin(struct session *s, const char *path, struct err *err)
{
	return new_pin_check(session_txn(s), s->opts, path, err);
}

int session_check_link_pin(struct session *s, const char *path, struct err *err)
{
	pin_dir_recover(path);
	return bpffs_exists(path) ? bpffs_check_target(path, err)
				  : session_check_pin(s, path, err);
}

int session_pin(struct session *s, int fd, const char *path, struct err *err)
{
	int r = new_pin_make(session_txn(s), fd, 0, path, err);

	s->attached |= r == 0;
	return r;
}

/* --- the end --- */

void session_commit(struct session *s)
{
	if (s->txn)
		pin_txn_commit(s->txn);
	if (s->obj && (s->attached || !s->same || object_has_news(s->obj)))
		object_keep(s->obj);
	s->added = 0;
	if (s->split && s->attached)
		log_warn("%s", s->split);
	/* Behind it, since the locks end there. */
	if (s->drops && keep_is_used())
		keep_watch_drop(&s->going);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	if (s->added)
		program_cache_forget(s->cache, s->added);
	/* Taken back with what it may need: the socket, the program that was given. */
	object_close(s->obj);
	pin_txn_free(s->txn);
	if (s->sock)
		nl_sock_close(s->sock);
	cleanup_close(&s->given_fd);
	free(s->split);
	keep_watch_release(&s->going);
	sb_release(&s->key.text);
	free(s);
}

void session_freep(struct session **s)
{
	session_free(*s);
}
