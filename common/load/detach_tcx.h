/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One program taken from the list of a hook of an interface, with the pin that it stands for. */
#ifndef LOAD_DETACH_TCX_H
#define LOAD_DETACH_TCX_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/dev_attach.h"

struct detach_tcx {
	struct dev_hook hook;
	const char *dev;      /* the interface's name, for messages */
	uint32_t prog_id;     /* what goes */
	uint32_t link_id;     /* that holds it; 0: none does */
	const char *link_pin; /* the caller named it; NULL: all pins of the link go */
};

/* A link without any pin belongs to a process, and is refused (-EBUSY) in words. */
int detach_tcx_check(const struct detach_tcx *d, struct err *err) must_check;

/* After that check. What was there and is not any more is gone: 0. */
int detach_tcx(const struct detach_tcx *d, struct err *err) must_check;

#endif
