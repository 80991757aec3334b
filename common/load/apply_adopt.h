/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A lost record: what stands everywhere may be the very programs that were loaded again. */
#ifndef LOAD_APPLY_ADOPT_H
#define LOAD_APPLY_ADOPT_H

#include "load/apply_plan.h"

/*
 * After the load: where all that stands of an object, and is to be adopted, is the same as what
 * was loaded (load/same_program.h), it stays with its private maps, and the load is dropped. Each
 * function by one program, or the object's programs would be of several loads: then all of them
 * are replaced.
 */
int apply_adopt_same(struct apply_plan *plan, struct err *err) must_check;

#endif
