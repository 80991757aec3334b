/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For pin_txn.c and pin_undo.c only. */
#ifndef KERNEL_PIN_TXN_PRIVATE_H
#define KERNEL_PIN_TXN_PRIVATE_H

#include <linux/limits.h>

#include "kernel/pin_kept.h"
#include "kernel/pin_lock.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"

/* What pin_undo_prepare() is told of. */
enum made_kind { MADE_DIR, MADE_LINK, MADE_PIN };

struct made;

struct pin_txn {
	char *mnt;          /* owned; NULL or empty: not asked for yet */
	bool linked;        /* tc's links were seen to */
	struct undo *undo;  /* owned: the journal of the whole command */
	struct made *next;  /* owned: what is about to be made; NULL: nothing */
	bool lost;          /* the locks could not be had again */
	bool tree_in_use;   /* something that was made is somebody's by now */
	uint32_t *programs; /* ours */
	size_t nr_programs;
	struct pin_kept kept; /* what pin_txn_mkdir() made or found last */
	bool kept_is_next;    /* what is pinned next is pinned there */
};

/*
 * path is about to be made: all that remembering it takes is allocated here, so nothing is
 * between the act and pin_undo_push(). map_id: of a pinned map, else 0. Where it is not made
 * after all, the next one takes its place.
 */
void pin_undo_prepare(struct pin_txn *txn, enum made_kind kind, const char *path,
		      uint32_t map_id);
/* It was made just now, as name in dir. Allocates nothing. */
void pin_undo_push(struct pin_txn *txn, int dir, const char *name);
/* Nothing is about to be made. */
void pin_undo_forget(struct pin_txn *txn);
/* txn->mnt was mounted; undo_reserve() was before it. */
void pin_undo_push_mount(struct pin_txn *txn);

#endif
