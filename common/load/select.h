/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which program of an object a command means, and as what it is loaded. What it may jump to
 * is marked with it and loaded as the same type.
 */
#ifndef LOAD_SELECT_H
#define LOAD_SELECT_H

#include <stdint.h>

#include "base/err.h"

struct attach_type;
struct object;
struct object_program;

/* The section of a classifier when none is named. */
#define SELECT_TC_SECTION "classifier"

/*
 * For a cgroup: what section or program names (NULL: not said), else the only one whose
 * section is for the type. A section that names another type is refused.
 */
int select_for_type(struct object *obj, const struct attach_type *type,
		    const char *section, const char *program, struct object_program **ret,
		    struct err *err) must_check;

/*
 * For tc, whose line says the type whatever sections are called: without section and program
 * the section "classifier" (a classifier's), "action" or "prog"; where there is none, the
 * only program that fits.
 */
int select_for_tc(struct object *obj, const char *section, const char *program,
		  uint32_t prog_type, struct object_program **ret,
		  struct err *err) must_check;

/* As bpftool: the first that is loaded by itself; what tail calls reach is none. NULL. */
struct object_program *select_first(struct object *obj);

#endif
