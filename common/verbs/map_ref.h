/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * MAP on a command line: id N | pinned FILE | name NAME, as bpftool reads it.
 */
#ifndef VERBS_MAP_REF_H
#define VERBS_MAP_REF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/args.h"

#define MAP_REF_USAGE "{id N|pinned FILE|name NAME}"

struct map_ref {
	enum { MAP_REF_ID, MAP_REF_PINNED, MAP_REF_NAME } kind;
	uint32_t id;      /* MAP_REF_ID */
	bool reading;     /* set by who only reads: a pin needs to be readable only */
	const char *what; /* path, or the kernel's name of up to 15 bytes; borrowed from
			     argv */
};

/* Consumes the two words. Any prefix of id, name, pinned, in this order. */
int map_ref_parse(struct map_ref *ret, struct args *a, struct err *err) must_check;

/* The one map that is meant; its fd. -EINVAL when several have the name. */
int map_ref_open(const struct map_ref *ref, struct err *err) must_check;

/*
 * The map's info, for whoever reads or writes values. -ENODATA, in words: a per-CPU map,
 * and the number of CPUs is unknown.
 */
int map_ref_info(int fd, struct bpf_map_info *ret, struct err *err) must_check;

struct map_fds {
	int *fds; /* owned, as are the descriptors */
	size_t nr;
};

/* Every map that is meant, ascending ids; never none (-ENOENT, "no map is named 'x'"). */
int map_ref_open_all(const struct map_ref *ref, struct map_fds *ret,
		     struct err *err) must_check;
void map_fds_release(struct map_fds *fds);
#define auto_map_fds auto_release(map_fds_release) struct map_fds

#endif
