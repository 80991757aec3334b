/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capabilities: which one a refusal is about. Works with CAP_BPF + CAP_NET_ADMIN where
 * the kernel allows; ids and "show all" need CAP_SYS_ADMIN.
 */
#ifndef KERNEL_CAPS_H
#define KERNEL_CAPS_H

#include <stdbool.h>

#include "base/err.h"

enum caps_need {
	CAPS_LOAD,   /* CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN */
	CAPS_BPF,    /* CAP_BPF, or CAP_SYS_ADMIN: instructions of a program */
	CAPS_ATTACH, /* CAP_NET_ADMIN */
	CAPS_CGROUP, /* CAP_NET_ADMIN of the initial user namespace: lists of cgroups and tcx */
	CAPS_IDS,    /* CAP_SYS_ADMIN: *_GET_NEXT_ID, *_GET_FD_BY_ID */
	CAPS_MOUNT,  /* CAP_SYS_ADMIN */
	CAPS_PTRACE, /* CAP_SYS_PTRACE: other users' files and namespaces in /proc */
};

/*
 * "CAP_BPF and CAP_NET_ADMIN": those of need that the process lacks, or that it has them in a
 * user namespace of its own only; NULL: none.
 */
const char *caps_missing(enum caps_need need);

/* The same in whatever user namespace this is. */
const char *caps_missing_here(enum caps_need need);
/* Not the initial one; false where /proc does not say. */
bool caps_in_user_ns(void);

/*
 * After an EPERM/EACCES: adds " (missing CAP_NET_ADMIN)" to err's text when that explains
 * it. Returns err->code.
 */
int caps_explain(struct err *err, enum caps_need need);

#endif
