/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sections of maps that few files have. */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf_build.h"
#include "legacy/object_def.h"

static const uint32_t maps[] = {BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0,
				BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0};
static const struct bpf_insn code[4] = {{.code = BPF_LD | BPF_IMM | BPF_DW},
					{.imm = 0},
					{.code = BPF_LD | BPF_IMM | BPF_DW, .imm = 20},
					{.imm = 0}};

/* "a b": the names of its maps, or the error. */
static void maps_are(struct elf_build *b, const char *want)
{
	const struct object_def_opts opts = {.reader = MAPS_READER_CGROUP};
	auto_strbuf names = STRBUF_INIT;
	struct object_def def;
	auto_err err = ERR_INIT;
	size_t size;
	auto_free unsigned char *bytes = elf_build_finish(b, &size);

	if (object_def_read(&def, bytes, size, &opts, &err) < 0) {
		assert_string_equal(err.text, want);
		return;
	}
	for (size_t i = 0; i < def.nr_maps; i++)
		sb_add_sep(&names, " ", def.maps[i].name);
	object_def_release(&def);
	assert_string_equal(sb_text(&names), want);
}

static void begin(struct elf_build *b, const char *section, unsigned int type,
		  unsigned int *ret_code, unsigned int *ret_maps)
{
	*b = (struct elf_build){.nr_sections = 0};
	*ret_code = elf_build_code(b, "classifier", code, sizeof(code));
	*ret_maps = elf_build_section(b, section, type, SHF_ALLOC | SHF_WRITE, maps,
				      sizeof(maps));
	elf_build_symbol(b, "prog", STB_GLOBAL, STT_FUNC, *ret_code, 0, sizeof(code));
}

static void sections_of_other_types(void **state)
{
	unsigned int prog, section;
	struct elf_build b;

	(void)state;
	begin(&b, "maps", SHT_PROGBITS, &prog, &section);
	elf_build_symbol(&b, "m", STB_GLOBAL, STT_OBJECT, section, 0, 20);
	maps_are(&b, "m");
	begin(&b, "maps", SHT_NOBITS, &prog, &section);
	elf_build_symbol(&b, "m", STB_GLOBAL, STT_OBJECT, section, 0, 20);
	maps_are(&b, "map 'm': section 'maps' has no bytes");
	/* A note that is called so is one. */
	begin(&b, "maps", SHT_NOTE, &prog, &section);
	elf_build_symbol(&b, "m", STB_GLOBAL, STT_OBJECT, section, 0, 20);
	maps_are(&b, "");
	/* And so is code. */
	begin(&b, "maps", SHT_PROGBITS, &prog, &section);
	b.sections[section].sh_flags = SHF_ALLOC | SHF_EXECINSTR;
	maps_are(&b, "");
}

/* Stripped: one is called after its section, two are called after their places. */
static void sections_named_after_maps(void **state)
{
	unsigned int prog, section, own;
	struct elf_build b;

	(void)state;
	begin(&b, "maps/events", SHT_PROGBITS, &prog, &section);
	own = elf_build_symbol(&b, "", STB_LOCAL, STT_SECTION, section, 0, 0);
	elf_build_reloc(&b, prog, 0, own);
	elf_build_reloc(&b, prog, 16, own);
	maps_are(&b, "map_0 map_20");
	begin(&b, "maps/events", SHT_PROGBITS, &prog, &section);
	elf_build_symbol(&b, "first", STB_GLOBAL, STT_OBJECT, section, 0, 20);
	maps_are(&b, "first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_of_other_types),
		cmocka_unit_test(sections_named_after_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
