/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pin that a verb makes: PATH is looked at before anything else is done, and nothing
 * stays when the command fails.
 */
#ifndef VERBS_NEW_PIN_H
#define VERBS_NEW_PIN_H

#include "verbs/tool.h"

struct pin_txn;

/*
 * Can something be pinned as path? Mounts bpffs if the tool's options and bpffs_find()
 * allow it. -EEXIST, -EPERM (a dot in the name), -EINVAL (not on bpffs).
 */
int new_pin_check(const struct tool *tool, struct pin_txn *txn, const char *path,
		  struct err *err) must_check;
/* Pins fd as path, directories included, and commits. */
int new_pin_make(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		 struct err *err) must_check;

#define auto_pin_txn auto_release(new_pin_txn_free) struct pin_txn
void new_pin_txn_free(struct pin_txn **txn);

#endif
