/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What this process may do of what the tools do. Each answer is the kernel's, to a call of that
 * kind that changes nothing: capabilities alone do not decide, but user namespaces, tokens,
 * sysctls and security modules, too. A job is allowed if all is that it needs.
 */
#ifndef VERBS_PERMITS_H
#define VERBS_PERMITS_H

#include "base/err.h"

enum permit_answer { PERMIT_NO, PERMIT_YES, PERMIT_UNKNOWN };

struct permit {
	const char *name;  /* "may_load" */
	const char *gives; /* for people */
	const char *probe; /* what was asked */
	/* 0, or -errno with err filled; NULL: a job. */
	int (*ask)(struct err *err);
	unsigned int needs; /* bits of rows, by their number */
	unsigned int sees;  /* without these it is told less */
};

extern const struct permit permits[];
extern const size_t permits_nr;

/*
 * Each row once, in order; reason is "" or says why not, or what of a "yes" is told less. code:
 * what a call said, 0 for jobs.
 */
typedef void (*permit_fn)(const struct permit *permit, enum permit_answer answer,
			  int code, const char *reason, void *ctx);
void permits_each(permit_fn fn, void *ctx);

#endif
