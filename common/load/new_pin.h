/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pin that a command makes besides those of its maps: PATH is looked at before anything
 * else is done; the pin and its directories are steps of the command's journal.
 */
#ifndef LOAD_NEW_PIN_H
#define LOAD_NEW_PIN_H

#include <stdint.h>

#include "base/err.h"

struct pin_txn;
struct share_opts;

/* With --nomount nothing may be mounted: refuses where a load would have to. */
int new_pin_check_mount(const struct share_opts *opts, struct err *err) must_check;

/*
 * Can something be pinned as path? Where it lies below the mount point and that has no
 * bpffs yet, txn mounts it, under bpffs_find()'s conditions. -EEXIST, -EPERM (a dot in the
 * name), -EINVAL (not on bpffs).
 */
int new_pin_check(struct pin_txn *txn, const struct share_opts *opts, const char *path,
		  struct err *err) must_check;

/* Pins fd as path, directories included. map_id as for pin_txn_pin(). */
int new_pin_make(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		 struct err *err) must_check;

#endif
