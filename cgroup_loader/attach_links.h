/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program attached to many cgroups by pinned links, all or none. A new link joins the
 * transaction of pins: without its pin, closing takes it back. What was done to a link that
 * was there is remembered here, and undone unless told that all went well.
 */
#ifndef CGROUP_LOADER_ATTACH_LINKS_H
#define CGROUP_LOADER_ATTACH_LINKS_H

#include <stddef.h>
#include <stdint.h>

#include "attach_again.h"
#include "kernel/cgroup_fd.h"

struct pin_txn;

struct link_step {
	const char *pin; /* borrowed */
	int link_fd;     /* owned: the link that was there */
	int before_fd;   /* owned: its program; -1: it was dead, and its pin is now */
	uint32_t new_id; /* that of this link */
};

/* type, prog_fd, opts and txn are the caller's and outlive the steps. */
struct attach_links {
	const struct attach_type *type;
	int prog_fd;
	const struct cgroup_attach_opts *opts;
	struct pin_txn *txn;
	struct link_step *steps; /* owned */
	size_t nr;
};

/* One more, as again says; pin outlives the steps. -ESTALE: it is out of date. */
int attach_links_add(struct attach_links *l, const char *path, const char *pin,
		     const struct again *again, struct err *err) must_check;

/* Everything stays. */
void attach_links_forget(struct attach_links *l);

/* Takes back what was not forgotten, the latest first. */
void attach_links_release(struct attach_links *l);

#endif
