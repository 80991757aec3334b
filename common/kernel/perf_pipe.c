/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "base/alloc.h"
#include "kernel/perf_pipe.h"

enum { RING_PAGES = 16 }; /* per CPU */

struct perf_pipe {
	struct perf_buffer *buffer;
	perf_pipe_fn fn;
	void *ctx;
	int index; /* -1: the CPU's number */
};

/* What sample_type below makes the kernel write. */
struct sample {
	struct perf_event_header header;
	uint64_t time;
	uint32_t size;
	unsigned char data[];
};

struct loss {
	struct perf_event_header header;
	uint64_t id, lost;
};

static enum bpf_perf_event_ret perf_pipe_pass_on(void *ctx, int cpu,
						 struct perf_event_header *header)
{
	const struct sample *sample = (const void *)header;
	const struct loss *loss = (const void *)header;
	struct perf_pipe *pipe = ctx;
	struct perf_event event = {
		.type = header->type,
		.cpu = cpu,
		.index = pipe->index < 0 ? cpu : pipe->index,
	};

	if (header->type == PERF_RECORD_SAMPLE) {
		event.time = sample->time;
		event.data = sample->data;
		event.size = sample->size;
	} else if (header->type == PERF_RECORD_LOST) {
		event.lost = loss->lost;
		event.lost_id = loss->id;
	} else {
		return LIBBPF_PERF_EVENT_CONT;
	}
	pipe->fn(&event, pipe->ctx);
	return LIBBPF_PERF_EVENT_CONT;
}

int perf_pipe_open(int map_fd, int cpu, int index, perf_pipe_fn fn, void *ctx,
		   struct perf_pipe **ret, struct err *err)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_TIME,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	LIBBPF_OPTS(perf_buffer_raw_opts, opts);
	auto_release(perf_pipe_close) struct perf_pipe *pipe = xcalloc(1, sizeof(*pipe));

	pipe->fn = fn;
	pipe->ctx = ctx;
	pipe->index = cpu < 0 ? -1 : index;
	if (cpu >= 0) {
		opts.cpu_cnt = 1;
		opts.cpus = &cpu;
		opts.map_keys = &index;
	}
	pipe->buffer = perf_buffer__new_raw(map_fd, RING_PAGES, &attr, perf_pipe_pass_on,
					    pipe, &opts);
	if (!pipe->buffer) {
		err_set(err, -errno, "failed to create perf buffer");
		return cpu < 0 ? err->code
			       : err_hint(
					 err,
					 "'cpu' is one that is online, 'index' one of the map's");
	}
	*ret = take_ptr(pipe);
	return 0;
}

void perf_pipe_close(struct perf_pipe **pipe)
{
	if (!*pipe)
		return;
	perf_buffer__free((*pipe)->buffer);
	free(*pipe);
}

int perf_pipe_fd(const struct perf_pipe *pipe)
{
	return perf_buffer__epoll_fd(pipe->buffer);
}

int perf_pipe_read(struct perf_pipe *pipe)
{
	/* Whoever polls a perf event takes its readiness away: look into every ring. */
	int r = perf_buffer__consume(pipe->buffer);

	return r < 0 && r != -EINTR ? r : 0;
}
