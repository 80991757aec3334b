/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/stop_fd.h"
#include "verbs/map_numbers.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"
#include "view/watch_view.h"

enum {
	ROWS_MAX = 10000, /* two looks are kept in memory */
	LINES_USUAL = 24,
	COLUMNS_USUAL = 80,
	STATUS_CUT = 255, /* of an answer that ends early */
};

struct watch {
	const struct tool *tool;
	double interval; /* seconds */
	uint64_t count;  /* 0: until Ctrl-C */
	bool terminal;
	struct map_numbers numbers;
	struct samples looks[2]; /* the last and the one before, in turns */
	uint64_t nr;             /* looks so far */
};

static void watch_release(struct watch *w)
{
	map_numbers_release(&w->numbers);
	samples_release(&w->looks[0]);
	samples_release(&w->looks[1]);
}

/* --- words ---------------------------------------------------------------------- */

static int set_interval(struct args *a, void *ctx, struct err *err)
{
	struct watch *w = ctx;
	const char *word;
	char *end;
	int r = args_value(a, "interval", "SECONDS", &word, err);

	if (r < 0)
		return r;
	w->interval = strtod(word, &end);
	if (end == word || *end || !(w->interval >= 0.1 && w->interval <= 86400))
		return err_say(err, -EINVAL,
			       "interval '%s': not a number of seconds from 0.1 to 86400",
			       word);
	return 0;
}

static int set_count(struct args *a, void *ctx, struct err *err)
{
	struct watch *w = ctx;

	return args_number(a, "count", 1, UINT64_MAX, &w->count, err);
}

static const struct keyword words[] = {
	{.name = "interval", .set = set_interval, .value = "SECONDS"},
	{.name = "count", .set = set_count, .value = "N"},
	{.name = NULL},
};

/* --- looking --------------------------------------------------------------------- */

static double map_watch_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int map_watch_keep(const struct map_numbers *n, const void *key, const void *value,
			  void *ctx)
{
	(void)n;
	samples_add(ctx, key, value);
	return 0;
}

static int take_look(struct watch *w, struct samples *to, struct err *err)
{
	int r;

	samples_clear(to);
	to->key_size = w->numbers.info.key_size;
	to->value_size = w->numbers.fields.size;
	to->most = ROWS_MAX;
	to->time = map_watch_now();
	r = map_numbers_each(&w->numbers, map_watch_keep, to);
	if (r < 0)
		return err_set(err, r, "read map %u", w->numbers.info.id);
	samples_sort(to);
	return 0;
}

static void show_screen(const struct watch_look *look, struct strbuf *out)
{
	struct winsize size = {.ws_row = 0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		size = (struct winsize){.ws_row = LINES_USUAL, .ws_col = COLUMNS_USUAL};
	sb_add(out, "\033[H\033[J");
	watch_view_screen(look, size.ws_row, size.ws_col, out);
}

static void show_json(const struct watch *w, const struct watch_look *look,
		      struct strbuf *out)
{
	auto_json *root = watch_view_json(look);

	sb_add_char(out, w->nr ? ',' : '[');
	json_out(out, root, w->tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
}

static void map_watch_show(const struct watch *w, const struct samples *at,
			   const struct samples *before)
{
	const char *type = mapdef_type_name(w->numbers.info.type);
	auto_strbuf text = STRBUF_INIT;
	time_t wall = time(NULL);
	char clock[16] = "";
	struct watch_look look = {
		.id = w->numbers.info.id,
		.name = w->numbers.name,
		.type = type ? type : "unknown",
		.clock = clock,
		.max_entries = w->numbers.info.max_entries,
		.fields = &w->numbers.fields,
		.keys = w->numbers.keys,
		.now = at,
		.before = before,
	};
	struct tm tm;

	if (localtime_r(&wall, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (w->tool->json)
		show_json(w, &look, &text);
	else if (w->terminal)
		show_screen(&look, &text);
	else
		watch_view_lines(&look, &text);
	map_answer_text(w->tool, &text);
	fflush(w->tool->out);
}

static int map_watch_follow(struct watch *w, struct err *err)
{
	auto_stop_fd stop = STOP_FD_INIT;
	double next = map_watch_now();
	int r = stop_fd_init(&stop);

	if (r < 0)
		return err_set(err, r, "wait for signals");
	for (;;) {
		struct samples *at = &w->looks[w->nr % 2];
		double left;

		r = take_look(w, at, err);
		if (r < 0)
			break;
		map_watch_show(w, at, w->nr ? &w->looks[(w->nr + 1) % 2] : NULL);
		w->nr++;
		if (w->nr == w->count || ferror(w->tool->out))
			break;
		/* On the beat, unless a look takes longer than that. */
		next += w->interval;
		left = next - map_watch_now();
		if (left < 0) {
			next -= left;
			left = 0;
		}
		if (stop_fd_wait(&stop, -1, (int)(left * 1000)))
			break;
	}
	if (w->tool->json && w->nr)
		fputs("]\n", w->tool->out);
	if (r == 0 || w->nr == 0)
		return r;
	/* What was shown is a whole answer; an error in JSON would be a second one. */
	log_warn("%s", err->text);
	return STATUS_CUT;
}

static int map_watch_check(const struct watch *w, struct err *err)
{
	const struct map_numbers *n = &w->numbers;

	if (n->fields.nr == 0) {
		err->code = -EOPNOTSUPP;
		return err_context(err, "map %u cannot be watched", n->info.id);
	}
	if (n->cpus > 1)
		return err_say(
			err, -EOPNOTSUPP,
			"map %u cannot be watched: the values of its CPUs are not integers that can be added up",
			n->info.id);
	return 0;
}

int verb_map_watch(struct args *a, void *ctx, struct err *err)
{
	const struct tool *tool = ctx;
	auto_release(watch_release) struct watch w = {
		.tool = tool,
		.interval = 1,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.numbers = {.fd = -1},
	};
	auto_close int fd = -1;
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r == 0)
		r = keyword_parse(words, a, &w, err);
	if (r == 0)
		r = map_words_end(a, err);
	ref.reading = true;
	if (r == 0)
		r = fd = map_ref_open(&ref, err);
	if (r >= 0)
		r = map_numbers_init(&w.numbers, fd, err);
	if (r < 0)
		return r;
	r = map_watch_check(&w, err);
	return r < 0 ? r : map_watch_follow(&w, err);
}
