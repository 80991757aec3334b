/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The short way to a directory of pins: where no link is on it, one call opens it, and who owns
 * what lies above is asked upwards from there. That is as safe as the walk downwards of
 * kernel/pin_dir.h: of two directories the lower one is judged by its parent of that moment,
 * and once that parent is ours and nobody else's to write to, nobody else can move it away.
 */
#ifndef KERNEL_PIN_WAY_H
#define KERNEL_PIN_WAY_H

#include <stdbool.h>
#include <sys/types.h>

struct stat;

/* Nobody else can exchange what is in it: its owner is root or us, */
bool pin_way_owner_is_trusted(const struct stat *st);
/* and others may not write to it, but to the root of a bpffs where only owners remove. */
bool pin_way_mode_is_trusted(const struct stat *st, bool root);

struct pin_way {
	int fd; /* O_PATH, the caller's */
	dev_t dev;
	bool shared_root; /* it is the root of a bpffs that others may write to */
};

/*
 * dir is absolute. False: somebody has to walk, since a link is on the way, something is missing
 * or is not as it should be, it is no bpffs, or the kernel is older than 5.6.
 */
bool pin_way_open(const char *dir, struct pin_way *ret);

#endif
