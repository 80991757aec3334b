/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bytes of an object file, and whether others may have chosen them. */
#ifndef LOAD_OBJECT_FILE_H
#define LOAD_OBJECT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The whole file, as object_open() reads it: at most 64 MiB, regular files only. The caller
 * frees *ret. *foreign: it belongs to somebody else than root and us, or its mode lets its
 * group or others write.
 */
int object_file_read(const char *path, void **ret, size_t *size, bool *foreign,
		     struct err *err) must_check;

#endif
