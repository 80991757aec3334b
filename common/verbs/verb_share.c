/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "format/share_report.h"
#include "kernel/map_fd.h"
#include "share/attach.h"
#include "share/graph_scan.h"
#include "verbs/tool.h"
#include "verbs/verb_gc.h"
#include "view/share_view.h"

/* Exit 1 is a verdict here, so every failure ends with this in both tools. */
enum { STATUS_NO_PROOF = 1, STATUS_FAILED = 255 };

/* --- what is asked --- */

struct request {
	const char *name; /* NULL: by id or pin */
	const char *pin;
	uint32_t id;
	struct share_place *places; /* owned */
	size_t nr_places;
};

static void request_release(struct request *req)
{
	free(req->places);
}

static int add_place(struct request *req, const struct share_place *place)
{
	array_grow(req->places, req->nr_places);
	req->places[req->nr_places++] = *place;
	return 0;
}

static int set_dev(struct args *a, void *request, struct err *err)
{
	struct share_place place;
	const char *dev;
	int r = args_value(a, "dev", "DEVICE", &dev, err);

	r = r ? r : attach_dev_place(dev, &place, err);
	return r ? r : add_place(request, &place);
}

static int set_cgroup(struct args *a, void *request, struct err *err)
{
	struct share_place place;
	const char *path;
	int r = args_value(a, "cgroup", "PATH", &path, err);

	r = r ? r : attach_cgroup_place(path, &place, err);
	return r ? r : add_place(request, &place);
}

static const struct keyword place_words[] = {
	{"dev", KEYWORD_MANY, set_dev, "DEVICE", "only programs attached to it"},
	{"cgroup", KEYWORD_MANY, set_cgroup, "PATH", "only programs attached to it"},
	{NULL, 0, NULL, NULL, NULL},
};

/* NAME stands alone; the words of MAP count only when something follows them. */
static int parse_map(struct request *req, struct args *a, struct err *err)
{
	const char *word = args_next(a);
	uint64_t id;
	int r;

	if (!word || !*word)
		return err_say(err, -EINVAL,
			       "which map? NAME, id N, pinned PATH or name NAME");
	if (args_more(a) && strcmp(word, "id") == 0) {
		r = args_number(a, "id", 1, UINT32_MAX, &id, err);
		if (r == 0)
			req->id = (uint32_t)id;
		return r;
	}
	if (args_more(a) && strcmp(word, "pinned") == 0)
		return args_value(a, "pinned", "PATH", &req->pin, err);
	if (args_more(a) && strcmp(word, "name") == 0)
		return args_value(a, "name", "NAME", &req->name, err);
	req->name = word;
	return 0;
}

static int parse(struct request *req, struct args *a, struct err *err)
{
	int r = parse_map(req, a, err);

	r = r ? r : keyword_parse(place_words, a, req, err);
	if (r == 0 && args_more(a))
		return err_say(err, -EINVAL, "what is '%s'? dev or cgroup may follow",
			       args_peek(a));
	return r;
}

/* --- the answer --- */

static int find_pinned(struct request *req, struct err *err)
{
	auto_close int fd = req->pin ? map_fd_by_pin(req->pin) : -1;
	struct bpf_map_info info;
	int r;

	if (!req->pin)
		return 0;
	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "'%s' is no map", req->pin);
	r = fd < 0 ? fd : map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "map '%s'", req->pin);
	req->id = info.id;
	return 0;
}

static int ask(struct share_report *ret, const struct graph *g, const struct request *req,
	       struct err *err)
{
	struct share_question q = {.name = req->name,
				   .map = req->id,
				   .places = req->places,
				   .nr_places = req->nr_places};

	if (!q.name)
		q.name = graph_map_name(g, req->id);
	if (share_report_init(ret, g, &q) == 0)
		return 0;
	if (req->name)
		return err_say(err, -ENOENT, "there is no map '%s'", req->name);
	return err_set(err, -ENOENT, "map id %u", req->id);
}

static void say_lines(char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line)
			log_info("%s", line);
}

static int show(const struct tool *tool, const struct graph *g,
		const struct share_report *r, struct err *err)
{
	auto_strbuf out = STRBUF_INIT, notes = STRBUF_INIT;
	auto_free char *lines = NULL;

	for (size_t i = 0; i < g->nr_hidden; i++)
		log_warn("not seen: %s", g->hidden[i]);
	share_view_notes(&notes, r);
	lines = sb_take(&notes);
	say_lines(lines);
	if (tool->json)
		share_view_json(&out, r, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	else
		share_view_text(&out, r);
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return r->verdict == SHARE_SHARED ? 0 : STATUS_NO_PROOF;
}

static int check(struct args *a, const struct tool *tool, struct err *err)
{
	auto_release(share_report_release) struct share_report report = {.name = NULL};
	auto_release(request_release) struct request req = {.name = NULL};
	auto_graph g = GRAPH_INIT;
	int r = parse(&req, a, err);

	r = r ? r : find_pinned(&req, err);
	r = r ? r : graph_scan(&g, attach_sources, err);
	r = r ? r : ask(&report, &g, &req, err);
	return r ? r : show(tool, &g, &report, err);
}

static int run_check(struct args *a, void *tool, struct err *err)
{
	int r = check(a, tool, err);

	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}

const struct verb share_verbs[] = {
	{"check", run_check,
	 "{NAME|id N|pinned PATH|name NAME} [dev DEVICE]... [cgroup PATH]...",
	 "Proves that the attached programs that use a map of this name use one map: "
	 "exit 0; "
	 "1 if it is split, used by one program or by none; 255 if there is no such map",
	 NULL},
	{"gc", verb_gc, GC_SYNOPSIS, GC_HELP, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};
