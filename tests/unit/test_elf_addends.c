/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "elf_build.h"
#include "legacy/object_def.h"

/* Objects whose instructions hold what libbpf reads otherwise. */

static const struct bpf_insn load_20[] = {
	{.code = BPF_LD | BPF_IMM | BPF_DW, .imm = 20},
	{.imm = 0},
	{.code = BPF_JMP | BPF_EXIT},
};
static const struct bpf_insn call_15[] = {
	{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 15},
	{.code = BPF_JMP | BPF_EXIT},
};

static int read_all(struct elf_build *b, struct err *err)
{
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	struct object_def def;
	size_t size;
	auto_free unsigned char *bytes = elf_build_finish(b, &size);
	int r = object_def_read(&def, bytes, size, &opts, err);

	if (r == 0)
		object_def_release(&def);
	return r;
}

/* A variable at 20 and the instruction's 20 beside it, by whichever compiler. */
static int read_variable(const char *compiler, struct err *err)
{
	struct elf_build b = {.nr_sections = 0};
	unsigned int code = elf_build_code(&b, "tc", load_20, sizeof(load_20));
	unsigned int data = elf_build_data(&b, ".data", (const char[40]){0}, 40);

	elf_build_symbol(&b, "f", STB_GLOBAL, STT_FUNC, code, 0, sizeof(load_20));
	elf_build_reloc(&b, code, 0,
			elf_build_symbol(&b, "second", STB_GLOBAL, STT_OBJECT, data, 20,
					 4));
	elf_build_section(&b, ".comment", SHT_PROGBITS, 0, compiler,
			  strlen(compiler) + 1);
	return read_all(&b, err);
}

static void variables_whose_place_counts_twice_are_refused(void **state)
{
	auto_err gcc = ERR_INIT, clang = ERR_INIT;

	(void)state;
	assert_int_equal(read_variable("GCC: (Debian) 12.2.0", &gcc), -EINVAL);
	assert_string_equal(
		gcc.text,
		"section 'tc': the instruction at offset 0 holds the place of 'second' twice, as binutils before 2.41 write it, and would reach another place; rebuild with newer binutils or clang");
	assert_int_equal(read_variable("clang version 14", &clang), 0);
}

static void functions_whose_place_counts_twice_are_refused(void **state)
{
	struct elf_build b = {.nr_sections = 0};
	unsigned int code = elf_build_code(&b, "tc", call_15, sizeof(call_15));
	unsigned int text = elf_build_code(&b, ".text", call_15, sizeof(call_15));
	auto_err err = ERR_INIT;

	(void)state;
	elf_build_symbol(&b, "f", STB_GLOBAL, STT_FUNC, code, 0, sizeof(call_15));
	elf_build_reloc(&b, code, 0,
			elf_build_symbol(&b, "g", STB_GLOBAL, STT_FUNC, text, 16, 0));
	assert_int_equal(read_all(&b, &err), -EINVAL);
	assert_non_null(strstr(err.text, "holds the place of 'g' twice"));
}

/* Of a section of that name; the one of the code is as it should be. */
static int read_with_addends(const char *name, unsigned int type, struct err *err)
{
	static const Elf64_Rela rela = {.r_info = ELF64_R_INFO(1UL, R_BPF_64_64_)};
	struct elf_build b = {.nr_sections = 0};
	unsigned int code = elf_build_code(&b, "classifier", load_20, sizeof(load_20));
	unsigned int other =
		elf_build_section(&b, name, SHT_PROGBITS, SHF_ALLOC, NULL, 0);
	unsigned int section =
		elf_build_section(&b, ".relaclassifier", type, 0, &rela, sizeof(rela));

	elf_build_symbol(&b, "f", STB_GLOBAL, STT_FUNC, code, 0, sizeof(load_20));
	b.sections[section].sh_info = strcmp(name, "classifier") == 0 ? code : other;
	return read_all(&b, err);
}

static void relocations_with_addends_are_refused(void **state)
{
	static const char *const names[] = {"classifier", ".maps", "maps"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_free char *want = xasprintf(
			"section '.relaclassifier': relocations of type SHT_RELA are not supported, rebuild the object so that section '%s' has SHT_REL ones",
			names[i]);
		auto_err err = ERR_INIT;

		assert_int_equal(read_with_addends(names[i], SHT_RELA, &err), -EINVAL);
		assert_string_equal(err.text, want);
	}
}

static void relocations_of_what_is_not_loaded_may_have_addends(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_with_addends(".debug_info", SHT_RELA, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_whose_place_counts_twice_are_refused),
		cmocka_unit_test(functions_whose_place_counts_twice_are_refused),
		cmocka_unit_test(relocations_with_addends_are_refused),
		cmocka_unit_test(relocations_of_what_is_not_loaded_may_have_addends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
