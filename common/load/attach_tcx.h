/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program to the list of one hook (kernel/dev_attach.h) of one or of several interfaces,
 * all or none: attach_cgroup.h for devices. A look at every place first, so that a refusal
 * costs nothing, then the attachments that are missing, each a step of the command's journal.
 *
 * A program that moves here from clsact (load/tcx_move.h) is attached first, and the filter
 * removed then: a packet in between may meet both, never neither.
 */
#ifndef LOAD_ATTACH_TCX_H
#define LOAD_ATTACH_TCX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/dev_attach.h"
#include "load/attach_again.h"

struct keep_watch;
struct nl_filter;
struct nl_link;
struct nl_sock;
struct object;
struct object_program;
struct pin_txn;

struct attach_tcx {
	/* Borrowed; set by the caller. The program and sock outlive the journal. */
	uint32_t attach_type; /* DEV_QUERY_TCX_INGRESS or one of its like */
	const struct nl_link *devs;
	size_t nr_devs;
	struct dev_attach_opts opts; /* the order */
	const char *link_pin;        /* NULL: without a link */
	bool pin_each;               /* below link_pin, each by its interface's name */
	bool replace;
	bool last;            /* nothing can fail behind it */
	struct nl_sock *sock; /* to see the filters of clsact; NULL: nobody asks */

	/* The session's to set. obj and prog NULL: it came from no object. */
	struct object *obj;
	const struct object_program *prog;
	int prog_fd;
	struct pin_txn *txn;
	bool may_mount;
	struct keep_watch *going; /* gets the programs that may go */

	/* Owned, one for each interface; by attach_tcx_look(). */
	struct again *found;
	struct nl_filter *moves; /* what goes from clsact; pref 0: nothing */
	char **pins;             /* of links */
	uint32_t put_id;         /* the program's */
	size_t nr_missing;       /* how many are not AGAIN_SAME, or move */
};

/*
 * Before anything is loaded: do the interfaces have the hook, and is the anchor in each list?
 * A kernel without it is refused in words that name what there is in its place.
 */
int attach_tcx_check(const struct attach_tcx *at, struct err *err) must_check;
/* Query of one interface's list, refusals in words. */
int attach_tcx_query(uint32_t attach_type, const struct nl_link *dev,
		     struct dev_query *ret, struct err *err) must_check;

/* What is there already; fills the arrays and nr_missing. Changes nothing. */
int attach_tcx_look(struct attach_tcx *at, struct err *err) must_check;
/* The same of one interface, again. */
int attach_tcx_look_at(struct attach_tcx *at, size_t i, struct err *err) must_check;

/* What is missing. -EINTR: a signal waits; what was done is taken back, as on any failure. */
int attach_tcx_run(struct attach_tcx *at, struct err *err) must_check;

/* "already attached (id 12)", or how many were; nothing where all was new. */
void attach_tcx_say(const struct attach_tcx *at);
void attach_tcx_release(struct attach_tcx *at);

/* attach_tcx_entry.c: an entry without a link, as found[i] says. -ESTALE: it is out of date. */
int attach_tcx_entry(const struct attach_tcx *at, size_t i, struct err *err) must_check;

#endif
