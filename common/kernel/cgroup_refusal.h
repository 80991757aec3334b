/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why the kernel refused to attach a program to a cgroup, in words; for cgroup_attach.c.
 */
#ifndef KERNEL_CGROUP_REFUSAL_H
#define KERNEL_CGROUP_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "kernel/cgroup_fd.h"

/* One request; for the words as well as for the kernel. */
struct cgroup_request {
	int cgroup_fd;
	const char *path;
	const struct attach_type *type;
	int prog_fd;
	uint32_t flags; /* the mode */
	const struct cgroup_attach_opts *opts;
	bool link; /* may stand beside a direct entry of the same program */
	uint32_t prog_id, prog_type; /* once looked at */
};

/* "program id 12 'count', program id 13": every one in the list. */
void cgroup_say_programs(struct strbuf *out, const struct cgroup_query *q);
bool cgroup_holds(const struct cgroup_query *q, uint32_t prog_id);

/* Of a list's flags: what decides who may join it; "multi", "override", "exclusive". */
uint32_t cgroup_mode_of(uint32_t flags);
const char *cgroup_mode_word(uint32_t flags);

/* The kernel's answer to an attach or a link, with what the list was. */
int cgroup_refusal(const struct cgroup_request *req, const struct cgroup_query *q,
		   int code, struct err *err);
/* Its list of that type could not be asked for: code, and the capability that is missing. */
int cgroup_refusal_unseen(const char *path, const struct attach_type *type, int code,
			  struct err *err);

#endif
