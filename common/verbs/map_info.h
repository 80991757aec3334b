/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel says of a map in the words of the views.
 */
#ifndef VERBS_MAP_INFO_H
#define VERBS_MAP_INFO_H

#include "view/map_rows.h"
#include "view/map_view.h"

struct bpf_map_info;

/* The caller's to free. */
char *map_info_name(const struct bpf_map_info *info);

/* name must live as long as the result. What is not in info is left empty. */
struct map_row map_info_row(const struct bpf_map_info *info, const char *name);

struct map_shape map_info_shape(const struct bpf_map_info *info);

#endif
