/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "view/smartcols.h"
#include "view/table.h"

static const struct table_column columns[] = {
	{"NAME", false},
	{"ID", true},
	{"A LOAD WOULD", false},
};

static void add_table(struct strbuf *out, unsigned int width)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = array_size(columns)};

	table_add(&t, "a_name_that_is_far_longer_than_a_narrow_terminal_has_room_for");
	table_add(&t, "4294967295");
	table_add(&t, "reuse id 4294967295 at /sys/fs/bpf/tc/globals/some_name_of_a_map");
	table_out(&t, out, width);
}

/* What is left of a text without its blanks and newlines. */
static size_t letters_of(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += *text != ' ' && *text != '\n';
	return nr;
}

static void without_a_width_nothing_is_wrapped(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	size_t lines = 0;

	(void)state;
	add_table(&out, 0);
	for (const char *c = sb_text(&out); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2);
}

/* A long name does not push the rest out of the terminal, and no number is broken. */
static void every_column_of_text_wraps(void **state)
{
	auto_strbuf out = STRBUF_INIT, whole = STRBUF_INIT;
	const char *line;

	(void)state;
	add_table(&out, 60);
	line = sb_text(&out);
	assert_non_null(strstr(line, "4294967295"));
	add_table(&whole, 0);
	assert_int_equal(letters_of(line), letters_of(sb_text(&whole)));
	while (*line) {
		size_t n = strcspn(line, "\n");

		assert_in_range(n, 1, 60);
		line += n + (line[n] == '\n');
	}
}

/* Up to 40 bytes that may stand in a cell, blanks and none at all among them. */
static void random_cell(char *cell)
{
	size_t n = rand() % 4 ? (size_t)rand() % 12 : (size_t)rand() % 40;

	for (size_t i = 0; i < n; i++)
		cell[i] = (char)(rand() % 3 ? 'a' + rand() % 26 : ' ' + rand() % 95);
	cell[n] = '\0';
}

/* The same cells by libsmartcols alone, to a pipe. */
static void add_drawn(struct strbuf *out, const struct table *t)
{
	const struct smartcols *draw = smartcols();
	struct libscols_table *table = draw->new_table();
	struct libscols_line *line = NULL;
	char *text = NULL;

	draw->table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < t->nr_columns; i++)
		draw->table_new_column(table, t->columns[i].title, 0,
				       t->columns[i].right ? SCOLS_FL_RIGHT
							   : SCOLS_FL_WRAP);
	for (size_t i = 0; i < t->nr_cells; i++) {
		if (i % t->nr_columns == 0)
			line = draw->table_new_line(table, NULL);
		draw->line_set_data(line, i % t->nr_columns, t->cells[i]);
	}
	assert_int_equal(draw->print_table_to_string(table, &text), 0);
	table_add_trimmed(out, text);
	free(text);
	draw->unref_table(table);
}

static void plain_cells_come_out_as_libsmartcols_draws_them(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 300; round++) {
		auto_release(table_release) struct table t = {
			.columns = columns, .nr_columns = array_size(columns)};
		auto_strbuf ours = STRBUF_INIT, drawn = STRBUF_INIT;
		size_t rows = 1 + (size_t)rand() % 5;

		for (size_t i = 0; i < rows * t.nr_columns; i++) {
			char cell[41];

			random_cell(cell);
			table_add(&t, cell);
		}
		table_out(&t, &ours, 0);
		add_drawn(&drawn, &t);
		assert_string_equal(sb_text(&ours), sb_text(&drawn));
	}
}

static void a_cell_that_is_not_plain_is_escaped(void **state)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = array_size(columns)};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	table_add(&t, "a\033[31mb");
	table_add(&t, "1");
	table_add(&t, "\tx");
	table_out(&t, &out, 0);
	assert_null(strchr(sb_text(&out), '\033'));
	assert_null(strchr(sb_text(&out), '\t'));
	assert_non_null(strstr(sb_text(&out), "a\\x1b[31mb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_width_nothing_is_wrapped),
		cmocka_unit_test(every_column_of_text_wraps),
		cmocka_unit_test(plain_cells_come_out_as_libsmartcols_draws_them),
		cmocka_unit_test(a_cell_that_is_not_plain_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
