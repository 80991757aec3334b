/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A cgroup and its ancestors, held open, to say where each effective program comes from.
 */
#ifndef CGROUP_LOADER_ORIGIN_H
#define CGROUP_LOADER_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

struct origin {
	int *fds;     /* owned; the cgroup first, the root of the tree last */
	char **paths; /* owned; absolute */
	size_t nr;
	int error; /* why not all can be told: -errno of the first call that failed; 0 */
};

/* Up to where the tree, or the right to look, ends. */
void origin_open(struct origin *ret, int cgroup_fd, const char *path);
void origin_release(struct origin *o);

/*
 * The path for each of the nr effective programs of that type, borrowed from o; NULL:
 * not to be told.
 */
void origin_of(struct origin *o, uint32_t attach_type, const uint32_t *effective,
	       size_t nr, const char **ret);

#endif
