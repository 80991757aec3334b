/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sections "maps" and "maps/NAME" of an object -> definitions, by section and offset,
 * each with the symbol it is known by. Finds where each one begins and ends; what its
 * bytes mean is legacy_layout's.
 */
#ifndef LEGACY_LEGACY_MAPS_H
#define LEGACY_LEGACY_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/elf_view.h"
#include "legacy/legacy_refs.h"
#include "legacy/object_def.h"

struct btf;

struct legacy_map {
	uint32_t section;
	uint32_t symbol; /* index in the symbol table; 0: it was stripped */
	uint64_t offset, size;
	int64_t inner_index; /* inner_map_idx: counts the section's definitions; -1: none
			      */
};

struct legacy_maps {
	struct legacy_map *places; /* places[i] is where defs[i] stands */
	struct mapdef *defs; /* names checked, no two alike; inner not resolved yet */
	size_t nr;
};

/* "maps" and "maps/NAME" that hold no code. */
bool legacy_maps_is_section(const struct elf_section *section);

/*
 * sections[i]: is section i one of ours? refs lead to definitions whose symbols were
 * stripped. btf may be NULL. ret needs legacy_maps_release() on success.
 */
int legacy_maps_read(struct legacy_maps *ret, const struct elf_view *view,
		     const bool *sections, const struct legacy_refs *refs,
		     const struct btf *btf, const struct object_def_opts *opts,
		     struct err *err) must_check;
void legacy_maps_release(struct legacy_maps *maps);

/* Index of the definition that begins at this byte, -ENOENT if none does. */
int legacy_maps_at(const struct legacy_maps *maps, uint32_t section, uint64_t offset);

#endif
