/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network namespaces by name, as ip-netns(8) keeps them in /run/netns. Only the network
 * namespace is entered: mounts, and with them bpffs and its pins, stay the caller's. (`tc
 * -n` and `ip netns exec` also leave the mount namespace, which is how pins get lost.)
 */
#ifndef KERNEL_NETNS_H
#define KERNEL_NETNS_H

#include <sys/stat.h>

#include "base/err.h"

/*
 * Enters namespace name ("NAME" in /run/netns, or a path with a '/'), for good. -errno:
 * "network namespace 'x': No such file or directory".
 */
int netns_enter(const char *name, struct err *err) must_check;

/*
 * Runs fn inside of it, in a thread of its own, and waits for it: the caller never leaves its
 * namespace, so nothing can go wrong on the way back. *ret is what fn returned.
 */
int netns_visit(const char *name, int (*fn)(void *ctx), void *ctx, int *ret,
		struct err *err) must_check;

/* The thread's own, which /proc alone tells: without one the error says so. */
int netns_own(struct stat *ret, struct err *err) must_check;

/* Is there a /run/netns? ip-netns(8) leaves it when the last name goes. 1, 0; -errno. */
int netns_has_names(void) must_check;

/* fn for every name in /run/netns, sorted; a missing directory is no error. */
int netns_each(int (*fn)(const char *name, void *ctx), void *ctx);

#endif
