/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * no_tcx CMD…: runs it on a kernel before Linux 6.6, to whose bpf(2) the attach types of tcx
 * and everything newer are unknown: EINVAL. 124: it asked for none of them.
 */
#include "answered.h"

enum { FIRST_UNKNOWN = 46 }; /* BPF_TCX_INGRESS */

static int type_answer(const struct seccomp_notif *asked, void *data)
{
	unsigned int *seen = data;
	union bpf_attr attr;
	uint32_t type;

	if (!asker_attr(asked, &attr, sizeof(attr)))
		return ANSWERED_BY_KERNEL;
	switch (asked->data.args[0]) {
	case BPF_PROG_QUERY:
		type = attr.query.attach_type;
		break;
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_LINK_CREATE:
		type = attr.attach_type;
		break;
	default:
		return ANSWERED_BY_KERNEL;
	}
	if (type < FIRST_UNKNOWN)
		return ANSWERED_BY_KERNEL;
	++*seen;
	return -EINVAL;
}

int main(int argc, char **argv)
{
	unsigned int seen = 0;
	int status = argc < 2 ? 125 : answered_run(argv + 1, type_answer, &seen);

	return seen ? status : 124;
}
