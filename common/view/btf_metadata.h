/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a program says about itself: constants of its object called bpf_metadata_KEY.
 */
#ifndef VIEW_BTF_METADATA_H
#define VIEW_BTF_METADATA_H

#include <stddef.h>
#include <stdint.h>

struct btf;

struct metadata {
	struct metadata_pair {
		char *key;   /* without bpf_metadata_ */
		char *value; /* JSON on one line */
	} * pairs;           /* owned, with all in it */
	size_t nr;
};

/* Adds those in a section of constants; bytes are the section's. */
void metadata_add(struct metadata *m, const struct btf *btf, uint32_t section_type,
		  const char *bytes, size_t size);
void metadata_release(struct metadata *m);

#endif
