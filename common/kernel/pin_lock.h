/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Directories of pins that one loader at a time may work in: flock(2), which works on bpffs
 * and ends with the process. Directories are told apart by inode, never by name: one may
 * have several (MNT/ip is a link to MNT/tc).
 */
#ifndef KERNEL_PIN_LOCK_H
#define KERNEL_PIN_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pin_locks {
	int *fds; /* owned */
	size_t nr;
	bool paused; /* open, but not locked */
};

/*
 * Locks the directory dir (borrowed, O_PATH will do) unless it is held already: at most
 * 60 s, then -ETIMEDOUT. name is for messages.
 */
int pin_locks_add(struct pin_locks *locks, int dir, const char *name) must_check;
/* Gives back all but the first nr. */
void pin_locks_drop(struct pin_locks *locks, size_t nr);

void pin_locks_release(struct pin_locks *locks);

/* Lets others in; pin_locks_resume() waits for all of them again, up to 60 s each. */
void pin_locks_pause(struct pin_locks *locks);
int pin_locks_resume(struct pin_locks *locks) must_check;

#endif
