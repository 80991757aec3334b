/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps that programs can reach, without opening those that none does. */
#ifndef SCAN_SCAN_USED_H
#define SCAN_SCAN_USED_H

#include <stdint.h>

#include "base/err.h"

struct bpf_map_info;

/* fd and info are borrowed; a non-zero return ends the walk. */
typedef int scan_used_fn(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx);

/*
 * fn for the maps that programs use, and for those in the slots of outer ones, maybe twice for
 * one that is both. Where the machine has fewer maps than programs, or slots cannot be read, fn
 * is told of every map.
 * -errno; without CAP_SYS_ADMIN -EPERM.
 */
int scan_used_maps(scan_used_fn *fn, void *ctx) must_check;

#endif
