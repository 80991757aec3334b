/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a file of apply says before anybody asks what it means: texts, lists and mappings,
 * each with its place. Only apply's readers know it.
 */
#ifndef LOAD_APPLY_NODE_H
#define LOAD_APPLY_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "load/apply_conf.h"

enum apply_node_kind { APPLY_NODE_TEXT, APPLY_NODE_LIST, APPLY_NODE_MAPPING };

struct apply_node {
	enum apply_node_kind kind;
	struct apply_at at;
	struct apply_word key; /* in a mapping: no two are alike */
	char *text;            /* APPLY_NODE_TEXT; owned; no control bytes */
	bool quoted;
	struct apply_node *items; /* of a list or a mapping; owned */
	size_t nr;
};

#define auto_apply_node auto_release(apply_node_release) struct apply_node
void apply_node_release(struct apply_node *node);

/* The value of key in a mapping; NULL: it has none. */
const struct apply_node *apply_node_find(const struct apply_node *mapping,
					 const char *key);

/* "a text", "a list", "a mapping". */
const char *apply_node_kind_text(enum apply_node_kind kind);

/* "FILE:LINE:COLUMN: TEXT"; returns -EINVAL. */
int apply_node_refuse(struct err *err, const char *file, struct apply_at at,
		      const char *fmt, ...) printf_like(4, 5);

/*
 * One YAML document (JSON is one, too) as a tree. file is what messages call it. Anchors,
 * aliases, tags, keys that stand twice and a second document are errors.
 */
int apply_yaml_parse(struct apply_node *ret, const char *file, const char *text,
		     size_t size, struct err *err) must_check;

/*
 * JSON has two escapes that not every YAML reader takes: a slash, and the halves of a
 * character beyond U+FFFF. They are rewritten where they stand, if text begins as JSON does;
 * the bytes saved become blanks behind the string, so that lines and columns stay what they
 * were. Returns the new size, at most the old one.
 */
size_t apply_json_escapes(char *text, size_t size);

#endif
