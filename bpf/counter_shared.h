/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the counting programs write and user space reads. An array, eight entries: the
 * slot is hook * 4 + protocol, so one dump shows both hooks beside each other.
 */
#ifndef COUNTER_SHARED_H
#define COUNTER_SHARED_H

struct traffic {
	unsigned long long packets;
	unsigned long long
		bytes; /* from the IP header on: the same packet, the same number */
};

enum traffic_hook { HOOK_TC, HOOK_CGROUP };
enum traffic_proto { TRAFFIC_OTHER, TRAFFIC_ICMP, TRAFFIC_TCP, TRAFFIC_UDP };

#define TRAFFIC_PROTOS 4
#define TRAFFIC_SLOTS  8

#endif
