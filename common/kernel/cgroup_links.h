/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every link that holds a program at a cgroup, read once: a cgroup's list names programs
 * only, and the kernel takes an entry of a link back through that link alone.
 */
#ifndef KERNEL_CGROUP_LINKS_H
#define KERNEL_CGROUP_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* One link and where it is attached. */
struct cgroup_link {
	uint64_t cgroup_id;
	uint32_t attach_type, prog_id, id;
};

struct cgroup_links {
	bool read;
	struct cgroup_link *items; /* owned */
	size_t nr;
};

/* Reads them unless that was done. None on kernels without link ids (before 5.8). -errno. */
int cgroup_links_read(struct cgroup_links *links) must_check;
void cgroup_links_release(struct cgroup_links *links);

/* Does the link hold that program at the cgroup of that id? */
bool cgroup_link_is_at(const struct cgroup_link *link, uint64_t cgroup_id,
		       uint32_t attach_type, uint32_t prog_id) must_check;

#endif
