/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A directory of pins that is held open from one pin to the next, while its name leads there. */
#ifndef KERNEL_PIN_KEPT_H
#define KERNEL_PIN_KEPT_H

#include <stdbool.h>

#include "kernel/pin_at.h"

/* All zero: none. */
struct pin_kept {
	char *path;    /* owned; NULL: none */
	int fd, above; /* itself, and the directory that has its name: O_PATH, owned */
	struct pin_mark mark;
};

/*
 * Holds fd, an O_PATH descriptor of path, which is taken. None is held where the last step of
 * path is a link, or the directory went meanwhile: then each pin finds its own way.
 */
void pin_kept_set(struct pin_kept *k, const char *path, int fd);

/*
 * Is it that path, and still the directory of its name? That is asked of the directory above,
 * since the way from the top leads through sysfs: 3 us against 0.6 (Linux 6.18). A
 * directory further up that is renamed or covered by a mount is not noticed.
 */
bool pin_kept_is(const struct pin_kept *k, const char *path) must_check;

void pin_kept_drop(struct pin_kept *k); /* all zero again */

#endif
