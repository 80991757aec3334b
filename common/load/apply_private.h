/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of apply, for apply.c and apply_remove.c only. */
#ifndef LOAD_APPLY_PRIVATE_H
#define LOAD_APPLY_PRIVATE_H

#include "load/apply_plan.h"

/*
 * Released from below: the acts are taken back while the programs and sockets that they
 * need are open, and the lock goes last.
 */
struct applying {
	struct apply_journal journal;
	struct apply_state state;
	struct apply_places places;
	struct apply_objects objects;
	struct apply_plan plan;
	struct apply_record record; /* what will be ours */
};

#define APPLYING_INIT                          \
	{                                      \
		.journal = APPLY_JOURNAL_INIT, \
	}
#define auto_applying auto_release(applying_release) struct applying
void applying_release(struct applying *run);

/* look: without the lock, and nothing is made. */
int applying_open(struct applying *run, const struct apply_conf *conf,
		  const struct apply_opts *opts, bool look, struct err *err) must_check;
void applying_give(struct applying *run, struct apply_report *ret);

#endif
