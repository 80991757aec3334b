/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs of type sched_cls put into a hook of a network device that bpf(2) knows
 * (kernel/dev_query.h), and taken out. The programs of such a hook are a list, run from its
 * first one on until one does not return TCX_NEXT (-1), and before the filters of clsact.
 * 0 or -errno, no words.
 */
#ifndef KERNEL_DEV_ATTACH_H
#define KERNEL_DEV_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/dev_query.h"

/* A hook: an interface, and DEV_QUERY_TCX_INGRESS or one of its like. */
struct dev_hook {
	int ifindex;
	uint32_t attach_type;
	/* Its network namespace (kernel/netns.h), which is entered for each call; NULL: ours. */
	const char *netns;
	uint64_t
		netns_ino; /* that it must have; -ENODEV: the name is another one's by now */
};

/* dev_query() of a hook. */
int dev_hook_query(const struct dev_hook *hook, struct dev_query *ret) must_check;

enum dev_order { DEV_ORDER_NONE, DEV_BEFORE, DEV_AFTER };

/* All zero: behind all others. */
struct dev_attach_opts {
	enum dev_order order; /* of the anchor, or of all others */
	uint32_t anchor_id;   /* a program's, or a link's; 0: none */
	bool anchor_is_link;
	/* Only if the list is still that one, else -ESTALE; 0: whatever it is. */
	uint64_t revision;
};

/*
 * Without a link. -EEXIST: that very program is in the list; -ENOENT: the anchor is not;
 * -ERANGE: the list is full. A list has a program once, with a link or without.
 */
int dev_attach(const struct dev_hook *hook, int prog_fd,
	       const struct dev_attach_opts *opts) must_check;
/* The program takes the place of old_fd's. -EBUSY: that one is a link's; -ENOENT: it went. */
int dev_attach_over(const struct dev_hook *hook, int prog_fd, int old_fd,
		    uint64_t revision) must_check;
/* By a link, whose fd is the caller's. Errors as above. */
int dev_attach_link(const struct dev_hook *hook, int prog_fd,
		    const struct dev_attach_opts *opts) must_check;
/* That program, which was attached without a link. -ENOENT: it is not; -ESTALE as above. */
int dev_detach(const struct dev_hook *hook, int prog_fd, uint64_t revision) must_check;
/*
 * The way back of an attachment without a link: what was in its place returns, before_fd < 0:
 * nothing was. The kernel compares: what somebody else put there by now is his, and an error.
 * An interface or entry that is gone has nothing to take back: 0.
 */
int dev_attach_undo(const struct dev_hook *hook, int prog_fd, int before_fd,
		    struct err *err) must_check;

/* "tcx ingress", "netkit peer": the hook's name in messages. */
const char *dev_hook_name(uint32_t attach_type);

#endif
