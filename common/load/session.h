/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One command of either tool, or one session of the library's: from an object to programs that
 * are attached. Open, select, load, attach, commit: the order stands here, once. One journal
 * (kernel/undo.h) has every step of it: without session_commit() session_free() takes all of
 * it back, newest first, and then releases the locks of the directories.
 *
 *	auto_session *s = session_new(&opts);
 *
 *	r = session_open(s, "x.o", err);
 *	if (r == 0)
 *		r = select_for_tc(session_object(s), NULL, NULL, type, &prog, err);
 *	if (r == 0)
 *		r = session_load(s, err);
 *	if (r == 0)
 *		r = session_attach_tc(s, prog, &at, NL_FILTER_ADD, &f, err);
 *	if (r == 0)
 *		session_commit(s);
 *
 * What is attached may come from elsewhere: session_give() has a program that is there
 * already, session_share() one that an earlier command of this process loaded. Whatever the
 * session is handed by pointer is borrowed and outlives it.
 *
 * Nothing here prints but remarks through base/log.h.
 */
#ifndef LOAD_SESSION_H
#define LOAD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/dev_attach.h"
#include "netlink/nl_filter.h"

struct attach_cgroup;
struct attach_tc;
struct attach_tcx;
struct nl_link;
struct nl_sock;
struct object;
struct object_program;
struct pin_txn;
struct program_cache;
struct program_want;
struct session;
struct share_opts;

struct session *session_new(const struct share_opts *opts);

/* --- a program ------------------------------------------------------------------------ */

/* Reads the object; nothing is touched in the kernel. One object for a session. */
int session_open(struct session *s, const char *path, struct err *err) must_check;

/* Its object: maps, programs, selection (load/select.h). The session's; NULL: none is open. */
struct object *session_object(struct session *s);

/*
 * Finds or makes every map, loads what was selected. The directories of pins stay locked
 * until commit or free.
 */
int session_load(struct session *s, struct err *err) must_check;

/* A program that is there already, in place of an object; fd becomes the session's. */
const struct object_program *session_give(struct session *s, int fd);
/*
 * As session_give(), but fd stays the caller's, for longer than the session. What keeps arrays
 * for programs that are gone (load/keep_watch.h) is his to sweep, unless a program goes here.
 */
const struct object_program *session_lend(struct session *s, int fd);
/* Of its maps: prog_split_look(). Said at the commit, unless it is an error. */
int session_check_given(struct session *s, struct err *err) must_check;

/*
 * The program that an earlier command of this process loaded from the same bytes, where the
 * load-once rule (load/program_cache.h) has one. NULL: there is none; what the session loads
 * is then remembered for later ones. cache NULL: nothing is shared.
 */
const struct object_program *session_share(struct session *s, struct program_cache *cache,
					   const struct program_want *want);

/* --- attach --------------------------------------------------------------------------- */

/*
 * prog is one of session_object()'s, or what session_give() or session_share() returned. Each
 * call keeps the prog arrays that it needs (load/keep.h). All of it is journalled, but what
 * attach_tc_devs() says.
 */

/*
 * A filter: op is NL_FILTER_ADD, _REPLACE or _CHANGE. The program's part of f, name aside, is
 * filled in; prog NULL: f has its own (classic BPF, or none). devs: on each of them, or on f's
 * interface or block where nr_devs is 0. Of at the caller sets sock, echo, and going where he
 * drops what was kept himself; what it then says of unknown filters is his to heed.
 */
struct session_tc {
	enum nl_filter_op op;
	struct nl_filter *f;
	const char *dev;            /* f's interface, for words */
	const struct nl_link *devs; /* in its place: several */
	size_t nr_devs;
	struct attach_tc *at;
	bool last; /* nothing can fail behind it: then a filter alone needs no way back */
};
int session_attach_tc(struct session *s, const struct object_program *prog,
		      const struct session_tc *where, struct err *err) must_check;

/*
 * Entries in the lists of cgroups, or pinned links: of at the caller sets opts, cgroups, root,
 * link_pin, last, and of want what is not the program's. The same program there already is a
 * success that changes nothing. -EEXIST in words: another one, without replace.
 */
int session_attach_cgroup(struct session *s, const struct object_program *prog,
			  struct attach_cgroup *at, struct err *err) must_check;

/*
 * Entries in the lists of tcx or netkit, or pinned links: of at the caller sets what is his. The
 * same program there already is a success that changes nothing, as above.
 */
int session_attach_tcx(struct session *s, const struct object_program *prog,
		       struct attach_tcx *at, struct err *err) must_check;

/* Another link: of a device, or where the program's section says. */
struct session_link {
	int ifindex;          /* 0: as the section says */
	const char *dev;      /* its name, for words */
	uint32_t attach_type; /* of the device's: LINK_FD_ATTACH_* */
	const char *pin;      /* NULL: none */
	bool replace; /* of a device's pinned link: what is in it, by this program */
	struct dev_attach_opts order; /* of a new link at tcx */
};
/*
 * *ret_fd is the caller's: without a pin the program is attached as long as that is open. A
 * device's link that is pinned there already: load/attach_dev_link.h.
 * -EOPNOTSUPP: it takes more than the section to attach programs of this type.
 */
int session_attach_link(struct session *s, const struct object_program *prog,
			const struct session_link *where, int *ret_fd,
			struct err *err) must_check;

/* --- pins ----------------------------------------------------------------------------- */

/* Before the load, so that a refusal costs nothing: can path be pinned? load/new_pin.h. */
int session_check_pin(struct session *s, const char *path, struct err *err) must_check;
/* The same of a link's, which may be there: then it is judged when it is attached. */
int session_check_link_pin(struct session *s, const char *path,
			   struct err *err) must_check;

/* Pins any program or link; directories are made. -EEXIST: path is taken. */
int session_pin(struct session *s, int fd, const char *path, struct err *err) must_check;

/* --- the end -------------------------------------------------------------------------- */

/*
 * Everything stays; locks are released; kept arrays (load/keep_watch.h) of programs that were
 * displaced go. Where every attach found its program there already and the load made nothing
 * that lasts, there is nothing to keep.
 */
void session_commit(struct session *s);

/* Takes back what was not committed. Takes NULL. */
void session_free(struct session *s);
#define auto_session auto_release(session_freep) struct session
void session_freep(struct session **s);

/* For whatever else a command makes in the course of it: bpffs and the journal. The session's. */
struct pin_txn *session_txn(struct session *s);
/* A socket of the session's own, of our network namespace; the session's. */
int session_sock(struct session *s, struct nl_sock **ret, struct err *err) must_check;

#endif
