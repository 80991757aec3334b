/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table for people: a heading, columns as wide as their widest cell. Control bytes in cells
 * come out as \xNN. Drawn by libsmartcols where a line may wrap or a cell is not plain ASCII.
 * Pure.
 */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct table_column {
	const char *title;
	bool right; /* numbers */
};

struct table {
	const struct table_column *columns; /* borrowed */
	size_t nr_columns;
	char **cells; /* owned, row by row */
	size_t nr_cells;
};

/* The next cell of the row that is being filled; text is copied, NULL is "-". */
void table_add(struct table *t, const char *text);
void table_addf(struct table *t, const char *fmt, ...) printf_like(2, 3);

/*
 * Appends the table, a line per row. width 0: nothing is ever cut or wrapped (a pipe, a
 * file); else the last column wraps at that many characters. No rows: nothing.
 */
void table_out(const struct table *t, struct strbuf *out, unsigned int width);

/*
 * For who changes something before there is a table to draw: where libsmartcols cannot be loaded,
 * that is said, and the process ends with status 1, now.
 */
void table_ready(void);

/* Appends text line by line, without the blanks that libsmartcols pads lines with. */
void table_add_trimmed(struct strbuf *out, const char *text);

void table_release(struct table *t);

#endif
