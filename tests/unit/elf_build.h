/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Small ELF objects made by hand, for shapes that no compiler on this machine writes any
 * more (or ever should). Index 0 of sections and symbols is ELF's null entry; .strtab,
 * .symtab and the relocation sections are added by elf_build_finish().
 */
#ifndef UNIT_ELF_BUILD_H
#define UNIT_ELF_BUILD_H

#include <elf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "host_order.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif
enum { R_BPF_64_64_ = 1, ELF_BUILD_MAX = 32 };

struct elf_build {
	Elf64_Shdr sections[ELF_BUILD_MAX];
	struct strbuf contents[ELF_BUILD_MAX];
	unsigned int nr_sections;
	Elf64_Sym symbols[ELF_BUILD_MAX];
	unsigned int nr_symbols;
	struct {
		unsigned int section;
		Elf64_Rel rel;
	} relocs[ELF_BUILD_MAX];
	unsigned int nr_relocs;
	struct strbuf names;
};

static inline unsigned int elf_build_name(struct elf_build *b, const char *name)
{
	unsigned int at;

	if (!b->names.len)
		sb_add_char(&b->names, '\0');
	at = (unsigned int)b->names.len;
	sb_add_mem(&b->names, name, strlen(name) + 1);
	return at;
}

static inline unsigned int elf_build_section(struct elf_build *b, const char *name,
					     unsigned int type, unsigned int flags,
					     const void *bytes, size_t size)
{
	unsigned int i = b->nr_sections ? b->nr_sections : 1;

	b->nr_sections = i + 1;
	b->sections[i] = (Elf64_Shdr){
		.sh_name = elf_build_name(b, name),
		.sh_type = type,
		.sh_flags = flags,
		.sh_addralign = 8,
	};
	sb_add_mem(&b->contents[i], bytes, size);
	return i;
}

static inline unsigned int elf_build_code(struct elf_build *b, const char *name,
					  const void *bytes, size_t size)
{
	return elf_build_section(b, name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, bytes,
				 size);
}

static inline unsigned int elf_build_data(struct elf_build *b, const char *name,
					  const void *bytes, size_t size)
{
	return elf_build_section(b, name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, bytes,
				 size);
}

static inline unsigned int elf_build_symbol(struct elf_build *b, const char *name,
					    unsigned int bind, unsigned int type,
					    unsigned int section, unsigned int value,
					    unsigned int size)
{
	unsigned int i = b->nr_symbols ? b->nr_symbols : 1;

	b->nr_symbols = i + 1;
	b->symbols[i] = (Elf64_Sym){
		.st_name = name[0] ? elf_build_name(b, name) : 0,
		.st_info = (unsigned char)ELF64_ST_INFO(bind, type),
		.st_shndx = (Elf64_Section)section,
		.st_value = value,
		.st_size = size,
	};
	return i;
}

static inline void elf_build_reloc(struct elf_build *b, unsigned int section,
				   unsigned int offset, unsigned int symbol)
{
	b->relocs[b->nr_relocs].section = section;
	b->relocs[b->nr_relocs++].rel = (Elf64_Rel){
		.r_offset = offset,
		.r_info = ELF64_R_INFO((Elf64_Xword)symbol, R_BPF_64_64_),
	};
}

/* The file; the caller's to free. b is used up. */
static inline unsigned char *elf_build_finish(struct elf_build *b, size_t *size)
{
	unsigned int symtab, strtab, code = b->nr_sections;
	struct strbuf file = STRBUF_INIT;
	Elf64_Ehdr h = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, HOST_ELFDATA,
			    EV_CURRENT},
		.e_type = ET_REL,
		.e_machine = EM_BPF,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(h),
		.e_shentsize = sizeof(Elf64_Shdr),
	};

	symtab = elf_build_section(b, ".symtab", SHT_SYMTAB, 0, b->symbols,
				   (b->nr_symbols ? b->nr_symbols : 1) *
					   sizeof(Elf64_Sym));
	b->sections[symtab].sh_entsize = sizeof(Elf64_Sym);
	b->sections[symtab].sh_info = 1;
	for (unsigned int s = 1; s < code; s++) {
		unsigned int rel = 0;

		for (unsigned int i = 0; i < b->nr_relocs; i++) {
			if (b->relocs[i].section != s)
				continue;
			if (!rel)
				rel = elf_build_section(b, ".rel", SHT_REL, 0, "", 0);
			sb_add_mem(&b->contents[rel], &b->relocs[i].rel,
				   sizeof(Elf64_Rel));
			b->sections[rel].sh_info = s;
			b->sections[rel].sh_link = symtab;
			b->sections[rel].sh_entsize = sizeof(Elf64_Rel);
		}
	}
	strtab = elf_build_section(b, ".strtab", SHT_STRTAB, 0, "", 0);
	sb_add_mem(&b->contents[strtab], b->names.text, b->names.len);
	b->sections[symtab].sh_link = strtab;
	h.e_shstrndx = (Elf64_Half)strtab;
	h.e_shnum = (Elf64_Half)b->nr_sections;

	sb_add_mem(&file, &h, sizeof(h));
	for (unsigned int i = 1; i < b->nr_sections; i++) {
		sb_add_mem(&file, "\0\0\0\0\0\0\0", (8 - file.len % 8) % 8);
		b->sections[i].sh_offset = file.len;
		b->sections[i].sh_size = b->contents[i].len;
		sb_add_mem(&file, sb_text(&b->contents[i]), b->contents[i].len);
		sb_release(&b->contents[i]);
	}
	sb_add_mem(&file, "\0\0\0\0\0\0\0", (8 - file.len % 8) % 8);
	h.e_shoff = file.len;
	memcpy(file.text, &h, sizeof(h));
	sb_add_mem(&file, b->sections, b->nr_sections * sizeof(Elf64_Shdr));
	sb_release(&b->names);
	*size = file.len;
	return (unsigned char *)sb_take(&file);
}

#endif
