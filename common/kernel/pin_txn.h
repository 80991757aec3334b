/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a command makes in bpffs, all or nothing: the mount, directories and links of tc's
 * tree, pins. Directories are locked with flock(2) while the transaction lives (stock
 * loaders do not take that lock; the create-and-pin loop of the resolver is still needed
 * because of them). Each is a step of one journal: without pin_txn_commit() everything made
 * is taken back, newest first, and the locks go last.
 *
 * The lock is held from the first look at a pin until the programs that use the map are
 * loaded and attached, or, while they are verified, a claim in its place (kernel/pin_lock.h):
 * whoever withdraws a pin holds the lock and waits for claims, so it cannot vanish between
 * another loader's open and load.
 */
#ifndef KERNEL_PIN_TXN_H
#define KERNEL_PIN_TXN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pin_txn;
struct undo;

/* Empty; freed without commit it takes back what it holds. */
struct pin_txn *pin_txn_new(void);

/* The journal behind it, for whatever else the command makes (kernel/undo.h). Borrowed. */
struct undo *pin_txn_undo(struct pin_txn *txn);

/*
 * Finds (or, under bpffs_find()'s conditions, mounts) bpffs; the result is borrowed from
 * txn. NULL with err filled otherwise.
 */
const char *pin_txn_mnt(struct pin_txn *txn, bool may_mount, struct err *err);

/*
 * Makes dir and its parents (mode 0700) where missing, with tc's tree when it lies below
 * MNT/tc, and locks dir: at most 60 s, then -ETIMEDOUT. A second call for the
 * same directory is free. Several directories: pin_txn_lock_all().
 */
int pin_txn_lock(struct pin_txn *txn, const char *dir, struct err *err) must_check;

/* Locks them all in the order of their inodes, the same for every loader. */
int pin_txn_lock_all(struct pin_txn *txn, const char *const *dirs, size_t nr,
		     struct err *err) must_check;

/* The same for who only looks at pins and makes some: others may be verifying meanwhile. */
int pin_txn_lock_beside(struct pin_txn *txn, const char *const *dirs, size_t nr,
			struct err *err) must_check;

/*
 * Lets such loaders in while our programs are verified, and closes again behind that. What
 * fails in between is taken back once no other is verifying.
 */
void pin_txn_admit(struct pin_txn *txn);
int pin_txn_close(struct pin_txn *txn, struct err *err) must_check;

/* Makes dir and its parents without locking: for pins of programs and links. */
int pin_txn_mkdir(struct pin_txn *txn, const char *dir, struct err *err) must_check;

/*
 * BPF_OBJ_PIN beside the checked directory (kernel/pin_dir.h), remembered; the first one
 * below MNT/tc brings tc's links MNT/ip and MNT/xdp. map_id: the map behind fd, 0 for
 * programs and links. -EEXIST is left to the caller, err is untouched then.
 */
int pin_txn_pin(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		struct err *err) must_check;

/* Our programs: not "somebody else's use" when a pin is withdrawn. */
void pin_txn_own_program(struct pin_txn *txn, uint32_t prog_id);

/*
 * Lets other loaders in while this one waits for somebody who may not answer. Only once the
 * programs are loaded: from then on they are users that everybody sees. Taking back waits
 * for the locks again.
 */
void pin_txn_pause(struct pin_txn *txn);

/* Keep everything, release the locks. Further pins start a new round. */
void pin_txn_commit(struct pin_txn *txn);

/*
 * Without commit: unlinks the pins made here that no other program uses by now (the
 * others are somebody's and stay), then the directories, links and mount made here, where
 * empty. Takes NULL. Pins that were there before are never touched.
 */
void pin_txn_free(struct pin_txn *txn);
#define auto_pin_txn auto_release(pin_txn_freep) struct pin_txn
void pin_txn_freep(struct pin_txn **txn);

#endif
