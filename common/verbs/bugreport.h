/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a bug report needs to know of a machine, in sections that end after so many lines. No
 * section holds what is in maps, in programs or in the memory, command line or environment of a
 * process; names of processes and the kernel's log only if they were asked for.
 */
#ifndef VERBS_BUGREPORT_H
#define VERBS_BUGREPORT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

struct bugreport_asked {
	const char *tool;
	bool processes; /* names of those that hold something */
	bool dmesg;     /* the kernel's log, its end */
};

struct bugreport_section {
	const char *name;
	const char *holds; /* for the list of contents */
	/* Lines into out, any bytes; -errno with err filled: it could not be made. */
	int (*write)(const struct bugreport_asked *asked, struct strbuf *out,
		     struct err *err);
	bool (*wanted)(const struct bugreport_asked *asked); /* NULL: always */
};

extern const struct bugreport_section bugreport_sections[];
extern const size_t bugreport_sections_nr;

/* Not in it, whatever was asked for, and what to look for before it is sent. */
extern const char *const bugreport_not_in_it;

#endif
