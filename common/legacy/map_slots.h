/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps and programs that stand in slots of other maps: which map is an outer map's
 * template, and what has to be inserted where once everything exists.
 */
#ifndef LEGACY_MAP_SLOTS_H
#define LEGACY_MAP_SLOTS_H

#include "elf/elf_view.h"
#include "legacy/legacy_maps.h"
#include "legacy/object_def.h"

struct btf;

/*
 * Fills defs[].inner: bpf_elf_map.inner_id is the id of the first map that has it,
 * inner_map_idx counts the definitions of its section by offset. An inner_id that no map
 * of the object has leaves -1: the outer map may exist already.
 */
int map_slots_find_inner(struct legacy_maps *maps, struct err *err) must_check;

/*
 * Adds to ret->slots what inner_idx of ret->maps says: a map with an id, without an
 * inner_id and with an inner_idx that is not -1 goes into every outer map that has its id
 * as inner_id.
 */
int map_slots_by_index(struct object_def *ret, struct err *err) must_check;

/*
 * Adds to ret->slots and ret->prog_slots what relocations of .maps say: the pointers in
 * `values` of BTF-defined outer maps and prog arrays. maps: to name legacy maps that are
 * meant.
 */
int map_slots_by_relocs(struct object_def *ret, const struct elf_view *view,
			const struct btf *btf, const struct legacy_maps *maps,
			struct err *err) must_check;

#endif
