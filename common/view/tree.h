/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rows of share show as a tree for people, through libsmartcols. Control bytes in
 * cells come out as \xNN. Pure.
 */
#ifndef VIEW_TREE_H
#define VIEW_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

struct tree;
struct tree_row;

/* One row; NULL and 0 leave a cell empty. Copied. */
struct tree_cells {
	const char *what; /* stands in the tree */
	uint32_t id;
	const char *name, *type, *where;
	const char *color; /* an escape sequence, static; NULL: none */
};

/* width 0: nothing is cut or wrapped; unicode needs a UTF-8 LC_CTYPE. */
struct tree *tree_new(unsigned int width, bool color, bool unicode);
void tree_free(struct tree **t);
#define auto_tree auto_release(tree_free) struct tree

/* Below parent, behind its other rows; NULL: a root. The row is the tree's. */
struct tree_row *tree_add(struct tree *t, struct tree_row *parent,
			  const struct tree_cells *cells);

/* A heading and the rows; nothing when there are none. */
void tree_out(struct tree *t, struct strbuf *out);

#endif
