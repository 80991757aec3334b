/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the map verbs share: how a map of the kernel becomes a row, and how
 * answers are written.
 */
#ifndef VERBS_MAP_ANSWER_H
#define VERBS_MAP_ANSWER_H

#include "verbs/tool.h"
#include "view/map_rows.h"
#include "view/map_view.h"

struct bpf_map_info;
struct json_object;

/* The kernel's name; the caller frees. */
char *map_name_of(const struct bpf_map_info *info);
/* What info knows of a row; name is borrowed for as long as the row lives. */
struct map_row map_row_of(const struct bpf_map_info *info, const char *name);
struct map_shape map_shape_of(const struct bpf_map_info *info);

/* An answer is whole before it is written: an error never leaves half a document. */
void map_answer_text(const struct tool *tool, const struct strbuf *text);
void map_answer_json(const struct tool *tool, struct json_object *root);
/* Nothing to say but that it was done: null in JSON. */
void map_answer_done(const struct tool *tool);

/* How values are written: text, JSON, or JSON with line breaks. */
enum btf_form map_form(const struct tool *tool);

/*
 * -EINVAL when words are left, and what of rows may follow; NULL: nothing may, in the words of
 * bpftool.
 */
int map_words_end(const struct args *a, const struct keyword *rows,
		  struct err *err) must_check;

/* Words behind the last one of verb, where bpftool reads no further: a remark names them. */
void map_words_ignored(const struct args *a, const char *verb);

#endif
