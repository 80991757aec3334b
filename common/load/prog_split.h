/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that was loaded before, maybe by another tool, is about to be attached: is one of
 * its maps another one than that of its name in the place where loads share them?
 */
#ifndef LOAD_PROG_SPLIT_H
#define LOAD_PROG_SPLIT_H

#include "base/err.h"

struct share_opts;

/*
 * *ret, the caller's: the first such map in words, NULL: none was found. Looked at are the
 * pins of its name below --pin-root, tc/globals and the mount point. With --require-shared
 * that is an error, and so is what could not be looked at.
 */
int prog_split_look(int prog_fd, const struct share_opts *opts, char **ret,
		    struct err *err) must_check;

#endif
