/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "view/smartcols.h"
#include "view/table.h"
#include "view/tree.h"

enum column { WHAT, ID, NAME, TYPE, WHERE, COLUMNS };

struct tree {
	struct libscols_table *table;
	bool any;
};

/* What libsmartcols can fail with is memory, and then there is nothing to say
 * (base/alloc.h). */
static void tree_needs(bool there)
{
	if (!there)
		alloc_give_up();
}

struct tree *tree_new(unsigned int width, bool color, bool unicode)
{
	static const struct {
		const char *title;
		int flags;
	} columns[COLUMNS] = {
		[WHAT] = {"WHAT", SCOLS_FL_TREE},
		[ID] = {"ID", SCOLS_FL_RIGHT},
		[NAME] = {"NAME", 0},
		[TYPE] = {"TYPE", 0},
		[WHERE] = {"WHERE", SCOLS_FL_WRAP},
	};
	struct tree *t = xcalloc(1, sizeof(*t));

	t->table = smartcols()->new_table();
	tree_needs(t->table);
	for (size_t i = 0; i < COLUMNS; i++)
		tree_needs(smartcols()->table_new_column(t->table, columns[i].title, 0,
							 columns[i].flags));
	smartcols()->table_enable_colors(t->table, color);
	smartcols()->table_enable_ascii(t->table, !unicode);
	smartcols()->table_set_termforce(t->table, width ? SCOLS_TERMFORCE_ALWAYS
							 : SCOLS_TERMFORCE_NEVER);
	if (width)
		smartcols()->table_set_termwidth(t->table, width);
	return t;
}

void tree_free(struct tree **t)
{
	if (!*t)
		return;
	smartcols()->unref_table((*t)->table);
	free(*t);
}

/* Rows are libsmartcols' lines; the type only keeps its names out of our headers. */
static struct libscols_line *line_of(struct tree_row *row)
{
	return (struct libscols_line *)row;
}

static void tree_set(struct libscols_line *line, enum column column, const char *text)
{
	if (text && *text)
		tree_needs(smartcols()->line_set_data(line, column, text) == 0);
}

struct tree_row *tree_add(struct tree *t, struct tree_row *parent,
			  const struct tree_cells *cells)
{
	struct libscols_line *line =
		smartcols()->table_new_line(t->table, line_of(parent));
	char id[16];

	tree_needs(line);
	t->any = true;
	tree_set(line, WHAT, cells->what);
	snprintf(id, sizeof(id), "%u", cells->id);
	tree_set(line, ID, cells->id ? id : NULL);
	tree_set(line, NAME, cells->name);
	tree_set(line, TYPE, cells->type);
	tree_set(line, WHERE, cells->where);
	if (cells->color)
		tree_needs(smartcols()->line_set_color(line, cells->color) == 0);
	return (struct tree_row *)line;
}

void tree_out(struct tree *t, struct strbuf *out)
{
	char *text = NULL;

	if (!t->any)
		return;
	tree_needs(smartcols()->print_table_to_string(t->table, &text) == 0 && text);
	table_add_trimmed(out, text);
	free(text);
}
