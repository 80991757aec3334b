/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which programs stand in a hook of a network device that bpf(2) knows: tcx (Linux 6.6)
 * and netkit (6.7). Values are kernel ABI, newer than the headers this is built with.
 */
#ifndef KERNEL_DEV_QUERY_H
#define KERNEL_DEV_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* enum bpf_attach_type */
enum {
	DEV_QUERY_TCX_INGRESS = 46,
	DEV_QUERY_TCX_EGRESS = 47,
	DEV_QUERY_NETKIT_PRIMARY = 54,
	DEV_QUERY_NETKIT_PEER = 55,
};

enum { DEV_QUERY_MAX = 64 }; /* the kernel's limit of programs in one such hook */

struct dev_query {
	uint32_t nr;
	uint32_t prog_ids[DEV_QUERY_MAX];
	uint32_t link_ids[DEV_QUERY_MAX]; /* 0: attached without a link */
	uint64_t revision;                /* counts changes of the list */
};

/* bpf(2), or what answers in its place: 0 or -errno, attr is written to. */
typedef int (*dev_query_bpf)(int cmd, void *attr, size_t size);
int dev_query_kernel(int cmd, void *attr, size_t size);

/*
 * The device is one of the caller's network namespace. -EINVAL: this kernel does not know
 * the type; -ENODEV: no such device; other refusals of a device that has no such hook as
 * the kernel says them.
 */
int dev_query(dev_query_bpf bpf, int ifindex, uint32_t attach_type,
	      struct dev_query *ret) must_check;

#endif
