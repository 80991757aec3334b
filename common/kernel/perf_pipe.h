/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What BPF programs write into a perf event array, as it comes. While one is open it owns
 * the array's slots: another reader of the same ones gets nothing.
 */
#ifndef KERNEL_PERF_PIPE_H
#define KERNEL_PERF_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct perf_pipe;

struct perf_event {
	uint32_t type; /* of the record, as perf_event_open(2) has it */
	int cpu, index;
	uint64_t time;    /* nanoseconds since the machine started */
	const void *data; /* NULL: events were lost */
	size_t size;
	uint64_t lost, lost_id; /* how many, by which perf event's count */
};

/* event and its bytes are borrowed for the call. */
typedef void (*perf_pipe_fn)(const struct perf_event *event, void *ctx);

/*
 * cpu -1: every online CPU, each in the slot of its number; else the one, in slot index.
 * The result is the caller's.
 */
int perf_pipe_open(int map_fd, int cpu, int index, perf_pipe_fn fn, void *ctx,
		   struct perf_pipe **ret, struct err *err) must_check;
void perf_pipe_close(struct perf_pipe **pipe); /* for auto_release() */

/* Readable when there are events; perf_pipe_read() then hands them to fn. */
int perf_pipe_fd(const struct perf_pipe *pipe);
int perf_pipe_read(struct perf_pipe *pipe) must_check;

#endif
