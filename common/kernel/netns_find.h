/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A network namespace without a name here: somebody may be in it, or a mount keep it elsewhere. */
#ifndef KERNEL_NETNS_FIND_H
#define KERNEL_NETNS_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A descriptor of the namespace of that inode number, through a process or thread in it or a
 * mount of any mount namespace. -ENOENT: nothing that could be looked at leads to it, and *hidden
 * says whether there is more that could not, for want of rights or in other PID namespaces. Any
 * other -errno: the look failed, or it is there and cannot be opened.
 */
int netns_find(uint64_t ino, bool *hidden, struct err *err) must_check;

#endif
