/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The directory of the records, and the lock of one name in it: whoever changes what is ours
 * holds it. A run holds it for its moment, and others wait; who follows a file holds it as long
 * as it follows, and others are told so at once.
 */
#ifndef LOAD_APPLY_LOCK_H
#define LOAD_APPLY_LOCK_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Of root's or ours, and writable for nobody else; make: it is made where it is missing, 1: it
 * was. Without, a missing one is no error.
 */
int apply_lock_dir(const char *dir, bool make, struct err *err) must_check;

/*
 * The descriptor that holds it, the caller's. -ETIMEDOUT after that many seconds; -EBUSY: it is
 * followed. follow: this is what others are told. made: the file was not there; who holds the
 * lock may remove it then, and whoever waits for it makes another.
 */
int apply_lock_take(const char *path, const char *name, int seconds, bool follow,
		    bool *made, struct err *err) must_check;

#endif
