/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "elf_build.h"
#include "elf/elf_view.h"

#define auto_view auto_release(elf_view_release) struct elf_view

static const unsigned char code[24] = {0x18};

/* Sections code(1) and maps(2); symbols prog(1) and map(2); one relocation. */
static unsigned char *small_object(size_t *size)
{
	struct elf_build b = {.nr_sections = 0};
	unsigned int prog = elf_build_code(&b, "classifier", code, sizeof(code));
	unsigned int maps = elf_build_data(&b, "maps", "01234567890123456789", 20);
	unsigned int map;

	elf_build_symbol(&b, "prog", STB_GLOBAL, STT_FUNC, prog, 0, sizeof(code));
	map = elf_build_symbol(&b, "map", STB_GLOBAL, STT_OBJECT, maps, 0, 20);
	elf_build_reloc(&b, prog, 0, map);
	return elf_build_finish(&b, size);
}

static void a_whole_object_is_a_table(void **state)
{
	auto_err err = ERR_INIT;
	auto_view view = {.bytes = NULL};
	struct elf_reloc rel;
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);
	uint32_t prog, maps, relocs = 0;

	(void)state;
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	prog = elf_view_find(&view, "classifier");
	maps = elf_view_find(&view, "maps");
	assert_int_equal(elf_view_find(&view, "map"), 0);
	assert_true(elf_section_is_code(&view.sections[prog]));
	assert_false(elf_section_is_code(&view.sections[maps]));
	assert_int_equal(view.sections[maps].size, 20);
	assert_memory_equal(view.sections[maps].data, "01234567890123456789", 20);
	assert_int_equal(view.nr_symbols, 3);
	assert_string_equal(view.symbols[2].name, "map");
	assert_int_equal(view.symbols[2].section, maps);
	assert_int_equal(view.symbols[2].size, 20);
	assert_int_equal(view.symbols[1].type, STT_FUNC);
	assert_int_equal(view.symbols[1].bind, STB_GLOBAL);
	for (uint32_t i = 1; i < view.nr_sections; i++)
		if (elf_view_nr_relocs(&view, i))
			relocs = i;
	assert_int_equal(view.sections[relocs].info, prog);
	assert_int_equal(elf_view_nr_relocs(&view, relocs), 1);
	rel = elf_view_reloc(&view, relocs, 0);
	assert_int_equal(rel.symbol, 2);
	assert_int_equal(rel.offset, 0);
	assert_int_equal(rel.type, 1);
}

/* The lowest byte of a number. */
#define LOW(type, member) \
	(offsetof(type, member) + HOST_IS_BIG * (sizeof(((type *)NULL)->member) - 1))

/* Opens `bytes` with one byte changed and gives the words for that. */
static void refused(const unsigned char *bytes, size_t size, size_t at,
		    unsigned char value, int code_wanted, const char *text)
{
	auto_free unsigned char *copy = xmemdup(bytes, size);
	auto_err err = ERR_INIT;
	auto_view view = {.bytes = NULL};

	copy[at] = value;
	assert_int_equal(elf_view_open(&view, copy, size, &err), code_wanted);
	assert_string_equal(err.text, text);
}

static void foreign_files_are_named(void **state)
{
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);

	(void)state;
	refused(bytes, size, 0, 'E', -ENOEXEC, "not an ELF file");
	refused(bytes, size, EI_CLASS, ELFCLASS32, -ENOEXEC,
		"a 32-bit ELF file; BPF objects are 64-bit");
	refused(bytes, size, EI_CLASS, 9, -ENOEXEC, "ELF class 9 is unknown");
	refused(bytes, size, EI_DATA, BY_ORDER(ELFDATA2MSB, ELFDATA2LSB), -ENOEXEC,
		BY_ORDER(
			"built for a big-endian machine, rebuild with -target bpfel",
			"built for a little-endian machine, rebuild with -target bpfeb"));
	refused(bytes, size, EI_DATA, 7, -ENOEXEC, "ELF byte order 7 is unknown");
	refused(bytes, size, LOW(Elf64_Ehdr, e_machine), EM_X86_64, -ENOEXEC,
		"not for BPF, but for x86-64 (ELF machine 62); build it with 'clang -target bpf -O2 -g -c'");
	refused(bytes, size, LOW(Elf64_Ehdr, e_type), ET_EXEC, -ENOEXEC,
		"not a relocatable object: ELF type 2");
	refused(bytes, size, LOW(Elf64_Ehdr, e_version), 3, -ENOEXEC,
		"ELF version 3 is unknown");
}

static void machines_have_names(void **state)
{
	static const struct {
		unsigned char machine;
		const char *name;
	} machines[] = {
		{EM_386, "32-bit x86"},
		{EM_ARM, "32-bit ARM"},
		{EM_AARCH64, "ARM64"},
		{EM_PPC64, "PowerPC"},
		{EM_S390, "s390"},
		{EM_RISCV, "RISC-V"},
		{EM_MIPS, "another machine"},
	};
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);

	(void)state;
	for (size_t i = 0; i < array_size(machines); i++) {
		auto_free char *want = xasprintf(
			"not for BPF, but for %s (ELF machine %u); build it with 'clang -target bpf -O2 -g -c'",
			machines[i].name, machines[i].machine);

		refused(bytes, size, LOW(Elf64_Ehdr, e_machine), machines[i].machine,
			-ENOEXEC, want);
	}
}

static void a_machine_of_zero_is_early_bpf(void **state)
{
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);
	auto_err err = ERR_INIT;
	auto_view view = {.bytes = NULL};

	(void)state;
	bytes[LOW(Elf64_Ehdr, e_machine)] = EM_NONE;
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
}

static void every_cut_is_refused(void **state)
{
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);

	(void)state;
	for (size_t n = 0; n < size; n++) {
		/* Exactly n bytes of memory, so that a sanitizer sees one more. */
		auto_free unsigned char *cut = xmemdup(bytes, n);
		auto_err err = ERR_INIT;
		auto_view view = {.bytes = NULL};

		assert_true(elf_view_open(&view, cut, n, &err) < 0);
		assert_true(err.text[0]);
		if (n >= sizeof(Elf64_Ehdr))
			assert_non_null(strstr(err.text, "truncated: section headers"));
	}
}

/* Offset of the header of the first section of this type. */
static size_t header_of(const unsigned char *bytes, unsigned int type)
{
	Elf64_Ehdr h;
	Elf64_Shdr s;

	memcpy(&h, bytes, sizeof(h));
	for (unsigned int i = 1; i < h.e_shnum; i++) {
		memcpy(&s, bytes + h.e_shoff + i * sizeof(s), sizeof(s));
		if (s.sh_type == type)
			return h.e_shoff + i * sizeof(s);
	}
	fail();
	return 0;
}

static void links_that_lead_nowhere_are_refused(void **state)
{
	size_t size, rel, symtab, symbols;
	auto_free unsigned char *bytes = small_object(&size);
	Elf64_Shdr s;

	(void)state;
	rel = header_of(bytes, SHT_REL);
	symtab = header_of(bytes, SHT_SYMTAB);
	refused(bytes, size, rel + LOW(Elf64_Shdr, sh_info), 99, -EINVAL,
		"section '.rel': target section 99 does not exist");
	refused(bytes, size, rel + LOW(Elf64_Shdr, sh_link), 1, -EINVAL,
		"section '.rel': section 1 is not a symbol table");
	refused(bytes, size, rel + LOW(Elf64_Shdr, sh_size), 15, -EINVAL,
		"section '.rel' of 15 bytes does not divide into relocations");
	refused(bytes, size, symtab + LOW(Elf64_Shdr, sh_link), 77, -EINVAL,
		"symbol table has no string table");
	refused(bytes, size, symtab + LOW(Elf64_Shdr, sh_size), 25, -EINVAL,
		"symbol table of 25 bytes does not divide into symbols");
	refused(bytes, size, symtab + LOW(Elf64_Shdr, sh_flags) + BY_ORDER(1, -1),
		SHF_COMPRESSED >> 8, -EINVAL, "symbol 0: unreadable");
	refused(bytes, size, rel + LOW(Elf64_Shdr, sh_type), SHT_SYMTAB, -EINVAL,
		"has more than one symbol table");
	memcpy(&s, bytes + rel, sizeof(s));
	refused(bytes, size, s.sh_offset + offsetof(Elf64_Rel, r_info) + BY_ORDER(4, 3),
		200, -EINVAL, "section '.rel': symbol 200 does not exist");
	memcpy(&s, bytes + symtab, sizeof(s));
	symbols = s.sh_offset + 2 * sizeof(Elf64_Sym);
	refused(bytes, size, symbols + LOW(Elf64_Sym, st_shndx), 60, -EINVAL,
		"symbol 'map': section 60 does not exist");
}

static void words_opened(const unsigned char *bytes, size_t size, const Elf64_Ehdr *h,
			 uint64_t nr, uint32_t names, const char *text)
{
	auto_free unsigned char *copy = xmemdup(bytes, size);
	auto_view view = {.bytes = NULL};
	Elf64_Shdr first = {.sh_size = nr, .sh_link = names};
	auto_err err = ERR_INIT;
	int r;

	memcpy(copy, h, sizeof(*h));
	if (h->e_shoff)
		memcpy(copy + h->e_shoff, &first, sizeof(first));
	r = elf_view_open(&view, copy, size, &err);
	if (text) {
		assert_true(r < 0);
		assert_non_null(strstr(err.text, text));
	} else {
		assert_int_equal(r, 0);
		assert_int_equal(elf_view_find(&view, "maps"), 2);
	}
}

/* Files of very many sections have their number, and that of their names, in the first header. */
static void numbers_of_sections(void **state)
{
	/* Some of it libelf finds. */
	const char *damaged = "headers are damaged";
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);
	Elf64_Ehdr h, many;

	(void)state;
	memcpy(&h, bytes, sizeof(h));
	many = h;
	many.e_shnum = 0;
	words_opened(bytes, size, &h, 0, 0, NULL);
	words_opened(bytes, size, &many, h.e_shnum, 0, NULL);
	words_opened(bytes, size, &many, 0, 0, damaged);
	words_opened(bytes, size, &many, h.e_shnum + 1U, 0, damaged);
	words_opened(bytes, size, &many, UINT64_MAX, 0, damaged);
	many = h;
	many.e_shstrndx = SHN_XINDEX;
	words_opened(bytes, size, &many, 0, h.e_shstrndx, NULL);
	words_opened(bytes, size, &many, 0, h.e_shnum, damaged);
	many.e_shstrndx = h.e_shnum;
	words_opened(bytes, size, &many, 0, 0, damaged);
	many.e_shstrndx = (Elf64_Half)(h.e_shnum - 1);
	many.e_shoff = 0;
	words_opened(bytes, size, &many, 0, 0, "has no sections");
}

static void symbols_of_no_section(void **state)
{
	size_t size, symtab;
	auto_free unsigned char *bytes = small_object(&size);
	auto_view view = {.bytes = NULL};
	auto_err err = ERR_INIT;
	Elf64_Shdr s;
	Elf64_Sym sym;

	(void)state;
	symtab = header_of(bytes, SHT_SYMTAB);
	memcpy(&s, bytes + symtab, sizeof(s));
	memcpy(&sym, bytes + s.sh_offset + 2 * sizeof(sym), sizeof(sym));
	sym.st_shndx = SHN_ABS;
	memcpy(bytes + s.sh_offset + 2 * sizeof(sym), &sym, sizeof(sym));
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	assert_int_equal(view.symbols[2].section, SHN_UNDEF);
	sym.st_shndx = SHN_XINDEX;
	memcpy(bytes + s.sh_offset + 2 * sizeof(sym), &sym, sizeof(sym));
	elf_view_release(&view);
	assert_int_equal(elf_view_open(&view, bytes, size, &err), -EINVAL);
	assert_string_equal(err.text, "symbol 'map': too many sections");
}

static void no_single_byte_can_crash_it(void **state)
{
	size_t size;
	auto_free unsigned char *bytes = small_object(&size);

	(void)state;
	for (size_t at = 0; at < size; at++) {
		for (unsigned int flip = 1; flip < 256; flip <<= 1) {
			auto_err err = ERR_INIT;
			auto_view view = {.bytes = NULL};

			bytes[at] ^= (unsigned char)flip;
			if (elf_view_open(&view, bytes, size, &err) < 0)
				assert_true(err.text[0]);
			for (uint32_t i = 1; i < view.nr_sections; i++)
				assert_true(view.sections[i].size <= size);
			bytes[at] ^= (unsigned char)flip;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_object_is_a_table),
		cmocka_unit_test(foreign_files_are_named),
		cmocka_unit_test(a_machine_of_zero_is_early_bpf),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(links_that_lead_nowhere_are_refused),
		cmocka_unit_test(machines_have_names),
		cmocka_unit_test(numbers_of_sections),
		cmocka_unit_test(symbols_of_no_section),
		cmocka_unit_test(no_single_byte_can_crash_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
