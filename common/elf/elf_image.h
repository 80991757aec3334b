/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A changed copy of an object file. The old bytes stay where they are; what grows is written
 * anew after them, and a new table of section headers comes last:
 *
 *	old bytes, patched in place | pieces, each at a multiple of 8 | section headers
 *
 * clang shares one string table between symbols and sections and lets names share tails, so
 * names are only ever appended, to a copy.
 */
#ifndef ELF_ELF_IMAGE_H
#define ELF_ELF_IMAGE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "elf/elf_view.h"

struct elf_image {
	struct strbuf bytes;
	Elf64_Shdr
		*headers; /* change at will; offset and size belong to elf_image_data() */
	uint32_t nr_headers;
	Elf64_Sym *symbols; /* change at will */
	uint32_t nr_symbols;
	/* Contents of the tables that grow; section_names is unused if they are one. */
	struct strbuf symbol_names, section_names;
	uint32_t symtab, strtab, name_section;
};

/* The view must have a symbol table. Nothing of it is needed afterwards. */
void elf_image_init(struct elf_image *ret, const struct elf_view *view);
void elf_image_release(struct elf_image *img);

/* Overwrites bytes at a file offset that the view said is there. */
void elf_image_patch(struct elf_image *img, uint64_t offset, const void *bytes, size_t n);

/* Offset of a name for st_name or sh_name. */
uint32_t elf_image_symbol_name(struct elf_image *img, const char *name);
uint32_t elf_image_section_name(struct elf_image *img, const char *name);

/* Index of a new, empty PROGBITS section. */
uint32_t elf_image_add_section(struct elf_image *img, const char *name, uint64_t flags);
/* Index of a new symbol; it must be global: locals stand in front of those. */
uint32_t elf_image_add_symbol(struct elf_image *img, const Elf64_Sym *symbol);
/* Gives a section new contents. */
void elf_image_data(struct elf_image *img, uint32_t section, const void *bytes, size_t n);

/* The file. -E2BIG: more sections than a symbol's 16-bit section number can say. */
int elf_image_finish(struct elf_image *img, void **ret, size_t *ret_size,
		     struct err *err) must_check;

#endif
