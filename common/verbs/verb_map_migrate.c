/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "kernel/map_fd.h"
#include "kernel/pin_index.h"
#include "load/migrate.h"
#include "verbs/map_ref.h"
#include "verbs/migrate_print.h"
#include "verbs/progress.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"
#include "view/table.h"

/* The command as a value. */
struct migrate_request {
	struct map_ref ref;
	struct text_list objects, merge;
	struct constants constants;
	const char *map;
	bool plan, drop, leave, copy_prefix;
	char *pin; /* owned */
};

static void migrate_request_release(struct migrate_request *q)
{
	text_list_release(&q->objects);
	text_list_release(&q->merge);
	constants_release(&q->constants);
	free(q->pin);
}

/* --- words ---------------------------------------------------------------------- */

static int migrate_set_object(struct args *a, void *ctx, struct err *err)
{
	struct migrate_request *q = ctx;
	const char *file;
	int r = args_value(a, "obj", "FILE", &file, err);

	if (r == 0)
		text_list_add(&q->objects, file);
	return r;
}

static int migrate_set_merge(struct args *a, void *ctx, struct err *err)
{
	struct migrate_request *q = ctx;
	const char *text;
	int r = args_value(a, "--merge", "MEMBER=POLICY", &text, err);

	if (r == 0)
		text_list_add(&q->merge, text);
	return r;
}

static const struct keyword migrate_words[] = {
	{"obj", KEYWORD_MANY, migrate_set_object, "FILE", NULL},
	{"map", KEYWORD_PREFIX, NULL, "NAME", NULL,
	 KEYWORD_TEXT(struct migrate_request, map)},
	{"set", KEYWORD_EXACT | KEYWORD_MANY, constants_set, CONSTANTS_USAGE, NULL,
	 KEYWORD_MEMBER(struct migrate_request, constants, struct constants)},
	{"--plan", KEYWORD_EXACT, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct migrate_request, plan)},
	{"--drop", KEYWORD_EXACT, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct migrate_request, drop)},
	{"--leave-behind", KEYWORD_EXACT, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct migrate_request, leave)},
	{"--copy-prefix", KEYWORD_EXACT, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct migrate_request, copy_prefix)},
	{"--merge", KEYWORD_EXACT | KEYWORD_MANY, migrate_set_merge, "MEMBER=POLICY",
	 NULL},
	{.name = NULL},
};

static int migrate_parse(struct migrate_request *q, struct args *a, struct err *err)
{
	int r = map_ref_parse(&q->ref, a, err);

	if (r == 0 && !args_take(a, "to"))
		r = err_say(err, -EINVAL, "'to obj FILE' must follow the map");
	if (r == 0)
		r = keyword_parse(migrate_words, a, q, err);
	if (r == 0)
		r = map_words_end(a, migrate_words, err);
	if (r == 0 && !q->objects.nr)
		r = err_say(err, -EINVAL, "'obj FILE' must follow 'to'");
	return r;
}

/* --- the pin -------------------------------------------------------------------- */

static int find_pin(struct migrate_request *q, struct err *err)
{
	auto_pin_index pins = {.nr = 0};
	auto_strbuf several = STRBUF_INIT;
	struct bpf_map_info info;
	const char *found = NULL;
	auto_close int fd = -1;
	int r;

	if (q->ref.kind == MAP_REF_PINNED) {
		q->pin = xstrdup(q->ref.what);
		return 0;
	}
	fd = map_ref_open(&q->ref, err);
	r = fd < 0 ? fd : map_fd_info(fd, &info);
	if (fd < 0)
		return fd;
	if (r < 0)
		return err_set(err, r, "can't get map info");
	pin_index_read(&pins, BPF_FD_MAP);
	for (size_t i = 0; i < pins.nr; i++) {
		if (pins.pins[i].id != info.id)
			continue;
		found = pins.pins[i].path;
		sb_add_sep(&several, ", ", "");
		sb_addf(&several, "'%s'", found);
	}
	if (found && strlen(found) + 2 != several.len)
		return err_say(
			err, -EINVAL,
			"map id %u has several pins: %s; 'pinned FILE' says which one",
			info.id, sb_text(&several));
	if (pins.unseen) {
		err_set(err, pins.unseen, "which pins map id %u has cannot be seen",
			info.id);
		return err_hint(err, "'pinned FILE' says which one is meant");
	}
	if (!found)
		return err_say(
			err, -EINVAL,
			"map id %u is not pinned; only a pinned map can be exchanged for another, pin it first: map pin id %u FILE",
			info.id, info.id);
	q->pin = xstrdup(found);
	return 0;
}

/* --- the answer ----------------------------------------------------------------- */

static void migrate_progress(void *ctx, const char *what, uint64_t count)
{
	(void)what;
	progress_at(ctx, count);
}

static void migrate_answer(const struct tool *tool, const struct migrate_report *report,
			   bool plan)
{
	auto_strbuf text = STRBUF_INIT;
	auto_json *root = NULL;

	if (tool->json) {
		root = migrate_print_json(report, plan);
		map_answer_json(tool, root);
		return;
	}
	migrate_print_text(report, plan, &text);
	map_answer_text(tool, &text);
}

int verb_map_migrate(struct args *a, void *ctx, struct err *err)
{
	auto_release(migrate_request_release) struct migrate_request q = {.map = NULL};
	auto_release(progress_release) struct progress progress;
	auto_migrate_report report = MIGRATE_REPORT_INIT;
	struct migrate_opts opts;
	struct tool *tool = ctx;
	struct share_opts share = tool->share;
	int r;

	progress_init(&progress, "map migrate: elements");
	r = migrate_parse(&q, a, err);
	if (r == 0)
		r = find_pin(&q, err);
	if (r < 0)
		return r;
	share.constants = q.constants;
	opts = (struct migrate_opts){
		.share = &share,
		.pin = q.pin,
		.objects = (const char *const *)q.objects.items,
		.nr_objects = q.objects.nr,
		.map = q.map,
		.plan_only = q.plan,
		.drop = q.drop,
		.leave = q.leave,
		.copy_prefix = q.copy_prefix,
		.merge = (const char *const *)q.merge.items,
		.nr_merge = q.merge.nr,
		.progress = migrate_progress,
		.ctx = &progress,
	};
	if (!tool->json)
		table_ready();
	r = migrate_run(&opts, &report, err);
	progress_release(&progress);
	if (r < 0)
		return r;
	migrate_answer(tool, &report, q.plan);
	return 0;
}
