/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When does nobody run any more what was detached a moment ago? Programs of tc, tcx, XDP and
 * cgroup hooks run inside of an RCU read section, and the kernel can be asked to wait for all
 * of those that had begun. Sleepable programs run outside of one: they are not waited for.
 */
#ifndef KERNEL_RCU_WAIT_H
#define KERNEL_RCU_WAIT_H

#include "base/err.h"

/* Returns when every program that ran as it was called has ended. */
int rcu_wait(struct err *err) must_check;

#endif
