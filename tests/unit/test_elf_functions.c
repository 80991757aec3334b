/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "elf_build.h"
#include "elf/elf_functions.h"
#include "legacy/object_def.h"

static const struct bpf_insn code[6] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT},
};

/* What LLVM before 8 wrote: no types, no sizes, labels among the local symbols. */
static unsigned char *untyped_object(size_t *size)
{
	struct elf_build b = {.nr_sections = 0};
	unsigned int text = elf_build_code(&b, ".text", code, sizeof(code));
	unsigned int sec = elf_build_code(&b, "classifier", code, sizeof(code));

	elf_build_symbol(&b, "LBB0_1", STB_LOCAL, STT_NOTYPE, text, 8, 0);
	elf_build_symbol(&b, ".Ltmp1", STB_LOCAL, STT_NOTYPE, text, 24, 0);
	elf_build_symbol(&b, "", STB_LOCAL, STT_NOTYPE, text, 32, 0);
	elf_build_symbol(&b, "sub_b", STB_LOCAL, STT_NOTYPE, text, 16, 0);
	elf_build_symbol(&b, "sub_a", STB_LOCAL, STT_NOTYPE, text, 0, 0);
	elf_build_symbol(&b, "label", STB_LOCAL, STT_NOTYPE, sec, 8, 0);
	elf_build_symbol(&b, "odd", STB_GLOBAL, STT_NOTYPE, sec, 12, 0);
	elf_build_symbol(&b, "behind", STB_GLOBAL, STT_NOTYPE, sec, 48, 0);
	elf_build_symbol(&b, "second", STB_GLOBAL, STT_NOTYPE, sec, 32, 0);
	elf_build_symbol(&b, "first", STB_GLOBAL, STT_NOTYPE, sec, 0, 0);
	return elf_build_finish(&b, size);
}

static void functions_are_told_from_labels(void **state)
{
	static const struct {
		const char *name;
		uint64_t offset, size;
	} want[] = {{"sub_a", 0, 16},
		    {"sub_b", 16, 32},
		    {"first", 0, 32},
		    {"second", 32, 16}};
	auto_release(elf_functions_release) struct elf_functions found = {.items = NULL};
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_err err = ERR_INIT;
	size_t size;
	auto_free unsigned char *bytes = untyped_object(&size);

	(void)state;
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	elf_functions_read(&found, &view);
	assert_int_equal(found.nr, array_size(want));
	assert_int_equal(found.nr_repaired, array_size(want));
	for (size_t i = 0; i < found.nr; i++) {
		assert_string_equal(view.symbols[found.items[i].symbol].name,
				    want[i].name);
		assert_int_equal(found.items[i].offset, want[i].offset);
		assert_int_equal(found.items[i].size, want[i].size);
	}
	assert_string_equal(elf_functions_first(&found, &view, 2), "first");
	assert_null(elf_functions_first(&found, &view, 3));
}

static void typed_sections_are_left_alone(void **state)
{
	struct elf_build b = {.nr_sections = 0};
	auto_release(elf_functions_release) struct elf_functions found = {.items = NULL};
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	unsigned int sec = elf_build_code(&b, "classifier", code, sizeof(code));
	auto_free unsigned char *bytes = NULL;
	auto_err err = ERR_INIT;
	size_t size;

	(void)state;
	elf_build_symbol(&b, "prog", STB_GLOBAL, STT_FUNC, sec, 0, sizeof(code));
	elf_build_symbol(&b, "asm_label", STB_GLOBAL, STT_NOTYPE, sec, 16, 0);
	bytes = elf_build_finish(&b, &size);
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	elf_functions_read(&found, &view);
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.nr_repaired, 0);
	assert_int_equal(found.items[0].size, sizeof(code));
}

/* Each has all of what follows, whatever it says of its size; the first to be named is first. */
static void names_of_the_same_place(void **state)
{
	struct elf_build b = {.nr_sections = 0};
	auto_release(elf_functions_release) struct elf_functions found = {.items = NULL};
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	unsigned int sec = elf_build_code(&b, "classifier", code, sizeof(code));
	auto_free unsigned char *bytes = NULL;
	auto_err err = ERR_INIT;
	size_t size;

	(void)state;
	elf_build_symbol(&b, "last", STB_GLOBAL, STT_NOTYPE, sec, 32, 0);
	elf_build_symbol(&b, "one", STB_GLOBAL, STT_NOTYPE, sec, 0, 8);
	elf_build_symbol(&b, "other", STB_GLOBAL, STT_NOTYPE, sec, 0, 0);
	bytes = elf_build_finish(&b, &size);
	assert_int_equal(elf_view_open(&view, bytes, size, &err), 0);
	elf_functions_read(&found, &view);
	assert_int_equal(found.nr, 3);
	assert_string_equal(elf_functions_first(&found, &view, sec), "one");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(found.items[i].symbol, 2 + i);
		assert_int_equal(found.items[i].size, 32);
	}
	assert_int_equal(found.items[2].size, 16);
}

static void libbpf_finds_repaired_programs(void **state)
{
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	struct object_def def;
	struct bpf_object *obj;
	auto_err err = ERR_INIT;
	size_t size;
	auto_free unsigned char *bytes = untyped_object(&size);

	(void)state;
	libbpf_set_print(NULL);
	assert_int_equal(object_def_read(&def, bytes, size, &opts, &err), 0);
	assert_true(def.translated);
	assert_int_equal(def.nr_maps, 0);
	/* Without the repair: opened, and not one program. */
	obj = bpf_object__open_mem(bytes, size, NULL);
	assert_true(!obj || !bpf_object__next_program(obj, NULL));
	bpf_object__close(obj);
	obj = bpf_object__open_mem(def.image, def.image_size, NULL);
	assert_non_null(obj);
	assert_non_null(bpf_object__find_program_by_name(obj, "first"));
	assert_int_equal(
		bpf_program__insn_cnt(bpf_object__find_program_by_name(obj, "second")),
		2);
	bpf_object__close(obj);
	object_def_release(&def);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_told_from_labels),
		cmocka_unit_test(typed_sections_are_left_alone),
		cmocka_unit_test(names_of_the_same_place),
		cmocka_unit_test(libbpf_finds_repaired_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
