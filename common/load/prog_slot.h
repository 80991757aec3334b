/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A slot of a prog array: what tail calls jump to. */
#ifndef LOAD_PROG_SLOT_H
#define LOAD_PROG_SLOT_H

#include <stdint.h>

#include "base/err.h"

/*
 * Opens the prog array pinned at path. *ret is the caller's. -EINVAL names the field that
 * keeps another map from being one; -EMEDIUMTYPE: no map is pinned there.
 */
int prog_slot_open(const char *path, int *ret, struct err *err) must_check;

/*
 * Puts the program into slot key, over what is there. map and program are their names in
 * errors: "prog array 'MAP': slot 7 is out of bounds, max_entries 2".
 */
int prog_slot_insert(int map_fd, const char *map, uint32_t key, int prog_fd,
		     const char *program, struct err *err) must_check;

/* The id of the program in the slot, 0: it is empty. -errno. */
int prog_slot_read(int map_fd, uint32_t key, uint32_t *ret) must_check;

#endif
