/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why the kernel refused an element or a map, in terms of the map: it answers "Argument
 * list too long" for a full hash and for an index past the end.
 */
#ifndef VERBS_MAP_REFUSAL_H
#define VERBS_MAP_REFUSAL_H

#include <linux/bpf.h>

#include "base/err.h"
#include "def/mapdef.h"

/*
 * err is set to "WHAT: WHY", with the errno in words where nothing better is known;
 * returns code. what: "update failed". key may be NULL.
 */
int map_refusal(int fd, const struct bpf_map_info *info, const void *key, int code,
		const char *what, struct err *err);

/* err as above, for a map that could not be created from def. */
int map_refusal_create(const struct mapdef *def, bool inner, int code, const char *what,
		       struct err *err);

/*
 * A lookup past the end of an array finds nothing, as one of an empty slot does: says on
 * stderr if it was the former. Nothing for other keys and maps.
 */
void map_refusal_remark(const struct bpf_map_info *info, const void *key);

#endif
