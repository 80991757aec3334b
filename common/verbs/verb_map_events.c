/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>

#include "kernel/map_fd.h"
#include "kernel/perf_pipe.h"
#include "kernel/stop_fd.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/event_view.h"

struct events {
	const struct tool *tool;
	enum btf_form form;
	int cpu, index; /* -1: all, each in its slot */
	bool any;       /* printed something */
};

static int set_number(struct args *a, const char *keyword, int *ret, struct err *err)
{
	const char *word;
	uint64_t number;
	int r = args_value(a, keyword, "NUMBER", &word, err);

	if (r < 0)
		return r;
	if (args_to_number(keyword, word, 0, INT32_MAX, &number, err) < 0)
		return err_say(err, -EINVAL, "can't parse %s as %s", word, keyword);
	*ret = (int)number;
	return 0;
}

static int set_cpu(struct args *a, void *ctx, struct err *err)
{
	struct events *events = ctx;

	return set_number(a, "cpu", &events->cpu, err);
}

static int set_index(struct args *a, void *ctx, struct err *err)
{
	struct events *events = ctx;

	return set_number(a, "index", &events->index, err);
}

static const struct keyword words[] = {
	{.name = "cpu", .set = set_cpu, .value = "N"},
	{.name = "index", .set = set_index, .value = "N"},
	{.name = NULL},
};

static int map_events_parse(struct events *events, struct args *a, struct err *err)
{
	int r = keyword_parse(words, a, events, err);

	if (r < 0)
		return r;
	r = map_words_end(a, NULL, err);
	if (r < 0)
		return err_hint(err, "'cpu N index N' may follow");
	if ((events->cpu < 0) != (events->index < 0))
		r = err_say(err, -EINVAL, "cpu and index must be specified together");
	return r;
}

static void print_event(const struct perf_event *event, void *ctx)
{
	const struct event_row row = {
		.type = event->type,
		.cpu = event->cpu,
		.index = event->index,
		.time = event->time,
		.data = event->data,
		.size = event->size,
		.lost = event->lost,
		.lost_id = event->lost_id,
	};
	struct events *events = ctx;
	auto_strbuf text = STRBUF_INIT;

	event_view(&row, events->form, !events->any, &text);
	events->any = true;
	map_answer_text(events->tool, &text);
}

static int map_events_follow(struct events *events, int fd, struct err *err)
{
	auto_release(perf_pipe_close) struct perf_pipe *pipe = NULL;
	auto_strbuf end = STRBUF_INIT;
	auto_stop_fd stop = STOP_FD_INIT;
	int r = stop_fd_init(&stop);

	if (r < 0)
		return err_set(err, r, "wait for signals");
	r = perf_pipe_open(fd, events->cpu, events->index, print_event, events, &pipe,
			   err);
	if (r < 0)
		return r;
	if (events->form != BTF_TEXT)
		fputc('[', events->tool->out);
	while (r == 0 && !stop_fd_wait(&stop, perf_pipe_fd(pipe), -1)) {
		r = perf_pipe_read(pipe);
		if (r == 0 && tool_flush(events->tool, err) < 0)
			return err->code;
	}
	event_view_end(events->form, events->any, &end);
	map_answer_text(events->tool, &end);
	return r < 0 ? err_set(err, r, "read events") : 0;
}

int verb_map_events(struct args *a, void *ctx, struct err *err)
{
	const struct tool *tool = ctx;
	struct events events = {
		.tool = tool,
		.form = map_form(tool),
		.cpu = -1,
		.index = -1,
	};
	struct bpf_map_info info;
	auto_close int fd = -1;
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r < 0)
		return r;
	fd = map_ref_open(&ref, err);
	if (fd < 0)
		return fd;
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "can't get map info");
	if (info.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		err_say(err, -EINVAL, "map is not a perf event array");
		return err_hint(err, "'map dump' shows what other maps hold");
	}
	r = map_events_parse(&events, a, err);
	return r < 0 ? r : map_events_follow(&events, fd, err);
}
