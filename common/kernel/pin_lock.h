/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Directories of pins that one loader at a time may work in: flock(2), which works on bpffs
 * and ends with the process. Directories are told apart by inode, never by name: one may
 * have several (MNT/ip is a link to MNT/tc).
 *
 * The verifier may take seconds, and loaders need not wait for each other's. One that has
 * opened or made its maps lets others in (pin_locks_admit()) and leaves a claim: who may
 * remove a pin waits until there is none, since a program that is being verified is not yet
 * seen as a user of its maps.
 */
#ifndef KERNEL_PIN_LOCK_H
#define KERNEL_PIN_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum pin_lock_mode {
	PIN_LOCK_ALONE,  /* nobody is in between: pins may be removed */
	PIN_LOCK_BESIDE, /* others may be verifying: pins may be looked at and made */
};

struct pin_locks {
	int *fds; /* owned */
	size_t nr;
	bool paused; /* open, but not locked */
};

/*
 * Locks the directory dir (borrowed, O_PATH will do) unless it is held already: at most
 * 60 s, then -ETIMEDOUT. name is for messages.
 */
int pin_locks_add(struct pin_locks *locks, int dir, enum pin_lock_mode mode,
		  const char *name) must_check;
/* Gives back all but the first nr. */
void pin_locks_drop(struct pin_locks *locks, size_t nr);

void pin_locks_release(struct pin_locks *locks);

/* Lets others in, who may do anything: only once what was made has users that they see. */
void pin_locks_pause(struct pin_locks *locks);
/* Lets others in beside us. Where the kernel has no such claims, nobody is let in. */
void pin_locks_admit(struct pin_locks *locks);
/*
 * After one of them waits for all locks again, up to 60 s each. ALONE gives our own claims
 * back first, so two that take back do not wait for each other.
 */
int pin_locks_resume(struct pin_locks *locks, enum pin_lock_mode mode) must_check;

#endif
