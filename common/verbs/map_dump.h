/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Elements of maps on the tool's output, typed where the map has BTF, in text or JSON as
 * the tool was asked. Rows leave as they are read: memory does not grow with the map.
 */
#ifndef VERBS_MAP_DUMP_H
#define VERBS_MAP_DUMP_H

#include "base/err.h"
#include "verbs/map_ref.h"

struct bpf_map_info;
struct tool;

/*
 * All elements of all maps; of several each gets a title. -errno and no output when the
 * first part of it could not be read. A map that fails later is closed so that JSON stays
 * one document, said as a warning, and the result is the exit status 255; so it is,
 * quietly, when nobody reads the other end of a pipe any more.
 */
int map_dump(const struct tool *tool, const struct map_fds *maps,
	     struct err *err) must_check;

/* One element as a lookup answers it; value NULL: there is none. 0, or as map_dump(). */
int map_dump_element(const struct tool *tool, const struct bpf_map_info *info,
		     const void *key, const void *value, struct err *err) must_check;

#endif
