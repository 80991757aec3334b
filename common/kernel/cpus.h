/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many values an element of a per-CPU map has.
 */
#ifndef KERNEL_CPUS_H
#define KERNEL_CPUS_H

/*
 * Possible CPUs, online or not, as bpf(2) counts them: from /sys, or where that is not
 * mounted from the size of a per-CPU value. 0: unknown, for want of both; then nothing
 * per-CPU may be read, since the kernel writes as many values as it has.
 */
unsigned int possible_cpus(void);

#endif
