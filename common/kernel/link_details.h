/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What only listings tell of a link, by its kind; link_fd.h has what says where it is.
 */
#ifndef KERNEL_LINK_DETAILS_H
#define KERNEL_LINK_DETAILS_H

#include <stdint.h>

#include "kernel/link_fd.h"
#include "kernel/link_probes.h"

struct link_details {
	char *name;      /* owned; tracepoint, or what an iterator walks; NULL: unknown */
	uint32_t map_id; /* iterators over one map, LINK_FD_STRUCT_OPS; 0: none */
	/* LINK_FD_NETFILTER: enum nf_inet_hooks or the like of protocol family pf */
	uint32_t pf, hook, flags;
	int32_t priority;
	struct link_probes probes; /* where link_probes_has() */
};

/* -errno; ret needs the release. */
int link_details_read(int fd, const struct link_fd_info *info,
		      struct link_details *ret) must_check;
void link_details_release(struct link_details *d);

#endif
