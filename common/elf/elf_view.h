/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A BPF object file as a read-only table: sections, symbols, relocations. What the file
 * says is checked once, in elf_view_open(); afterwards nothing returned points or counts
 * past the end of the bytes, whatever they contain. Knows ELF, not maps. libelf stays in
 * elf_view.c.
 */
#ifndef ELF_ELF_VIEW_H
#define ELF_ELF_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Of one object; more is refused. */
enum { ELF_SYMBOLS_MAX = 1 << 20 };

struct elf_section {
	const char *name;    /* never NULL, NUL terminated inside the file */
	uint32_t type;       /* SHT_* */
	uint32_t link, info; /* as they stand in the file: check before use as an index */
	uint64_t flags;      /* SHF_* */
	uint64_t offset;     /* of data in the file */
	uint64_t size;       /* bytes at data; 0 for SHT_NOBITS and SHT_NULL */
	uint64_t align;
	const unsigned char *data; /* borrowed from the bytes; maybe unaligned */
};

struct elf_symbol {
	const char *name; /* never NULL */
	uint64_t value,
		size;       /* value may lie anywhere: compare with the section's size */
	uint32_t section;   /* index < nr_sections; 0 for undefined, absolute, common */
	uint8_t type, bind; /* STT_*, STB_* */
};

/* Open struct: index 0 is ELF's null entry in both tables. */
struct elf_view {
	const unsigned char *bytes; /* borrowed */
	size_t size;
	struct elf_section *sections;
	uint32_t nr_sections;
	uint32_t name_section; /* section that holds section names */
	struct elf_symbol *symbols;
	uint32_t nr_symbols;
	uint32_t symtab; /* section index, 0: the object has no symbols */
	uint32_t strtab; /* section with the symbols' names */
};

struct elf_reloc {
	uint64_t offset; /* in the target section; checked by nobody */
	uint64_t entry;  /* where the Elf64_Rel stands in the file */
	uint32_t symbol; /* index < nr_symbols */
	uint32_t type;   /* R_BPF_* */
};

/*
 * bytes are borrowed until elf_view_release(). -EINVAL or -ENOEXEC and one line for what
 * is no relocatable ELF64 object of this machine's byte order for BPF, or is cut short;
 * -E2BIG for too many symbols.
 */
int elf_view_open(struct elf_view *ret, const void *bytes, size_t size,
		  struct err *err) must_check;
void elf_view_release(struct elf_view *view);

/* The first section of this name, 0: none. */
uint32_t elf_view_find(const struct elf_view *view, const char *name);
bool elf_section_is_code(const struct elf_section *section);

/*
 * Number of relocations in section `index` (0 for anything but SHT_REL), and one of them.
 * Their target section is sections[index].info, which is < nr_sections for every SHT_REL.
 */
uint64_t elf_view_nr_relocs(const struct elf_view *view, uint32_t index);
struct elf_reloc elf_view_reloc(const struct elf_view *view, uint32_t index, uint64_t i);

#endif
