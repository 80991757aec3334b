/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counter's map as BTF describes maps: pinned under its name, so that loaders share
 * it. */
#ifndef COUNTER_MAPS_H
#define COUNTER_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "counter_shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TRAFFIC_SLOTS);
	__type(key, __u32);
	__type(value, struct traffic);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} traffic SEC(".maps");

#endif
