/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The map verbs that have a file of their own; they are found through map_verbs (tool.h).
 */
#ifndef VERBS_VERB_MAP_H
#define VERBS_VERB_MAP_H

#include "verbs/map_answer.h"

struct bpf_map_info;

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
int verb_map_clear(struct args *a, void *tool, struct err *err) must_check;
int verb_map_export(struct args *a, void *tool, struct err *err) must_check;
int verb_map_watch(struct args *a, void *tool, struct err *err) must_check;
int verb_map_migrate(struct args *a, void *tool, struct err *err) must_check;

/* One element as a lookup answers it; value NULL: there is none. sum: --sum was said. */
struct map_element {
	const struct bpf_map_info *info;
	const void *key, *value;
	bool sum;
};
int verb_map_element(const struct tool *tool, const struct map_element *element,
		     struct err *err) must_check;

#endif
