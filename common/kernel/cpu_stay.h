/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* This thread on one CPU after the other, and back where it may run. */
#ifndef KERNEL_CPU_STAY_H
#define KERNEL_CPU_STAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct cpu_stay {
	void *before, *set; /* cpu_set_t of that many bytes; owned */
	size_t bytes;
	bool known; /* before is what it was */
};

#define CPU_STAY_INIT          \
	{                      \
		.before = NULL \
	}
#define auto_cpu_stay auto_release(cpu_stay_release) struct cpu_stay

/* For CPUs below that number. */
void cpu_stay_begin(struct cpu_stay *stay, unsigned int nr_cpus);
/* True: we run there from now on. False: it is offline, or not ours to run on. */
bool cpu_stay_on(struct cpu_stay *stay, unsigned int cpu);
/* -errno: the thread stays where it is. */
int cpu_stay_end(struct cpu_stay *stay);
void cpu_stay_release(struct cpu_stay *stay);

#endif
