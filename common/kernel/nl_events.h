/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Interfaces that come, go and are renamed, of one network namespace, as the kernel tells it. */
#ifndef KERNEL_NL_EVENTS_H
#define KERNEL_NL_EVENTS_H

#include "base/err.h"

struct nlmsghdr;
struct nl_events;

/* Of the namespace in which it is opened; a look that comes after it misses nothing. */
int nl_events_open(struct nl_events **ret, struct err *err) must_check;
void nl_events_close(struct nl_events *events);
/* Readable while events wait; borrowed. */
int nl_events_fd(const struct nl_events *events);

/*
 * What waits, some hundreds at most; never blocks. fn for each RTM_NEWLINK and RTM_DELLINK of
 * an interface itself. 1: the kernel had to drop some, and only a look tells what is there: what
 * was sent before is not told any more; -errno.
 */
int nl_events_read(struct nl_events *events,
		   void (*fn)(const struct nlmsghdr *nlh, void *ctx),
		   void *ctx) must_check;

#endif
