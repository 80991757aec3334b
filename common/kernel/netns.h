/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network namespaces by name, as ip-netns(8) keeps them in /run/netns. Only the network
 * namespace is entered: mounts, and with them bpffs and its pins, stay the caller's. (`tc
 * -n` and `ip netns exec` also leave the mount namespace, which is how pins get lost.)
 */
#ifndef KERNEL_NETNS_H
#define KERNEL_NETNS_H

#include "base/err.h"

/*
 * Enters namespace name ("NAME" in /run/netns, or a path with a '/'). Returns a token >=
 * 0 for netns_leave(), or -errno: "network namespace 'x': No such file or directory".
 */
int netns_enter(const char *name, struct err *err) must_check;
/* Goes back and closes the token; nothing for a negative one. */
void netns_leave(const int *token);
#define auto_netns auto_release(netns_leave)

/* fn for every name in /run/netns, sorted; a missing directory is no error. */
int netns_each(int (*fn)(const char *name, void *ctx), void *ctx);

#endif
