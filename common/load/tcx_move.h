/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program on its way from clsact to tcx: the filter of the same direction whose program is
 * the same function. tcx runs before clsact, and what does not return TCX_NEXT ends there.
 */
#ifndef LOAD_TCX_MOVE_H
#define LOAD_TCX_MOVE_H

#include <stddef.h>

#include "base/err.h"

struct attach_tcx;

/*
 * at->moves[i] becomes the filter that 'replace' removes; without 'replace' a remark names
 * it. -EEXIST in words: several are of that function. Filters of a shared block, of another
 * chain and of hardware alone are not looked at.
 */
int tcx_move_find(struct attach_tcx *at, size_t i, struct err *err) must_check;
/* Removes it, if it is still the same; a step of the journal. */
int tcx_move_drop(struct attach_tcx *at, size_t i, struct err *err) must_check;

#endif
