/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Relocations of calls and loads: which of them lead to no function, or to a place twice. */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf/elf_calls.h"
#include "elf/elf_functions.h"
#include "elf_build.h"
#include "legacy/elf_addends.h"

#define CALL (BPF_JMP | BPF_CALL)
#define LOAD (BPF_LD | BPF_IMM | BPF_DW)

/* One relocation at `at` of 3 instructions, which are all alike. */
struct one_reloc {
	struct bpf_insn insn;
	unsigned int at;
	const char *section; /* the symbol's: 16 bytes; NULL: it is nobody's */
	unsigned int type, value;
	bool lost;  /* a call to no function */
	bool twice; /* the place is in the instruction, too */
};

static unsigned char *object_of(const struct one_reloc *one, const char *from,
				size_t *size)
{
	const struct bpf_insn code[] = {one->insn, one->insn, one->insn};
	struct elf_build b = {.nr_sections = 0};
	unsigned int prog = elf_build_code(&b, from, code, sizeof(code)), to = 0;

	if (strcmp(from, ".debug") == 0)
		b.sections[prog].sh_flags = 0;
	if (one->section && strcmp(one->section, ".text") == 0)
		to = elf_build_code(&b, ".text", code, sizeof(code));
	else if (one->section)
		to = elf_build_data(&b, one->section, code, sizeof(code));
	elf_build_section(&b, ".comment", SHT_PROGBITS, 0, "GCC: 12", 8);
	elf_build_symbol(&b, "begin", STB_GLOBAL, STT_FUNC, to, 8, 8);
	elf_build_reloc(&b, prog, one->at,
			elf_build_symbol(&b, "to", STB_GLOBAL, one->type, to, one->value,
					 8));
	return elf_build_finish(&b, size);
}

static void check(const struct one_reloc *one, const char *from, size_t i)
{
	auto_release(elf_functions_release) struct elf_functions functions = {.nr = 0};
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_free unsigned char *bytes = NULL;
	auto_err err = ERR_INIT, other = ERR_INIT;
	size_t size;
	int lost, twice;

	bytes = object_of(one, from, &size);
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	elf_functions_read(&functions, &view);
	lost = elf_calls_check(&view, &functions, &err);
	twice = elf_addends_check(&view, &other);
	if (lost != (one->lost ? -EINVAL : 0) || twice != (one->twice ? -EINVAL : 0))
		fail_msg("%zu: %d %s, %d %s", i, lost, err.text, twice, other.text);
	if (one->lost)
		assert_non_null(strstr(err.text, "where no function begins"));
	if (one->twice)
		assert_non_null(strstr(other.text, "holds the place of 'to' twice"));
}

static void calls_and_loads(void **state)
{
#define CALLS(number)                                                     \
	{                                                                 \
		.code = CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (number) \
	}
#define LOADS(number)                                                       \
	{                                                                   \
		.code = LOAD, .src_reg = BPF_PSEUDO_MAP_FD, .imm = (number) \
	}
	static const struct one_reloc relocs[] = {
		/* Counted in instructions, from the next one on. */
		{CALLS(-1), 8, ".text", STT_NOTYPE, 8},
		{CALLS(0), 8, ".text", STT_NOTYPE, 8, .lost = true},
		{CALLS(0), 8, ".text", STT_NOTYPE, 0},
		{CALLS(-1), 8, ".text", STT_NOTYPE, 0, .lost = true},
		{CALLS(0), 8, ".text", STT_SECTION, 0},
		{CALLS(1), 8, ".text", STT_SECTION, 0, .lost = true},
		{CALLS(0), 8, ".bss", STT_OBJECT, 0, .lost = true},
		/* Of a symbol at 8 the instruction has 7. */
		{CALLS(7), 8, ".text", STT_FUNC, 8, .lost = true, .twice = true},
		{CALLS(7), 8, ".text", STT_SECTION, 8, .lost = true},
		{CALLS(8), 8, ".text", STT_FUNC, 8, .lost = true},
		/* Helpers, which are no functions of the object. */
		{{.code = CALL, .imm = 7}, 8, ".text", STT_FUNC, 8},
		{{.code = BPF_JMP | BPF_JA, .src_reg = 1, .imm = 7},
		 8,
		 ".text",
		 STT_FUNC,
		 8},
		/* Within an instruction, cut off, outside. */
		{CALLS(7), 4, ".text", STT_FUNC, 8},
		{CALLS(7), 16, ".text", STT_FUNC, 8, .lost = true, .twice = true},
		{CALLS(7), 24, ".text", STT_FUNC, 8},
		{CALLS(7), 32, ".text", STT_FUNC, 8},
		{CALLS(7), 8, NULL, STT_FUNC, 8},
		/* Variables, as gcc's assembler wrote them. */
		{LOADS(8), 8, ".bss", STT_OBJECT, 8, .twice = true},
		{LOADS(12), 8, ".bss", STT_OBJECT, 8, .twice = true},
		{LOADS(7), 8, ".bss", STT_OBJECT, 8},
		{LOADS(0), 8, ".bss", STT_OBJECT, 0},
		{LOADS(8), 8, ".bss", STT_SECTION, 8},
		{LOADS(8), 8, "maps", STT_OBJECT, 8},
		{LOADS(8), 8, ".maps", STT_OBJECT, 8},
		{LOADS(8), 24, ".bss", STT_OBJECT, 8},
		{LOADS(8), 4, ".bss", STT_OBJECT, 8},
		{{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 8},
		 8,
		 ".bss",
		 STT_OBJECT,
		 8},
	};

	(void)state;
	for (size_t i = 0; i < array_size(relocs); i++)
		check(&relocs[i], "classifier", i);
}

/* What is not run may hold what it likes. */
static void sections_without_code(void **state)
{
	static const struct one_reloc calls = {CALLS(7), 8, ".text", STT_FUNC, 8};
	static const struct one_reloc loads = {LOADS(8), 8, ".bss", STT_OBJECT, 8};

	(void)state;
	check(&calls, ".debug", 0);
	check(&loads, ".debug", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_and_loads),
		cmocka_unit_test(sections_without_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
