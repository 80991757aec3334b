/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An object with legacy maps -> the image that libbpf >= 1.0 opens: one section .maps
 * with a slot for each definition, symbols and relocations that lead there, the given
 * BTF. Code is untouched but for the addends of references to static maps. The old
 * sections keep their bytes under a name that means nothing to any loader.
 */
#ifndef LEGACY_ELF_REWRITE_H
#define LEGACY_ELF_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/elf_functions.h"
#include "elf/elf_view.h"
#include "legacy/legacy_maps.h"
#include "legacy/legacy_refs.h"

/* What legacy sections, and their DATASECs in BTF, are called afterwards. */
#define ELF_REWRITE_HIDDEN ".legacy_maps"

struct elf_rewrite {
	const struct elf_view *view;
	const bool *sections; /* by index: holds legacy definitions */
	const struct legacy_maps *maps;
	const struct legacy_refs *refs; /* all of them lead to one of maps */
	const struct elf_functions *functions;
	/*
	 * Slots stand in front of what .maps held, which moves by this much: libbpf makes
	 * maps in this order and fills a BTF-defined outer map at once, maybe with a
	 * legacy one.
	 */
	uint32_t shift;
	const void *btf; /* NULL: .BTF stays as it is */
	size_t btf_size;
};

/* Does it have sections that libbpf would skip with a remark? elf_rewrite() hides them. */
bool elf_rewrite_silences(const struct elf_view *view);

/* The image is the caller's to free(). -EINVAL: no symbol table. */
int elf_rewrite(void **ret, size_t *ret_size, const struct elf_rewrite *in,
		struct err *err) must_check;

#endif
