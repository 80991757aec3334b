/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* opendir(3) of a descriptor, readdir(3) for those to whom half a directory is not a whole one. */
#ifndef BASE_DIR_IN_H
#define BASE_DIR_IN_H

#include <dirent.h>

/* What is in the directory of that descriptor, which stays the caller's. NULL and errno. */
DIR *dir_in_open(int at);

/*
 * The next entry, without "." and ".."; valid until the next call. NULL: there are no more, *ret
 * is 0; or what comes after cannot be read, *ret is -errno.
 */
const struct dirent *dir_in_next(DIR *dir, int *ret);

#endif
