/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is mounted where, as /proc/PID/mountinfo tells it (proc_pid_mountinfo(5)). */
#ifndef KERNEL_MOUNTINFO_H
#define KERNEL_MOUNTINFO_H

#include "base/err.h"

/* All borrowed, paths decoded. */
struct mountinfo {
	const char *root; /* what of the file system is mounted: "/", a subdirectory, */
			  /* of nsfs "net:[4026531840]" */
	const char *path; /* where, seen from that process's root */
	const char *type; /* "cgroup2" */
};

/*
 * fn for every line of list ("/proc/self/mountinfo", "/proc/PID/mountinfo"), in order; a
 * mount that another one covers is listed too. A non-zero return ends the walk.
 */
int mountinfo_each(const char *list, int (*fn)(const struct mountinfo *m, void *ctx),
		   void *ctx) must_check;

/*
 * The kernel writes blanks, tabs, newlines and backslashes in paths as \ooo, in the lists of
 * mounts too: text as it was meant, in place.
 */
char *mountinfo_decode(char *text);

/* A descriptor for EPOLLPRI: something was mounted or unmounted where we are. -errno. */
int mountinfo_watch(void) must_check;

#endif
