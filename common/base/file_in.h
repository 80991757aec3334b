/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bytes of a whole file, of a bounded size; what is refused, and how, is the caller's. */
#ifndef BASE_FILE_IN_H
#define BASE_FILE_IN_H

#include <stddef.h>

#include "base/cleanup.h"

/*
 * From where fd stands to the end, in as many reads as that takes. *ret has a NUL behind the
 * bytes and is the caller's. -EFBIG: more than max of them.
 */
int file_in_read(int fd, size_t max, char **ret, size_t *size) must_check;

#endif
