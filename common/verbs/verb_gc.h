/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `share gc`: a row of share_verbs. */
#ifndef VERBS_VERB_GC_H
#define VERBS_VERB_GC_H

#include "base/args.h"

#define GC_SYNOPSIS "[--delete [PATH]...]"
#define GC_HELP                                                                      \
	"Lists pins in MNT/tc that no attached program and no visible process uses;" \
	" --delete removes kept prog arrays that nothing needs, and PATHs"

int verb_gc(struct args *a, void *tool, struct err *err) must_check;

#endif
