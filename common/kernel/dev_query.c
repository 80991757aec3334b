/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include "kernel/dev_query.h"

/* The query part of union bpf_attr as of Linux 6.6. */
struct query_attr {
	uint32_t target_ifindex, attach_type, query_flags, attach_flags;
	uint64_t prog_ids;
	uint32_t count, pad;
	uint64_t prog_attach_flags, link_ids, link_attach_flags, revision;
};

int dev_query_kernel(int cmd, void *attr, size_t size)
{
	return syscall(__NR_bpf, cmd, attr, size) < 0 ? -errno : 0;
}

int dev_query(dev_query_bpf bpf, int ifindex, uint32_t attach_type, struct dev_query *ret)
{
	struct dev_query q = {.nr = 0};
	struct query_attr attr = {
		.target_ifindex = (uint32_t)ifindex,
		.attach_type = attach_type,
		.prog_ids = (uintptr_t)q.prog_ids,
		.link_ids = (uintptr_t)q.link_ids,
		.count = DEV_QUERY_MAX,
	};
	int r = bpf(BPF_PROG_QUERY, &attr, sizeof(attr));

	if (r < 0)
		return r;
	q.revision = attr.revision;
	q.nr = attr.count < DEV_QUERY_MAX ? attr.count : DEV_QUERY_MAX;
	*ret = q;
	return 0;
}
