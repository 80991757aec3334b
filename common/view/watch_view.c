/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "view/json_out.h"
#include "view/table.h"
#include "view/watch_view.h"

enum {
	SCREEN_FIELDS = SAMPLE_TOP_FIELDS, /* more do not fit on a line */
	KEY_LEAST = 16,                    /* shown of a key before a field is left out */
};

#define WATCH_UNSEEN   \
	"and %" PRIu64 \
	" elements that were not compared: comparing them takes too much memory"

static size_t shown_rows(const struct watch_look *look)
{
	return look->top ? look->top->nr : look->now->nr;
}

/* The row of the look that is shown as the nth. */
static size_t shown_row(const struct watch_look *look, size_t n)
{
	return look->top ? look->top->places[n].row : n;
}

/* Those that were compared and are not shown. */
static uint64_t rows_left(const struct watch_look *look, size_t shown)
{
	return look->now->nr - shown + (look->top ? 0 : look->now->more);
}

/* Those that were not: the first ones of the map are in their place. */
static uint64_t rows_unseen(const struct watch_look *look)
{
	return look->top ? look->now->more : 0;
}

/* What the row's element was at the look before; NULL: there is nothing to compare with. */
static const void *value_before(const struct watch_look *look, size_t row)
{
	return look->before ? samples_find(look->before, samples_key(look->now, row))
			    : NULL;
}

/* before: value_before() of that row. False: without it. */
static bool rate_of(const struct watch_look *look, size_t row, const void *before,
		    size_t field, double *ret)
{
	return before && samples_rate(&look->fields->items[field], before,
				      samples_value(look->now, row),
				      look->now->time - look->before->time, ret);
}

bool watch_view_shown(const struct value_field *field)
{
	return field->kind != LAYOUT_POINTER;
}

const char *watch_view_first(const struct value_fields *fields)
{
	for (size_t i = 0; i < fields->nr; i++)
		if (watch_view_shown(&fields->items[i]))
			return fields->items[i].name;
	return NULL;
}

void watch_view_lines(const struct watch_look *look, struct strbuf *out)
{
	for (size_t n = 0; n < shown_rows(look); n++) {
		size_t row = shown_row(look, n);
		const void *key = samples_key(look->now, row);
		const void *before = value_before(look, row);

		sb_addf(out, "%s %s", look->clock, key_text_get(look->keys, key));
		for (size_t i = 0; i < look->fields->nr; i++) {
			const struct value_field *field = &look->fields->items[i];
			double rate;

			if (!watch_view_shown(&look->fields->items[i]))
				continue;
			sb_add(out, "  ");
			sb_add(out, field->name);
			sb_add_char(out, ' ');
			value_field_print(field, samples_value(look->now, row), out);
			if (!rate_of(look, row, before, i, &rate))
				continue;
			/* Most fields of most elements stay as they are. */
			if (rate == 0 && !signbit(rate))
				sb_add(out, " (+0.0/s)");
			else
				sb_addf(out, " (%+.1f/s)", rate);
		}
		sb_add_char(out, '\n');
	}
	if (rows_left(look, shown_rows(look)))
		sb_addf(out, "%s and %" PRIu64 " elements more\n", look->clock,
			rows_left(look, shown_rows(look)));
	if (rows_unseen(look))
		sb_addf(out, "%s " WATCH_UNSEEN "\n", look->clock, rows_unseen(look));
}

/* The fields that get a column: those that are numbers, as far as a line goes. */
struct screen {
	size_t fields[SCREEN_FIELDS];
	size_t nr;
	struct table_column heads[1 + 2 * SCREEN_FIELDS];
};

static void watch_view_choose(const struct watch_look *look, struct screen *screen)
{
	screen->heads[0] = (struct table_column){"KEY", false};
	for (size_t i = 0; i < look->fields->nr && screen->nr < SCREEN_FIELDS; i++) {
		if (!watch_view_shown(&look->fields->items[i]))
			continue;
		screen->heads[1 + 2 * screen->nr] =
			(struct table_column){look->fields->items[i].name, true};
		screen->heads[2 + 2 * screen->nr] = (struct table_column){"/s", true};
		screen->fields[screen->nr++] = i;
	}
}

/* Of a longer key the beginning, never half a character, and dots. */
static void add_key(const char *key, size_t room, struct table *table)
{
	size_t n = strlen(key);

	if (n <= room) {
		table_add(table, key);
		return;
	}
	for (n = room - 3; n > 0 && ((unsigned char)key[n] & 0xc0) == 0x80;)
		n--;
	table_addf(table, "%.*s...", (int)n, key);
}

static void watch_view_add_row(const struct watch_look *look, size_t row,
			       const struct screen *screen, size_t key_room,
			       struct table *table)
{
	const void *before = value_before(look, row);

	add_key(key_text_get(look->keys, samples_key(look->now, row)), key_room, table);
	for (size_t i = 0; i < screen->nr; i++) {
		size_t field = screen->fields[i];
		auto_strbuf number = STRBUF_INIT;
		double rate;

		value_field_print(&look->fields->items[field],
				  samples_value(look->now, row), &number);
		table_add(table, sb_text(&number));
		if (rate_of(look, row, before, field, &rate))
			table_addf(table, "%+.1f", rate);
		else
			table_add(table, "");
	}
}

/* The first rows; returns how wide the widest line is. */
static size_t draw_rows(const struct watch_look *look, size_t rows,
			const struct screen *screen, size_t key_room, struct strbuf *out)
{
	auto_release(table_release) struct table table = {
		.columns = screen->heads,
		.nr_columns = 1 + 2 * screen->nr,
	};
	size_t widest = 0, length;

	for (size_t n = 0; n < rows; n++)
		watch_view_add_row(look, shown_row(look, n), screen, key_room, &table);
	sb_clear(out);
	table_out(&table, out, 0);
	for (const char *line = sb_text(out); *line;
	     line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		if (length > widest)
			widest = length;
	}
	return widest;
}

static size_t longest_key(const struct watch_look *look, size_t rows)
{
	size_t longest = 0;

	for (size_t n = 0; n < rows; n++) {
		const void *key = samples_key(look->now, shown_row(look, n));
		size_t length = strlen(key_text_get(look->keys, key));

		if (length > longest)
			longest = length;
	}
	return longest;
}

/* A line a row, whatever is in it: a line that wraps would push the titles off the screen. */
static void draw_to_fit(const struct watch_look *look, size_t rows, unsigned int columns,
			struct screen *screen, struct strbuf *out)
{
	size_t longest = longest_key(look, rows);

	for (;; screen->nr--) {
		size_t wide = draw_rows(look, rows, screen, SIZE_MAX, out);
		size_t over = wide > columns ? wide - columns : 0;
		bool fits = over == 0 || longest >= over + KEY_LEAST;

		if (!fits && screen->nr > 1)
			continue;
		if (over)
			draw_rows(look, rows, screen,
				  fits ? longest - over : (size_t)KEY_LEAST, out);
		return;
	}
}

/* Not one character more than a line has: it would take another one. */
static void screen_cut(const char *line, unsigned int columns, struct strbuf *out)
{
	size_t end = 0;

	for (unsigned int n = 0; line[end] && n < columns; n++)
		end += utf8_length((const unsigned char *)line + end) ?: 1;
	sb_addf(out, "%.*s\n", (int)end, line);
}

static void screen_title(const struct watch_look *look, unsigned int columns,
			 struct strbuf *out)
{
	auto_strbuf title = STRBUF_INIT, scratch = STRBUF_INIT;

	sb_addf(&title, "map %" PRIu32 " %s: %s, %" PRIu64 " of %" PRIu32 " elements, %s",
		look->id, utf8_visible(look->name, &scratch), look->type,
		look->now->nr + look->now->more, look->max_entries, look->clock);
	screen_cut(sb_text(&title), columns, out);
}

/* What is left out, what decides the order, and the way out. */
static void screen_foot(const struct watch_look *look, size_t rows, unsigned int columns,
			struct strbuf *out)
{
	auto_strbuf line = STRBUF_INIT;
	const char *between = "";

	if (rows_left(look, rows)) {
		sb_addf(&line, "and %" PRIu64 " elements more", rows_left(look, rows));
		between = "; ";
	}
	if (look->q_quits) {
		if (look->by)
			sb_addf(&line, "%sby %s/s", between, look->by);
		sb_addf(&line, "%sq quits", look->by ? "; " : between);
	}
	if (*sb_text(&line))
		screen_cut(sb_text(&line), columns, out);
	if (!rows_unseen(look))
		return;
	sb_clear(&line);
	sb_addf(&line, WATCH_UNSEEN, rows_unseen(look));
	screen_cut(sb_text(&line), columns, out);
}

void watch_view_screen(const struct watch_look *look, unsigned int lines,
		       unsigned int columns, struct strbuf *out)
{
	struct screen screen = {.nr = 0};
	auto_strbuf table = STRBUF_INIT;
	/* Two lines are titles, one or two the foot, one is the cursor's. */
	unsigned int frame = rows_unseen(look) ? 5 : 4;
	size_t room = lines > frame ? lines - frame : 1;
	size_t rows = shown_rows(look) < room ? shown_rows(look) : room;

	watch_view_choose(look, &screen);
	screen_title(look, columns, out);
	draw_to_fit(look, rows, columns, &screen, &table);
	sb_add(out, sb_text(&table));
	screen_foot(look, rows, columns, out);
}

static struct json_object *number_of(const struct value_field *field, const void *value)
{
	uint64_t bits = value_field_get(field, value);
	double number = value_field_double(field, value);

	if (field->kind != LAYOUT_FLOAT)
		return field->is_signed ? json_object_new_int64((int64_t)bits)
					: json_object_new_uint64(bits);
	/* JSON has neither infinities nor nan. */
	return isfinite(number) ? json_object_new_double(number) : NULL;
}

static struct json_object *element_json(const struct watch_look *look, size_t row)
{
	struct json_object *o = json_object_new_object();
	struct json_object *values = json_object_new_object();
	struct json_object *rates = json_object_new_object();
	const void *before = value_before(look, row);
	double rate;

	json_object_object_add(
		o, "key",
		json_out_string(key_text_get(look->keys, samples_key(look->now, row))));
	json_object_object_add(o, "values", values);
	for (size_t i = 0; i < look->fields->nr; i++) {
		const struct value_field *field = &look->fields->items[i];

		if (!watch_view_shown(&look->fields->items[i]))
			continue;
		json_object_object_add(values, field->name,
				       number_of(field, samples_value(look->now, row)));
		if (rate_of(look, row, before, i, &rate))
			json_object_object_add(
				rates, field->name,
				isfinite(rate) ? json_object_new_double(rate) : NULL);
	}
	json_object_object_add(o, "rates", rates);
	return o;
}

struct json_object *watch_view_json(const struct watch_look *look)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_out_list();

	json_object_object_add(o, "time", json_out_string(look->clock));
	json_object_object_add(o, "id", json_object_new_uint64(look->id));
	json_object_object_add(o, "name", json_out_string(look->name));
	json_object_object_add(o, "max_entries",
			       json_object_new_uint64(look->max_entries));
	if (look->by)
		json_object_object_add(o, "sorted_by", json_out_string(look->by));
	for (size_t n = 0; n < shown_rows(look); n++)
		json_out_list_add(list, element_json(look, shown_row(look, n)));
	json_object_object_add(o, "elements", list);
	if (rows_left(look, shown_rows(look)))
		json_object_object_add(
			o, "more",
			json_object_new_uint64(rows_left(look, shown_rows(look))));
	if (rows_unseen(look))
		json_object_object_add(o, "not_compared",
				       json_object_new_uint64(rows_unseen(look)));
	return o;
}
