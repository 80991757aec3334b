/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One command of either tool, from an object to programs that are attached: open, select,
 * load, attach, commit. One journal (kernel/undo.h) has every step of it: without
 * session_commit() session_free() takes all of it back, newest first, and then releases the
 * locks of the directories.
 *
 *	r = session_new(&s, "x.o", &opts, err);
 *	if (r == 0)
 *		r = session_select(s, NULL, "count", &prog, err);
 *	... object_program_set_type(session_object(s), ...) ...
 *	if (r == 0)
 *		r = session_load(s, err);
 *	if (r == 0)
 *		r = session_attach_cgroup(s, prog, &where, err);
 *	if (r == 0)
 *		session_commit(s);
 *	session_free(s);
 *
 * Nothing here prints but remarks through base/log.h.
 */
#ifndef LOAD_SESSION_H
#define LOAD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct attach_type;
struct object;
struct object_program;
struct session;
struct share_opts;
struct undo;

/* Opens path; opts are borrowed until session_free(). */
int session_new(struct session **ret, const char *path, const struct share_opts *opts,
		struct err *err) must_check;

/* Its object: maps, programs, plan. The session's. */
struct object *session_object(struct session *s);
/* For whatever else the caller makes in the course of it. The session's. */
struct undo *session_undo(struct session *s);

/* As object_want(). May be called for several programs. */
int session_select(struct session *s, const char *section, const char *program,
		   struct object_program **ret, struct err *err) must_check;

/*
 * Finds or makes every map, loads what was selected. The directories of pins stay locked
 * until commit or free.
 */
int session_load(struct session *s, struct err *err) must_check;

/* A filter of direct action with the program. */
struct session_tc {
	const char *dev;   /* in our network namespace */
	uint32_t parent;   /* NL_PARENT_INGRESS, NL_PARENT_EGRESS or another class */
	uint16_t pref;     /* 0: the kernel's choice */
	uint16_t protocol; /* host order; 0: all */
	uint32_t handle;   /* 0: the kernel's choice */
	uint32_t flags;    /* TCA_CLS_FLAGS_* */
	bool replace;      /* the filter of that pref and handle, which then are needed */
	bool classify;     /* no direct action: what it returns is a class */
};

/*
 * The kernel's refusals come as they are. What a replaced filter ran comes back when the
 * session is not committed. An ingress qdisc takes an egress filter and runs it on incoming
 * packets: whoever does not know that the hook is clsact's asks before.
 */
int session_attach_tc(struct session *s, const struct object_program *prog,
		      const struct session_tc *where, struct err *err) must_check;

/* An entry of a cgroup's list of programs, or a link. */
struct session_cgroup {
	const char *path;               /* the directory */
	const struct attach_type *type; /* def/attach_types.h */
	uint32_t flags;       /* BPF_F_ALLOW_MULTI, BPF_F_ALLOW_OVERRIDE, 0: exclusive */
	bool replace;         /* another program of its name, or alone in that place */
	const char *link_pin; /* a link (always multi), pinned there; NULL: none */
};

/*
 * The same program there already is a success that changes nothing. -EEXIST in words:
 * another one, without replace.
 */
int session_attach_cgroup(struct session *s, const struct object_program *prog,
			  const struct session_cgroup *where, struct err *err) must_check;

/* Pins any program or link; directories are made. -EEXIST: path is taken. */
int session_pin(struct session *s, int fd, const char *path, struct err *err) must_check;

/* Everything stays; locks are released. */
void session_commit(struct session *s);

/* Takes back what was not committed. Takes NULL. */
void session_free(struct session *s);
#define auto_session auto_release(session_freep) struct session
void session_freep(struct session **s);

#endif
