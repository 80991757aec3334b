/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that is run with our rights must be one that root chose: the way to it is walked
 * by descriptors, one step at a time, and every directory, link and the file itself must
 * belong to root and be writable by nobody else. What was looked at is what the descriptor
 * leads to, whatever the path names later.
 */
#ifndef KERNEL_ROOT_FILE_H
#define KERNEL_ROOT_FILE_H

#include "base/err.h"

/*
 * An O_PATH descriptor of the program at path, the caller's. -EINVAL: the path is relative;
 * -EPERM: others could exchange what is run, by whom and where is in err; -EACCES: not
 * executable; -ELOOP: it is the very program that runs here.
 */
int root_file_open(const char *path, struct err *err) must_check;

#endif
