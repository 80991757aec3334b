/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <gelf.h>
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_view.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { HOST_DATA = ELFDATA2LSB };
#define FOREIGN_WORDS "built for a big-endian machine, rebuild with -target bpfel"
#else
enum { HOST_DATA = ELFDATA2MSB };
#define FOREIGN_WORDS "built for a little-endian machine, rebuild with -target bpfeb"
#endif

static void elf_close(Elf **elf)
{
	elf_end(*elf);
}

/* Does [offset, offset + size) lie within a file of `whole` bytes? */
static bool range_fits(uint64_t offset, uint64_t size, uint64_t whole)
{
	return offset <= whole && size <= whole - offset;
}

static int check_ident(const unsigned char *bytes, size_t size, struct err *err)
{
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
		err_say(err, -ENOEXEC, "not an ELF file");
		return err_hint(err,
				"an object is what 'clang -target bpf -O2 -g -c' writes");
	}
	if (size < EI_NIDENT)
		return err_say(err, -ENOEXEC,
			       "truncated: %zu bytes are less than an ELF header", size);
	if (bytes[EI_CLASS] == ELFCLASS32)
		return err_say(err, -ENOEXEC,
			       "a 32-bit ELF file; BPF objects are 64-bit");
	if (bytes[EI_CLASS] != ELFCLASS64)
		return err_say(err, -ENOEXEC, "ELF class %u is unknown", bytes[EI_CLASS]);
	if (bytes[EI_DATA] != HOST_DATA) {
		if (bytes[EI_DATA] == ELFDATA2LSB || bytes[EI_DATA] == ELFDATA2MSB)
			return err_say(err, -ENOEXEC, FOREIGN_WORDS);
		return err_say(err, -ENOEXEC, "ELF byte order %u is unknown",
			       bytes[EI_DATA]);
	}
	if (size < sizeof(Elf64_Ehdr))
		return err_say(err, -ENOEXEC,
			       "truncated: %zu bytes are less than an ELF header", size);
	return 0;
}

/* What people compile for by mistake, leaving out "-target bpf". */
static const char *machine_name(unsigned int machine)
{
	switch (machine) {
	case EM_386:
		return "32-bit x86";
	case EM_X86_64:
		return "x86-64";
	case EM_ARM:
		return "32-bit ARM";
	case EM_AARCH64:
		return "ARM64";
	case EM_PPC64:
		return "PowerPC";
	case EM_S390:
		return "s390";
	case EM_RISCV:
		return "RISC-V";
	default:
		return "another machine";
	}
}

static int check_header(const unsigned char *bytes, size_t size, struct err *err)
{
	Elf64_Ehdr h;

	memcpy(&h, bytes, sizeof(h));
	if (h.e_ident[EI_VERSION] != EV_CURRENT || h.e_version != EV_CURRENT)
		return err_say(err, -ENOEXEC, "ELF version %u is unknown", h.e_version);
	/* EM_NONE: what LLVM wrote before BPF had a number. */
	if (h.e_machine != EM_BPF && h.e_machine != EM_NONE)
		return err_say(
			err, -ENOEXEC,
			"not for BPF, but for %s (ELF machine %u); build it with 'clang -target bpf -O2 -g -c'",
			machine_name(h.e_machine), h.e_machine);
	if (h.e_type != ET_REL)
		return err_say(err, -ENOEXEC, "not a relocatable object: ELF type %u",
			       h.e_type);
	if (!h.e_shoff)
		return err_say(err, -ENOEXEC, "has no sections");
	if (h.e_shentsize != sizeof(Elf64_Shdr))
		return err_say(err, -ENOEXEC, "section headers of %u bytes are unknown",
			       h.e_shentsize);
	/* e_shnum is 0 when the true number stands in the first header. */
	if (!range_fits(h.e_shoff, sizeof(Elf64_Shdr) * (h.e_shnum ? h.e_shnum : 1ull),
			size))
		return err_say(
			err, -EINVAL,
			"truncated: section headers extend past the end of the file (%zu bytes); copy or build it again",
			size);
	return 0;
}

static int elf_view_read_section(struct elf_view *view, Elf *elf, uint32_t i,
				 struct err *err)
{
	Elf_Scn *scn = elf_getscn(elf, i);
	struct elf_section *s = &view->sections[i];
	GElf_Shdr h;

	if (!scn || !gelf_getshdr(scn, &h))
		return err_say(err, -EINVAL, "section %u: header unreadable", i);
	s->name = elf_strptr(elf, view->name_section, h.sh_name);
	if (!s->name)
		return err_say(err, -EINVAL, "section %u: name unreadable", i);
	s->type = h.sh_type;
	s->flags = h.sh_flags;
	s->link = h.sh_link;
	s->info = h.sh_info;
	s->align = h.sh_addralign;
	s->offset = h.sh_offset;
	if (h.sh_type == SHT_NOBITS || h.sh_type == SHT_NULL)
		return 0;
	if (!range_fits(h.sh_offset, h.sh_size, view->size))
		return err_say(
			err, -EINVAL,
			"truncated: section '%s' extends past the end of the file (%zu bytes)",
			s->name, view->size);
	s->size = h.sh_size;
	s->data = view->bytes + h.sh_offset;
	return 0;
}

static int elf_view_read_sections(struct elf_view *view, Elf *elf, struct err *err)
{
	Elf64_Ehdr h;
	size_t nr, names;

	memcpy(&h, view->bytes, sizeof(h));
	if (elf_getshdrnum(elf, &nr) || elf_getshdrstrndx(elf, &names) || !nr ||
	    nr > view->size / sizeof(Elf64_Shdr) || names >= nr ||
	    !range_fits(h.e_shoff, nr * sizeof(Elf64_Shdr), view->size))
		return err_say(err, -EINVAL, "section headers are damaged or truncated");
	view->nr_sections = (uint32_t)nr;
	view->name_section = (uint32_t)names;
	view->sections = xcalloc(nr, sizeof(*view->sections));
	view->sections[0].name = "";
	for (uint32_t i = 1; i < nr; i++) {
		int r = elf_view_read_section(view, elf, i, err);

		if (r)
			return r;
	}
	return 0;
}

static int read_symbol(struct elf_view *view, Elf *elf, Elf_Data *data, uint32_t i,
		       struct err *err)
{
	struct elf_symbol *s = &view->symbols[i];
	GElf_Sym sym;

	if (!gelf_getsym(data, (int)i, &sym))
		return err_say(err, -EINVAL, "symbol %u: unreadable", i);
	s->name = elf_strptr(elf, view->strtab, sym.st_name);
	if (!s->name)
		return err_say(err, -EINVAL, "symbol %u: name unreadable", i);
	if (sym.st_shndx == SHN_XINDEX)
		return err_say(err, -EINVAL, "symbol '%s': too many sections", s->name);
	if (sym.st_shndx < SHN_LORESERVE && sym.st_shndx >= view->nr_sections)
		return err_say(err, -EINVAL, "symbol '%s': section %u does not exist",
			       s->name, sym.st_shndx);
	s->section = sym.st_shndx < SHN_LORESERVE ? sym.st_shndx : SHN_UNDEF;
	s->value = sym.st_value;
	s->size = sym.st_size;
	s->type = GELF_ST_TYPE(sym.st_info);
	s->bind = GELF_ST_BIND(sym.st_info);
	return 0;
}

static int read_symbols(struct elf_view *view, Elf *elf, struct err *err)
{
	const struct elf_section *table;
	Elf_Data *data;

	for (uint32_t i = 1; i < view->nr_sections; i++) {
		if (view->sections[i].type != SHT_SYMTAB)
			continue;
		if (view->symtab)
			return err_say(err, -EINVAL, "has more than one symbol table");
		view->symtab = i;
	}
	if (!view->symtab)
		return 0;
	table = &view->sections[view->symtab];
	if (table->size % sizeof(Elf64_Sym))
		return err_say(err, -EINVAL,
			       "symbol table of %llu bytes does not divide into symbols",
			       (unsigned long long)table->size);
	view->strtab = table->link;
	if (!view->strtab || view->strtab >= view->nr_sections ||
	    view->sections[view->strtab].type != SHT_STRTAB)
		return err_say(err, -EINVAL, "symbol table has no string table");
	if (table->size / sizeof(Elf64_Sym) > ELF_SYMBOLS_MAX)
		return err_say(err, -E2BIG, "%llu symbols, more than %d",
			       (unsigned long long)(table->size / sizeof(Elf64_Sym)),
			       ELF_SYMBOLS_MAX);
	view->nr_symbols = (uint32_t)(table->size / sizeof(Elf64_Sym));
	view->symbols = xcalloc(view->nr_symbols, sizeof(*view->symbols));
	data = elf_getdata(elf_getscn(elf, view->symtab), NULL);
	for (uint32_t i = 0; i < view->nr_symbols; i++) {
		int r = read_symbol(view, elf, data, i, err);

		if (r)
			return r;
	}
	return 0;
}

/* So that later readers need not ask: whole entries, a target, symbols that exist. */
static int check_relocs(const struct elf_view *view, uint32_t index, struct err *err)
{
	const struct elf_section *s = &view->sections[index];

	if (s->size % sizeof(Elf64_Rel))
		return err_say(
			err, -EINVAL,
			"section '%s' of %llu bytes does not divide into relocations",
			s->name, (unsigned long long)s->size);
	if (!s->info || s->info >= view->nr_sections)
		return err_say(err, -EINVAL,
			       "section '%s': target section %u does not exist", s->name,
			       s->info);
	if (s->link != view->symtab)
		return err_say(err, -EINVAL,
			       "section '%s': section %u is not a symbol table", s->name,
			       s->link);
	for (uint64_t i = 0; i < elf_view_nr_relocs(view, index); i++) {
		struct elf_reloc rel = elf_view_reloc(view, index, i);

		if (rel.symbol >= view->nr_symbols)
			return err_say(err, -EINVAL,
				       "section '%s': symbol %u does not exist", s->name,
				       rel.symbol);
	}
	return 0;
}

int elf_view_open(struct elf_view *ret, const void *bytes, size_t size, struct err *err)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = bytes,
							       .size = size};
	auto_release(elf_close) Elf *elf = NULL;
	int r = check_ident(bytes, size, err);

	if (r || (r = check_header(bytes, size, err)))
		return r;
	elf_version(EV_CURRENT);
	/* Not const in libelf's eyes, yet only read: nothing here ever asks for an
	 * update. */
	elf = elf_memory((char *)(uintptr_t)bytes, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return err_say(err, -ENOEXEC, "ELF headers are damaged: %s",
			       elf_errmsg(-1));
	if ((r = elf_view_read_sections(&view, elf, err)) ||
	    (r = read_symbols(&view, elf, err)))
		return r;
	for (uint32_t i = 1; i < view.nr_sections; i++)
		if (view.sections[i].type == SHT_REL && (r = check_relocs(&view, i, err)))
			return r;
	*ret = view;
	view = (struct elf_view){.bytes = NULL};
	return 0;
}

void elf_view_release(struct elf_view *view)
{
	free(view->sections);
	free(view->symbols);
	*view = (struct elf_view){.bytes = NULL};
}

uint32_t elf_view_find(const struct elf_view *view, const char *name)
{
	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (strcmp(view->sections[i].name, name) == 0)
			return i;
	return 0;
}

bool elf_section_is_code(const struct elf_section *section)
{
	return section->type == SHT_PROGBITS && (section->flags & SHF_EXECINSTR);
}

uint64_t elf_view_nr_relocs(const struct elf_view *view, uint32_t index)
{
	const struct elf_section *s = &view->sections[index];

	return s->type == SHT_REL ? s->size / sizeof(Elf64_Rel) : 0;
}

struct elf_reloc elf_view_reloc(const struct elf_view *view, uint32_t index, uint64_t i)
{
	const struct elf_section *s = &view->sections[index];
	struct elf_reloc ret = {.entry = s->offset + i * sizeof(Elf64_Rel)};
	Elf64_Rel rel;

	memcpy(&rel, view->bytes + ret.entry, sizeof(rel));
	ret.offset = rel.r_offset;
	ret.symbol = (uint32_t)ELF64_R_SYM(rel.r_info);
	ret.type = (uint32_t)ELF64_R_TYPE(rel.r_info);
	return ret;
}
