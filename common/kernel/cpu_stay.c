/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "kernel/cpu_stay.h"

void cpu_stay_begin(struct cpu_stay *stay, unsigned int nr_cpus)
{
	stay->bytes = CPU_ALLOC_SIZE(CPU_SETSIZE > nr_cpus ? CPU_SETSIZE : nr_cpus);
	stay->before = xcalloc(1, stay->bytes);
	stay->set = xcalloc(1, stay->bytes);
	stay->known = sched_getaffinity(0, stay->bytes, stay->before) == 0;
}

bool cpu_stay_on(struct cpu_stay *stay, unsigned int cpu)
{
	cpu_set_t *set = stay->set;

	CPU_ZERO_S(stay->bytes, set);
	CPU_SET_S(cpu, stay->bytes, set);
	return sched_setaffinity(0, stay->bytes, set) == 0;
}

int cpu_stay_end(struct cpu_stay *stay)
{
	int r = stay->known && sched_setaffinity(0, stay->bytes, stay->before) < 0
			? -errno
			: 0;

	stay->known = false;
	return r;
}

void cpu_stay_release(struct cpu_stay *stay)
{
	if (stay->before)
		(void)cpu_stay_end(stay);
	free(stay->before);
	free(stay->set);
}
