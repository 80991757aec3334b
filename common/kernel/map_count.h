/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef KERNEL_MAP_COUNT_H
#define KERNEL_MAP_COUNT_H

#include <linux/bpf.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * How many elements are in a hash, by the kernel's own count: nothing is read, and it takes as
 * long whatever their number, some 10 ms. Exact while nobody writes.
 *
 * -EOPNOTSUPP: the type has no count, or the kernel tells nobody (before Linux 6.6), or not us.
 */
int map_count(int fd, const struct bpf_map_info *info, uint64_t *ret) must_check;

#endif
