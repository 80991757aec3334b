/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "view/smartcols.h"
#include "view/table.h"

static void take_cell(struct table *t, char *text)
{
	array_grow(t->cells, t->nr_cells);
	t->cells[t->nr_cells++] = text;
}

void table_add(struct table *t, const char *text)
{
	take_cell(t, xstrdup(text ? text : "-"));
}

void table_addf(struct table *t, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	take_cell(t, n < 0 ? xstrdup("") : text);
}

static void unref_table(struct libscols_table **table)
{
	smartcols()->unref_table(*table);
}

/* 0, or what libsmartcols says. */
static int table_fill(struct libscols_table *table, const struct table *t)
{
	struct libscols_line *line = NULL;
	int r = 0;

	for (size_t i = 0; i < t->nr_columns; i++) {
		/* Text goes on in the next line where the terminal is narrow, numbers do not. */
		int flags = t->columns[i].right ? SCOLS_FL_RIGHT : SCOLS_FL_WRAP;

		if (!smartcols()->table_new_column(table, t->columns[i].title, 0, flags))
			return -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < t->nr_cells; i++) {
		if (i % t->nr_columns == 0)
			line = smartcols()->table_new_line(table, NULL);
		r = line ? smartcols()->line_set_data(line, i % t->nr_columns,
						      t->cells[i])
			 : -ENOMEM;
	}
	return r;
}

void table_add_trimmed(struct strbuf *out, const char *text)
{
	while (*text) {
		const char *newline = strchrnul(text, '\n');
		size_t n = (size_t)(newline - text);

		while (n > 0 && text[n - 1] == ' ')
			n--;
		sb_add_mem(out, text, n);
		sb_add_char(out, '\n');
		text = *newline ? newline + 1 : newline;
	}
}

void table_ready(void)
{
	(void)smartcols();
}

/* Whole rows of nothing that needs a locale, an escape (of \x, too) or a second line. */
static bool table_is_ascii(const struct table *t)
{
	if (t->nr_cells % t->nr_columns != 0)
		return false;
	for (size_t i = 0; i < t->nr_cells; i++)
		for (const char *c = t->cells[i]; *c; c++)
			if (*c < ' ' || *c > '~' || *c == '\\')
				return false;
	return true;
}

static void add_blanks(struct strbuf *out, size_t n)
{
	static const char blanks[] = "                                ";
	enum { MOST = sizeof(blanks) - 1 };

	for (; n > MOST; n -= MOST)
		sb_add_mem(out, blanks, MOST);
	sb_add_mem(out, blanks, n);
}

/* A row of cells without the blanks at its end. */
static void add_row(struct strbuf *out, const struct table *t, const size_t *widths,
		    const char *(*cell)(const struct table *t, size_t i), size_t first)
{
	const size_t begin = out->len;

	for (size_t i = 0; i < t->nr_columns; i++) {
		const char *text = cell(t, first + i);
		size_t n = strlen(text), pad = widths[i] - n;

		if (i)
			sb_add_char(out, ' ');
		if (t->columns[i].right)
			add_blanks(out, pad);
		sb_add_mem(out, text, n);
		if (!t->columns[i].right && i + 1 < t->nr_columns)
			add_blanks(out, pad);
	}
	while (out->len > begin && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
	sb_add_char(out, '\n');
}

static const char *table_title(const struct table *t, size_t i)
{
	return t->columns[i].title;
}

static const char *table_cell(const struct table *t, size_t i)
{
	return t->cells[i];
}

/* As libsmartcols draws it where nothing is wrapped, which takes it ten times as long. */
static void table_add_ascii(const struct table *t, struct strbuf *out)
{
	auto_free size_t *widths = xcalloc(t->nr_columns, sizeof(*widths));

	for (size_t i = 0; i < t->nr_columns; i++)
		widths[i] = strlen(t->columns[i].title);
	for (size_t i = 0; i < t->nr_cells; i++) {
		size_t n = strlen(t->cells[i]), column = i % t->nr_columns;

		if (n > widths[column])
			widths[column] = n;
	}
	add_row(out, t, widths, table_title, 0);
	for (size_t i = 0; i < t->nr_cells; i += t->nr_columns)
		add_row(out, t, widths, table_cell, i);
}

static void table_draw(const struct table *t, struct strbuf *out, unsigned int width)
{
	auto_release(unref_table) struct libscols_table *table = smartcols()->new_table();
	auto_free char *text = NULL;

	if (!table)
		alloc_give_up();
	smartcols()->table_set_termforce(table, width ? SCOLS_TERMFORCE_ALWAYS
						      : SCOLS_TERMFORCE_NEVER);
	if (width)
		smartcols()->table_set_termwidth(table, width);
	/* Only memory can fail here, and without it there is nothing to say
	 * (base/alloc.h). */
	if (table_fill(table, t) < 0 ||
	    smartcols()->print_table_to_string(table, &text) < 0)
		alloc_give_up();
	if (text)
		table_add_trimmed(out, text);
}

void table_out(const struct table *t, struct strbuf *out, unsigned int width)
{
	if (!t->nr_cells)
		return;
	if (width == 0 && table_is_ascii(t))
		table_add_ascii(t, out);
	else
		table_draw(t, out, width);
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->nr_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->nr_cells = 0;
}
