/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One link of a program on one interface, XDP or tcx, as an embedding program asks for it. With
 * a pin that is there it can be asked for twice: the same program is a success that changes
 * nothing, another one takes its place with replace, a link that lost its interface is made anew.
 */
#ifndef LOAD_ATTACH_DEV_LINK_H
#define LOAD_ATTACH_DEV_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/dev_attach.h"
#include "load/attach_again.h"

struct nl_sock;
struct object;
struct pin_txn;

struct attach_dev_link {
	/* Borrowed. The program outlives the journal. */
	struct object *obj; /* it was loaded from; NULL: only the same id is the same */
	int prog_fd;
	int ifindex;
	uint32_t attach_type; /* LINK_FD_ATTACH_* */
	const char *dev, *pin;
	bool replace;
	struct dev_attach_opts order; /* of a new link; not of XDP */
	struct nl_sock *sock;         /* of the interface's network namespace */
	struct pin_txn *txn;          /* whose journal it is */
};

/* Without a pin; the link's fd is the caller's. */
int attach_dev_link_open(const struct attach_dev_link *at, struct err *err) must_check;

/* What is at the pin; -EEXIST in words. Changes nothing. */
int attach_dev_link_look(const struct attach_dev_link *at, struct again *ret,
			 struct err *err) must_check;
/* What the look said, as a step of the journal. -ESTALE: it is out of date. */
int attach_dev_link_make(const struct attach_dev_link *at, const struct again *again,
			 struct err *err) must_check;

#endif
