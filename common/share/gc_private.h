/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the gc*.c files only. */
#ifndef SHARE_GC_PRIVATE_H
#define SHARE_GC_PRIVATE_H

#include <linux/limits.h>

#include "share/gc.h"

struct pin_txn;

/* MNT without links; -ENOENT: no bpffs is there. */
int gc_mount_point(char ret[PATH_MAX], struct err *err) must_check;

/*
 * Rows for the pins below MNT/tc/WHERE (NULL: everything in the three places), used or
 * not, mark not filled. Pinned links are left out: each is an attachment.
 */
void gc_collect(struct idle_pins *ret, const char *mnt, const char *where);

enum gc_ask {
	GC_ASK_LIVE,   /* attached, open, or kept by what cannot be seen? */
	GC_ASK_ALL,    /* or needed by a pin that is none of the rows? */
	GC_ASK_OTHERS, /* as ALL, but what this process has open does not count */
};

/*
 * Fills the marks of all rows; kept ones are used also while their program is. A program
 * that was detached is still there for a moment: it is waited for. On success *g, empty
 * before, needs graph_release().
 */
int gc_judge(struct idle_pins *pins, struct graph *g, enum gc_ask ask,
	     struct err *err) must_check;

/* "cannot tell who uses it: WHAT": -EPERM with what g hides, 0 when it hides nothing. */
int gc_check_hidden(const struct graph *g, struct err *err) must_check;

/* Removes MNT/tc/SHA1, or MNT/tc/keep/PROGRAM and MNT/tc/keep, where empty. */
void gc_remove_dir(const char *mnt, const struct idle_pin *pin);

/* No program has this id any more. */
bool gc_is_gone(uint32_t program);

/* For auto_txn. */
void gc_txn_freep(struct pin_txn **txn);
#define auto_txn auto_release(gc_txn_freep) struct pin_txn

#endif
