/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/suggest.h"
#include "kernel/stop_fd.h"
#include "verbs/live_screen.h"
#include "verbs/map_numbers.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"
#include "view/watch_view.h"

enum {
	ROWS_MAX = 10000, /* shown at most */
	STATUS_CUT = 255, /* of an answer that ends early */
	INDEX_BYTES = 16, /* a row takes at most, beside its key and value */
};

/* Two looks are kept in memory; each has room for as many rows. */
static const uint64_t look_bytes = UINT64_C(256) << 20;

struct watch {
	const struct tool *tool;
	double interval; /* seconds */
	uint64_t count;  /* 0: until Ctrl-C */
	uint64_t top;    /* elements shown; 0: as many as there is room for */
	const char *by;  /* NULL: the first field, then the next */
	size_t by_field;
	bool terminal, sorted;
	struct live_screen screen;
	struct map_numbers numbers;
	struct samples looks[2]; /* the last and the one before, in turns */
	uint64_t nr;             /* whole looks before this one */
	char clock[16];          /* of the last one */
};

static void watch_release(struct watch *w)
{
	live_screen_release(&w->screen);
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

static int set_top(struct args *a, void *ctx, struct err *err)
{
	struct watch *w = ctx;

	return args_number(a, "top", 1, ROWS_MAX, &w->top, err);
}

static const struct keyword words[] = {
	{.name = "interval", .set = set_interval, .value = "SECONDS"},
	{.name = "count", .set = set_count, .value = "N"},
	{.name = "top", .set = set_top, .value = "N"},
	{.name = "by", .value = "FIELD", KEYWORD_TEXT(struct watch, by)},
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
	uint64_t rows;
	int r;

	samples_clear(to);
	to->key_size = w->numbers.info.key_size;
	to->value_size = w->numbers.fields.size;
	rows = look_bytes / (to->key_size + to->value_size + INDEX_BYTES);
	to->most = w->sorted ? rows : ROWS_MAX;
	to->time = map_watch_now();
	r = map_numbers_each(&w->numbers, map_watch_keep, to);
	if (r < 0)
		return err_set(err, r, "read map %u", w->numbers.info.id);
	samples_index(to);
	return 0;
}

static void show_screen(const struct watch *w, const struct watch_look *look,
			struct strbuf *out)
{
	unsigned int lines, columns;

	live_screen_size(w->tool->out, &lines, &columns);
	if (w->screen.events >= 0)
		sb_add(out, "\033[H\033[J");
	watch_view_screen(look, lines, columns, out);
}

static void show_json(const struct watch *w, const struct watch_look *look,
		      struct strbuf *out)
{
	auto_json *root = watch_view_json(look);

	sb_add_char(out, w->nr ? ',' : '[');
	json_out(out, root, w->tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
}

static size_t map_watch_rows(const struct watch *w)
{
	unsigned int lines, columns;

	if (w->top)
		return w->top;
	if (!w->terminal)
		return ROWS_MAX;
	live_screen_size(w->tool->out, &lines, &columns);
	return lines < ROWS_MAX ? lines : ROWS_MAX;
}

/* The last look, beside the one before it. */
static void map_watch_show(const struct watch *w)
{
	const char *type = mapdef_type_name(w->numbers.info.type);
	const struct samples *at = &w->looks[w->nr % 2];
	const struct samples *before = w->nr ? &w->looks[(w->nr + 1) % 2] : NULL;
	const struct sample_order order = {.fields = &w->numbers.fields,
					   .by = w->by_field};
	auto_sample_top top = {.nr = 0};
	auto_strbuf text = STRBUF_INIT;
	struct watch_look look = {
		.id = w->numbers.info.id,
		.name = w->numbers.name,
		.type = type ? type : "unknown",
		.clock = w->clock,
		.max_entries = w->numbers.info.max_entries,
		.fields = &w->numbers.fields,
		.keys = w->numbers.keys,
		.now = at,
		.before = before,
		.q_quits = w->screen.keys >= 0,
	};

	if (w->sorted) {
		sample_top_init(&top, at, before, &order, map_watch_rows(w));
		look.top = &top;
		look.by = w->by ? w->by : watch_view_first(&w->numbers.fields);
	}
	if (w->tool->json)
		show_json(w, &look, &text);
	else if (w->terminal)
		show_screen(w, &look, &text);
	else
		watch_view_lines(&look, &text);
	map_answer_text(w->tool, &text);
	fflush(w->tool->out);
}

static int map_watch_look(struct watch *w, struct err *err)
{
	int r = take_look(w, &w->looks[w->nr % 2], err);
	time_t wall = time(NULL);
	struct tm tm;

	if (r < 0)
		return r;
	if (localtime_r(&wall, &tm))
		strftime(w->clock, sizeof(w->clock), "%H:%M:%S", &tm);
	map_watch_show(w);
	return 0;
}

/* Until then; the window may change meanwhile. True: stop now. */
static bool map_watch_wait(struct watch *w, struct stop_fd *stop, double until)
{
	for (;;) {
		double left = until - map_watch_now();

		if (stop_fd_wait(stop, w->screen.events,
				 left > 0 ? (int)(left * 1000) + 1 : 0))
			return true;
		if (w->screen.events >= 0)
			switch (live_screen_next(&w->screen)) {
			case LIVE_QUIT:
				return true;
			case LIVE_REDRAW:
				map_watch_show(w);
				break;
			case LIVE_NOTHING:
				break;
			}
		if (left <= 0)
			return false;
	}
}

static int map_watch_looks(struct watch *w, struct stop_fd *stop, struct err *err)
{
	double next = map_watch_now(), now;
	int r;

	for (;; w->nr++) {
		r = map_watch_look(w, err);
		if (r < 0 || w->nr + 1 == w->count || ferror(w->tool->out))
			return r;
		/* On the beat, unless a look takes longer than that. */
		next += w->interval;
		now = map_watch_now();
		if (next < now)
			next = now;
		if (map_watch_wait(w, stop, next))
			return 0;
	}
}

static int map_watch_follow(struct watch *w, struct err *err)
{
	auto_stop_fd stop = STOP_FD_INIT;
	int r = stop_fd_init(&stop);

	if (r < 0)
		return err_set(err, r, "wait for signals");
	if (w->terminal)
		r = live_screen_open(&w->screen, w->tool->out, !w->tool->batches);
	if (r < 0)
		return err_set(err, r, "take over the terminal");
	r = map_watch_looks(w, &stop, err);
	if (w->terminal) {
		/* What was there comes back, and below it what was seen last. */
		live_screen_release(&w->screen);
		if (w->looks[w->nr % 2].nr && r == 0)
			map_watch_show(w);
	}
	if (w->tool->json && (w->nr || r == 0))
		fputs("]\n", w->tool->out);
	if (r == 0 || w->nr == 0)
		return r;
	/* What was shown is a whole answer; an error in JSON would be a second one. */
	log_warn("%s", err->text);
	return STATUS_CUT;
}

static int map_watch_field(struct watch *w, struct err *err)
{
	const struct value_fields *fields = &w->numbers.fields;
	struct suggest near = {.word = w->by};
	auto_strbuf hint = STRBUF_INIT, all = STRBUF_INIT;

	w->by_field = SIZE_MAX;
	if (!w->by)
		return 0;
	for (size_t i = 0; i < fields->nr; i++) {
		if (!watch_view_shown(&fields->items[i]))
			continue;
		if (strcmp(fields->items[i].name, w->by) == 0) {
			w->by_field = i;
			return 0;
		}
		suggest_offer(&near, fields->items[i].name);
		sb_add_sep(&all, ", ", fields->items[i].name);
	}
	suggest_hint(&near, &hint);
	if (!hint.len && all.len)
		sb_addf(&hint, ", which have %s", sb_text(&all));
	return err_say(err, -EINVAL, "no number '%s' in the values of map %u%s", w->by,
		       w->numbers.info.id, sb_text(&hint));
}

/* Keys may come from a network: who chooses them must not choose what they cost. */
static int map_watch_seed(struct watch *w, struct err *err)
{
	uint64_t seed[2];

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return err_set(err, -errno, "random numbers");
	for (size_t i = 0; i < array_size(w->looks); i++)
		memcpy(w->looks[i].seed, seed, sizeof(seed));
	return 0;
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
		.terminal = !tool->json && live_screen_possible(tool->out),
		.screen = LIVE_SCREEN_INIT,
		.numbers = {.fd = -1},
	};
	bool readable = tool_option_behind(a, "--readable") || tool->readable;
	auto_close int fd = -1;
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r == 0)
		r = keyword_parse(words, a, &w, err);
	if (r == 0)
		r = map_words_end(a, words, err);
	ref.reading = true;
	if (r == 0)
		r = fd = map_ref_open(&ref, err);
	if (r >= 0)
		r = map_numbers_init(&w.numbers, fd, readable || w.terminal, err);
	if (r < 0)
		return r;
	w.sorted = w.terminal || w.top || w.by || tool->json;
	r = map_watch_check(&w, err);
	if (r == 0)
		r = map_watch_field(&w, err);
	if (r == 0)
		r = map_watch_seed(&w, err);
	return r < 0 ? r : map_watch_follow(&w, err);
}
