/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * PROG as the value of a prog array's slot: id N | tag TAG | name NAME | pinned FILE.
 */
#ifndef VERBS_PROG_REF_H
#define VERBS_PROG_REF_H

#include "base/args.h"

/* Consumes the two words; the fd of the one program that is meant. */
int prog_ref_open(struct args *a, struct err *err) must_check;

#endif
