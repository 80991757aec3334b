/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One pinned link, as the look before it (load/attach_again.h) says: a new one, another program
 * in the one that is there, a new one in the place of one that lost its target.
 */
#ifndef LOAD_ATTACH_LINK_H
#define LOAD_ATTACH_LINK_H

#include "base/err.h"

struct again;
struct pin_txn;

struct attach_link {
	/* Borrowed. The program outlives the journal. */
	int prog_fd;
	struct pin_txn *txn; /* whose journal it is */
	const char *pin;
	const char *target; /* "cgroup", "device" */
	/* Makes the link; the caller's fd, or -errno with err filled. */
	int (*open)(const struct attach_link *link, struct err *err);
	const void *ctx; /* open()'s */
};

/* A step of the journal. -ESTALE: what again saw is out of date. */
int attach_link(const struct attach_link *link, const struct again *again,
		struct err *err) must_check;

#endif
