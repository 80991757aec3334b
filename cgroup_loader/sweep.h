/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything in some cgroups that came from one object, found by loading the object once
 * more and comparing (load/same_program.h). First all is looked at, then detached.
 */
#ifndef CGROUP_LOADER_SWEEP_H
#define CGROUP_LOADER_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "kernel/cgroup_find.h"
#include "kernel/cgroup_links.h"
#include "kernel/pin_index.h"
#include "print.h"
#include "request.h"

struct session;

struct sweep {
	const struct detach_request *req;   /* borrowed */
	const struct cgroup_paths *cgroups; /* borrowed */
	struct session *session;   /* owned: the object, loaded; never committed */
	struct cgroup_rows *found; /* owned; what goes, one for each cgroup */
	size_t nr_found, nr_there; /* programs: found, and attached at all */
	size_t nr_gone;            /* programs that sweep_out() detached */
	size_t nr_unseen;          /* programs that could not be compared: */
	struct strbuf unseen;      /* why */
	struct cgroup_links links; /* read when first needed, as the next one */
	bool pins_read;
	struct pin_index pins; /* of links */
};

/*
 * -ENOENT: nothing there came from the object. -EPERM: nothing was found, but not all
 * could be looked at.
 */
int sweep_look(struct sweep *s, struct err *err) must_check;
/* Detaches what was found; of links, the pins go too. */
int sweep_out(struct sweep *s, struct err *err) must_check;
void sweep_release(struct sweep *s);

#endif
