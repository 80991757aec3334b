/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program on its way from tcx back to clsact: once its filter is there, what the list of the
 * same direction has of that function goes. The other way is load/tcx_move.h.
 */
#ifndef LOAD_TCX_LEAVE_H
#define LOAD_TCX_LEAVE_H

#include <stdint.h>

#include "base/err.h"
#include "load/detach_tcx.h"

struct tcx_leave {
	struct detach_tcx goes; /* prog_id 0: nothing */
	/* The link that was named lost its device: its pin goes. 0: none */
	uint32_t dead_link;
};

/*
 * What goes, found before the filter is made; dev and link_pin are borrowed. A program that a
 * link holds goes only if that link's pin is named. -EEXIST in words: several programs are of
 * that function, or the link is another one. A kernel without tcx has nothing: 0.
 */
int tcx_leave_find(struct tcx_leave *ret, const struct dev_hook *hook, const char *dev,
		   int prog_fd, const char *link_pin, struct err *err) must_check;
int tcx_leave_drop(const struct tcx_leave *leave, struct err *err) must_check;

#endif
