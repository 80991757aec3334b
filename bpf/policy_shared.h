/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Destinations nobody may talk to, and how often each hook had to say so. */
#ifndef POLICY_SHARED_H
#define POLICY_SHARED_H

/* The key is an IPv4 address as it stands in the packet. */
struct refused {
	unsigned long long by_tc;
	unsigned long long by_cgroup;
};

#define POLICY_MAX 64

#endif
