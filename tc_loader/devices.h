/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interfaces that one command is about: `dev NAME`, or `devs PATTERN|@FILE`, which is
 * ours: every interface of the namespace whose name fits the shell pattern, or the names
 * in a file (blanks or lines between them, '#' begins a comment).
 */
#ifndef TC_LOADER_DEVICES_H
#define TC_LOADER_DEVICES_H

#include <stddef.h>

#include "base/err.h"
#include "netlink/nl_link.h"

struct tc;

struct devices {
	struct nl_link *items; /* owned */
	size_t nr;
};

/*
 * -ENODEV with TC_USAGE: no name fits, or a name in the file is no interface. Each
 * interface comes once.
 */
int devices_find(struct devices *ret, struct tc *tc, const char *word,
		 struct err *err) must_check;
void devices_release(struct devices *d);

/*
 * Runs fn for every interface; a failure is said (log_warn) and counted, and only -EINTR is
 * the end.
 */
typedef int (*devices_fn)(const struct nl_link *dev, void *ctx, struct err *err);
size_t devices_each(const struct devices *d, devices_fn fn, void *ctx);

#endif
