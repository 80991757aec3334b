/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What load/keep.h pinned for a program goes when that is attached nowhere any more, pinned
 * nowhere, open in no process: who has it open may attach it again. A program in a slot of
 * its own array keeps itself alive: that it exists does not count. Whoever detaches looks at
 * what goes before, and drops it after:
 *
 *	struct keep_watch w = KEEP_WATCH_INIT;
 *	if (keep_is_used())
 *		... keep_watch_add(&w, id) for every program that may go
 *	... detach ...
 *	keep_watch_drop(&w);
 */
#ifndef LOAD_KEEP_WATCH_H
#define LOAD_KEEP_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct attach_type;
struct cgroup_paths;
struct nl_filter;
struct nl_sock;

/* Is anything kept at all? Spares the question which programs are about to go. */
bool keep_is_used(void);

/* Programs with kept arrays that a command may be about to detach. */
struct keep_watch {
	uint32_t *programs; /* owned */
	size_t nr;
	bool look; /* whatever the list says */
};

#define KEEP_WATCH_INIT          \
	{                        \
		.programs = NULL \
	}
#define auto_keep_watch auto_release(keep_watch_release) struct keep_watch

/* A program for which nothing is kept is passed over. */
void keep_watch_add(struct keep_watch *w, uint32_t program);
/* Every bpf filter of that place, as far as its pref, handle and chain select, where set. */
void keep_watch_filters(struct keep_watch *w, struct nl_sock *sock,
			const struct nl_filter *place);
/* Whatever is attached to one of the cgroups as that type. */
void keep_watch_cgroups(struct keep_watch *w, const struct cgroup_paths *cgroups,
			const struct attach_type *type);
/*
 * A command that found nothing to detach may be the rerun of one that was killed behind its
 * detaching: the drop then looks although no program is listed.
 */
void keep_watch_look(struct keep_watch *w);
/*
 * Where one of those may have gone, or a program of a kept array is gone, whoever took it
 * away: drops whatever is kept for programs that nobody uses by now. Where that cannot be
 * told it stays, and a remark names `share gc`.
 */
void keep_watch_drop(struct keep_watch *w);
void keep_watch_release(struct keep_watch *w);

#endif
