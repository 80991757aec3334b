/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Slots of outer maps: what is in them, what an object wants in them. Inner maps must
 * equal the outer map's template in type, key_size, value_size and map_flags, and in
 * max_entries for arrays (unless BPF_F_INNER_MAP): the kernel checks that on insertion
 * (Linux 6.18).
 */
#ifndef LOAD_INNER_MAPS_H
#define LOAD_INNER_MAPS_H

#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct mapdef;

/*
 * Compares the template of the outer map behind fd with wanted, by way of an inner map
 * that sits in one of its slots, since the kernel does not report templates. Differences
 * are added to out ("inner map: value_size 16/8"). Nothing is added when outer is no map of
 * maps (a difference of type, which mapdef_diff() names) or no slot is filled. -errno: slots
 * or inner maps cannot be read (by id: CAP_SYS_ADMIN), so nothing is known. The map is only
 * read.
 */
int inner_maps_diff(int fd, const struct mapdef *outer, const struct mapdef *wanted,
		    unsigned int diff_flags, struct strbuf *out) must_check;

/* Writes inner_fd into slot key of the outer map. Errors say which field of which map. */
int inner_maps_insert(int outer_fd, const struct mapdef *outer, uint32_t key,
		      int inner_fd, const char *inner_name, struct err *err) must_check;

#endif
