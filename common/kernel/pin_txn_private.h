/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For pin_txn.c and pin_undo.c only. */
#ifndef KERNEL_PIN_TXN_PRIVATE_H
#define KERNEL_PIN_TXN_PRIVATE_H

#include <linux/limits.h>

#include "kernel/pin_lock.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"

/* What pin_undo_push() is told of. */
enum made_kind { MADE_DIR, MADE_LINK, MADE_PIN };

struct pin_txn {
	char mnt[PATH_MAX];
	bool linked;        /* tc's links were seen to */
	struct undo *undo;  /* owned: the journal of the whole command */
	bool lost;          /* the locks could not be had again */
	bool tree_in_use;   /* something that was made is somebody's by now */
	uint32_t *programs; /* ours */
	size_t nr_programs;
};

/* path was made just now; map_id: of a pinned map, else 0. */
void pin_undo_push(struct pin_txn *txn, enum made_kind kind, const char *path,
		   uint32_t map_id);
/* txn->mnt was mounted. */
void pin_undo_push_mount(struct pin_txn *txn);

#endif
