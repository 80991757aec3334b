/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the map verbs share: how a map of the kernel becomes a row, and how
 * answers are written. The verbs themselves are found through map_verbs (tool.h).
 */
#ifndef VERBS_VERB_MAP_H
#define VERBS_VERB_MAP_H

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

/* -EINVAL "what is 'x'?" when words are left. */
int map_words_end(const struct args *a, struct err *err) must_check;

/*
 * Elements, typed where the map has BTF. Rows leave as they are read: memory does not grow
 * with the map. -errno and no output when even the first part could not be read; a map
 * that fails later is closed, so that JSON stays one document, which is said as a warning,
 * and the result is 255. So it is, quietly, when nobody reads the pipe any more.
 */
int verb_map_dump(struct args *a, void *tool, struct err *err) must_check;
/* The other verbs: they parse what is left of the line, act and answer. */
int verb_map_lookup(struct args *a, void *tool, struct err *err) must_check;
int verb_map_update(struct args *a, void *tool, struct err *err) must_check;
int verb_map_getnext(struct args *a, void *tool, struct err *err) must_check;
int verb_map_delete(struct args *a, void *tool, struct err *err) must_check;
int verb_map_pop(struct args *a, void *tool, struct err *err) must_check;
int verb_map_freeze(struct args *a, void *tool, struct err *err) must_check;
int verb_map_create(struct args *a, void *tool, struct err *err) must_check;
int verb_map_pin(struct args *a, void *tool, struct err *err) must_check;
int verb_map_events(struct args *a, void *tool, struct err *err) must_check;
int verb_map_load(struct args *a, void *tool, struct err *err) must_check;
int verb_map_export(struct args *a, void *tool, struct err *err) must_check;
int verb_map_watch(struct args *a, void *tool, struct err *err) must_check;

/* One element as a lookup answers it; value NULL: there is none. sum: --sum was said. */
struct map_element {
	const struct bpf_map_info *info;
	const void *key, *value;
	bool sum;
};
int verb_map_element(const struct tool *tool, const struct map_element *element,
		     struct err *err) must_check;

#endif
