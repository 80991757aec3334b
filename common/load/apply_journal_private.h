/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For apply_journal.c and apply_journal_read.c only. */
#ifndef LOAD_APPLY_JOURNAL_PRIVATE_H
#define LOAD_APPLY_JOURNAL_PRIVATE_H

#include "load/apply_journal.h"

/* May take what is in record. Not 0 ends the reading, negative with err filled. */
typedef int (*apply_journal_fn)(struct apply_record *record, const char *path, void *ctx,
				struct err *err);

/* fn for each record in a file. 1: read; 0: there is none. */
int apply_journal_read(const char *path, apply_journal_fn fn, void *ctx,
		       struct err *err) must_check;

#endif
