/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a program says about itself: constants of its object called bpf_metadata_KEY.
 */
#ifndef CGROUP_LOADER_METADATA_H
#define CGROUP_LOADER_METADATA_H

#include <stddef.h>
#include <stdint.h>

struct metadata {
	struct metadata_pair {
		char *key;   /* without bpf_metadata_ */
		char *value; /* JSON on one line */
	} * pairs;           /* owned, with all in it */
	size_t nr;
};

/* Looks through the program's maps; what cannot be read is left out. */
void metadata_read(struct metadata *ret, const uint32_t *map_ids, size_t nr);
void metadata_release(struct metadata *m);

#endif
