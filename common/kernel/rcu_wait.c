/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/rcu_wait.h"

/* The kernel waits after each update of an outer map, since programs may have the old inner. */
static int wait_by_outer_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, outer_opts, .map_flags = 0);
	auto_close int inner = -1, outer = -1;
	uint32_t key = 0;

	inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mapshare_wait", sizeof(key),
			       sizeof(key), 1, NULL);
	if (inner < 0)
		return -errno;
	outer_opts.inner_map_fd = (uint32_t)inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "mapshare_wait", sizeof(key),
			       sizeof(key), 1, &outer_opts);
	if (outer < 0)
		return -errno;
	return bpf_map_update_elem(outer, &key, &inner, BPF_ANY) < 0 ? -errno : 0;
}

int rcu_wait(struct err *err)
{
	int r;

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0)
		return 0;
	/* Kernels that were built without it, and CPUs with nohz_full, refuse it. */
	r = wait_by_outer_map();
	return r < 0 ? err_set(err, r, "wait for running programs") : 0;
}
