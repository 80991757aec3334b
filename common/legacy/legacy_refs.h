/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The relocations of an object that lead into its legacy map sections: which byte of
 * which section is meant, and where in the file that is written. Compilers name a global
 * map by its symbol, which alone says where it is; a static one by the section's symbol and
 * an addend kept in place, which libbpf ignores, so whoever moves maps must rewrite both.
 */
#ifndef LEGACY_LEGACY_REFS_H
#define LEGACY_LEGACY_REFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/elf_view.h"

struct legacy_ref {
	uint32_t section;     /* legacy section that is meant */
	uint64_t offset;      /* byte in it; compared with no size yet */
	uint64_t entry;       /* file offset of the Elf64_Rel */
	uint64_t addend;      /* file offset of the addend */
	uint32_t addend_size; /* 4: imm of an instruction, 8: pointer in .maps */
	uint32_t from;        /* section with the instruction or pointer */
	uint64_t at;          /* offset in it */
};

/* All of one object. */
struct legacy_refs {
	struct legacy_ref *refs;
	size_t nr;
};

/*
 * sections[i]: is section i a legacy one? Relocations of code and of .maps count; those
 * of BTF, DWARF and data are none of libbpf's business. -EINVAL: the instruction is no
 * ld_imm64, or a definition itself holds a pointer. ret needs legacy_refs_release() on
 * success.
 */
int legacy_refs_read(struct legacy_refs *ret, const struct elf_view *view,
		     const bool *sections, struct err *err) must_check;
void legacy_refs_release(struct legacy_refs *refs);

#endif
