/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "elf_build.h"
#include "elf/elf_view.h"
#include "legacy/object_def.h"

/* Objects without BTF, so symbols and references are all there is. */

#define DEF(entries)     BPF_MAP_TYPE_ARRAY, 4, 8, entries, 0
#define ELF(entries, id) BPF_MAP_TYPE_HASH, 4, 8, entries, 0, id, 2
#define PAD              0, 0, 0

/* Five references: ld_imm64 with these addends, 16 bytes each. */
struct refs {
	struct bpf_insn insns[10];
};

static struct refs refs_to(int a, int b)
{
	struct refs r = {.insns = {{.code = BPF_EXIT | BPF_JMP}}};

	r.insns[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .imm = a};
	r.insns[2] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .imm = b};
	return r;
}

struct object {
	struct elf_build b;
	unsigned int code, maps;
	unsigned char *bytes;
	size_t size;
	struct object_def def;
	struct err err;
	int r;
};

static void begin(struct object *o, const struct refs *code, const char *section,
		  const void *maps, size_t size)
{
	*o = (struct object){.r = 1};
	o->code = elf_build_code(&o->b, "classifier", code, sizeof(*code));
	o->maps = elf_build_data(&o->b, section, maps, size);
	elf_build_symbol(&o->b, "prog", STB_GLOBAL, STT_FUNC, o->code, 0, sizeof(*code));
}

static void map_symbol(struct object *o, const char *name, unsigned int type,
		       unsigned int offset, unsigned int size)
{
	elf_build_symbol(&o->b, name, STB_GLOBAL, type, o->maps, offset, size);
}

static int read_it(struct object *o)
{
	struct object_def_opts opts = {.reader = MAPS_READER_CGROUP};

	o->bytes = elf_build_finish(&o->b, &o->size);
	o->r = object_def_read(&o->def, o->bytes, o->size, &opts, &o->err);
	return o->r;
}

static void end(struct object *o)
{
	if (o->r == 0)
		object_def_release(&o->def);
	free(o->bytes);
}

static void refused_with(struct object *o, const char *text)
{
	assert_int_equal(read_it(o), -EINVAL);
	assert_string_equal(o->err.text, text);
	end(o);
}

static void symbols_without_size_reach_to_the_next(void **state)
{
	/* As LLVM before 8 wrote them: no type, no size. */
	static const uint32_t maps[] = {DEF(1), BPF_MAP_TYPE_HASH, 4, 8, 2, 0, 5, 2, 0, 0,
					DEF(3)};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "third", STT_NOTYPE, 56, 0);
	map_symbol(&o, "first", STT_NOTYPE, 0, 0);
	map_symbol(&o, "second", STT_NOTYPE, 20, 0);
	elf_build_reloc(&o.b, o.code, 0, 2);
	assert_int_equal(read_it(&o), 0);
	assert_int_equal(o.def.nr_maps, 3);
	assert_string_equal(o.def.maps[0].name, "first");
	assert_int_equal(o.def.maps[0].dialect, MAPDEF_DEF);
	assert_string_equal(o.def.maps[1].name, "second");
	assert_int_equal(o.def.maps[1].dialect, MAPDEF_ELF);
	assert_int_equal(o.def.maps[1].scope, PIN_SCOPE_GLOBAL);
	assert_string_equal(o.def.maps[2].name, "third");
	assert_int_equal(o.def.maps[2].max_entries, 3);
	end(&o);
}

static void padding_is_no_definition(void **state)
{
	/* aligned(16) without sizes: 36, 20, 28 and 36 bytes, each but the last padded. */
	static const uint32_t maps[] = {ELF(1, 0), 0, 0,         PAD, DEF(2), PAD,
					ELF(3, 5), 0, ELF(4, 6), 0,   0};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	o.b.sections[o.maps].sh_addralign = 16;
	map_symbol(&o, "a", STT_NOTYPE, 0, 0);
	map_symbol(&o, "b", STT_NOTYPE, 48, 0);
	map_symbol(&o, "c", STT_NOTYPE, 80, 0);
	map_symbol(&o, "d", STT_NOTYPE, 112, 0);
	if (read_it(&o) < 0)
		fail_msg("%s", o.err.text);
	assert_int_equal(o.def.nr_maps, 4);
	assert_int_equal(o.def.maps[0].dialect, MAPDEF_ELF);
	assert_int_equal(o.def.maps[0].inner_idx, 0);
	assert_int_equal(o.def.maps[1].dialect, MAPDEF_DEF);
	assert_int_equal(o.def.maps[1].max_entries, 2);
	assert_int_equal(o.def.maps[2].dialect, MAPDEF_ELF);
	assert_int_equal(o.def.maps[2].id, 5);
	assert_int_equal(o.def.maps[2].inner_idx, -1);
	assert_int_equal(o.def.maps[3].inner_idx, 0);
	end(&o);

	/* Without such an alignment every byte counts. */
	begin(&o, &code, "maps", maps, 48);
	o.b.sections[o.maps].sh_addralign = 4;
	map_symbol(&o, "a", STT_NOTYPE, 0, 0);
	assert_int_equal(read_it(&o), -EINVAL);
	end(&o);
}

/* The name of the symbol that the n-th relocation of the translated code names. */
static char *target_of(const struct object *o, uint64_t n)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_err err = ERR_INIT;
	struct elf_reloc rel = {.symbol = 0};

	assert_int_equal(elf_view_open(&view, o->def.image, o->def.image_size, &err), 0);
	for (uint32_t i = 1; i < view.nr_sections; i++) {
		struct bpf_insn insn;

		if (view.sections[i].type != SHT_REL || view.sections[i].info != o->code)
			continue;
		rel = elf_view_reloc(&view, i, n);
		memcpy(&insn, view.sections[o->code].data + rel.offset, sizeof(insn));
		assert_int_equal(insn.imm, 0);
	}
	return xstrdup(view.symbols[rel.symbol].name);
}

static void a_named_symbol_alone_says_which_map(void **state)
{
	static const uint32_t maps[] = {DEF(1), DEF(2), DEF(3)};
	struct refs code = refs_to(20, 20); /* gcc: the symbol's value once more */
	auto_free char *first = NULL, *second = NULL;
	struct object o;
	unsigned int b;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	b = elf_build_symbol(&o.b, "b", STB_GLOBAL, STT_OBJECT, o.maps, 20, 20);
	map_symbol(&o, "c", STT_OBJECT, 40, 20);
	elf_build_reloc(&o.b, o.code, 0, b);
	elf_build_reloc(&o.b, o.code, 16,
			elf_build_symbol(&o.b, "", STB_LOCAL, STT_SECTION, o.maps, 0, 0));
	assert_int_equal(read_it(&o), 0);
	first = target_of(&o, 0);
	second = target_of(&o, 1);
	assert_string_equal(first, "b");
	assert_string_equal(second, "b");
	end(&o);
}

static void stripped_maps_are_found_by_references(void **state)
{
	static const uint32_t maps[] = {DEF(1), DEF(2), DEF(3)};
	struct refs code = refs_to(0, 40);
	struct object o;
	unsigned int section;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	section = elf_build_symbol(&o.b, "", STB_LOCAL, STT_SECTION, o.maps, 0, 0);
	map_symbol(&o, "middle", STT_OBJECT, 20, 20);
	elf_build_reloc(&o.b, o.code, 0, section);
	elf_build_reloc(&o.b, o.code, 16, section);
	assert_int_equal(read_it(&o), 0);
	assert_int_equal(o.def.nr_maps, 3);
	assert_string_equal(o.def.maps[0].name, "map_0");
	assert_string_equal(o.def.maps[1].name, "middle");
	assert_string_equal(o.def.maps[2].name, "map_40");
	assert_int_equal(o.def.maps[2].max_entries, 3);
	end(&o);
}

static void a_section_of_its_own_names_a_stripped_map(void **state)
{
	static const uint32_t maps[] = {DEF(1)};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps/events", maps, sizeof(maps));
	assert_int_equal(read_it(&o), 0);
	assert_int_equal(o.def.nr_maps, 1);
	assert_string_equal(o.def.maps[0].name, "events");
	end(&o);
}

static void references_must_hit_a_definition(void **state)
{
	static const uint32_t maps[] = {DEF(1), DEF(2)};
	struct refs code = refs_to(8, 0), behind = refs_to(40, 0);
	struct object o;
	unsigned int section;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	section = elf_build_symbol(&o.b, "", STB_LOCAL, STT_SECTION, o.maps, 0, 0);
	elf_build_reloc(&o.b, o.code, 0, section);
	refused_with(&o,
		     "section 'classifier': offset 0 refers to byte 8 of section 'maps', "
		     "where no definition begins");

	begin(&o, &behind, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	section = elf_build_symbol(&o.b, "", STB_LOCAL, STT_SECTION, o.maps, 0, 0);
	elf_build_reloc(&o.b, o.code, 0, section);
	refused_with(
		&o, "section 'classifier': offset 0 refers to byte 40 of section 'maps', "
		    "where no definition begins");
}

static void references_must_be_64_bit_loads(void **state)
{
	static const uint32_t maps[] = {DEF(1)};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	elf_build_reloc(&o.b, o.code, 32, 2);
	refused_with(
		&o,
		"section 'classifier': instruction at offset 32 refers to a map and is not a "
		"64-bit load");
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	elf_build_reloc(&o.b, o.code, sizeof(code) - 8, 2);
	refused_with(
		&o, "section 'classifier': relocation at offset 72 is in no instruction");
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	elf_build_reloc(&o.b, o.maps, 12, 2);
	refused_with(
		&o,
		"section 'maps': the definition at offset 12 holds a pointer, which no "
		"known layout has");
}

static void places_must_make_sense(void **state)
{
	static const uint32_t maps[] = {DEF(1), DEF(2)};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	map_symbol(&o, "b", STT_OBJECT, 0, 20);
	refused_with(&o, "maps 'a' and 'b' are two symbols at one offset");

	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 20, 36);
	refused_with(
		&o,
		"map 'a': 36 bytes at offset 20 extend past the end (40 bytes) of section 'maps'");

	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 36);
	map_symbol(&o, "b", STT_OBJECT, 20, 20);
	refused_with(&o, "map 'a': overlaps the definition at offset 20");

	begin(&o, &code, "maps", maps, 38);
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	refused_with(&o,
		     "section 'maps' of 38 bytes does not divide into map definitions");
}

static void names_must_be_usable(void **state)
{
	static const uint32_t maps[] = {DEF(1), DEF(2)};
	static const struct {
		const char *name, *text;
	} bad[] = {
		{"a/b",
		 "section 'maps': definition at offset 0: map name 'a/b' has a '/'"},
		{"..", "section 'maps': definition at offset 0: map name '..' would be a "
		       "directory"},
		{"", "section 'maps': definition at offset 0: a map has an empty name"},
		{"a\tb",
		 "section 'maps': definition at offset 0: map name 'a\\x09b' has control "
		 "bytes"},
		{"b", "two maps have the name 'b'"},
	};
	struct refs code = refs_to(0, 0);
	char longest[300] = "";
	struct object o;

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		begin(&o, &code, "maps", maps, sizeof(maps));
		map_symbol(&o, bad[i].name, STT_OBJECT, 0, 20);
		map_symbol(&o, "b", STT_OBJECT, 20, 20);
		refused_with(&o, bad[i].text);
	}
	memset(longest, 'x', 256);
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, longest, STT_OBJECT, 0, 20);
	assert_int_equal(read_it(&o), -EINVAL);
	assert_non_null(strstr(o.err.text, "has 256 bytes, over 255"));
	end(&o);
	longest[255] = '\0';
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, longest, STT_OBJECT, 0, 20);
	assert_int_equal(read_it(&o), 0);
	assert_string_equal(o.def.maps[0].name, longest);
	end(&o);
}

static void type_zero_is_no_map(void **state)
{
	static const uint32_t maps[] = {0, 4, 8, 1, 0};
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", maps, sizeof(maps));
	map_symbol(&o, "a", STT_OBJECT, 0, 20);
	refused_with(&o, "map 'a': type 0 is not a map type");
}

static void an_empty_section_is_hidden_all_the_same(void **state)
{
	struct refs code = refs_to(0, 0);
	struct object o;

	(void)state;
	begin(&o, &code, "maps", "", 0);
	assert_int_equal(read_it(&o), 0);
	assert_int_equal(o.def.nr_maps, 0);
	assert_true(o.def.translated);
	end(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_without_size_reach_to_the_next),
		cmocka_unit_test(padding_is_no_definition),
		cmocka_unit_test(a_named_symbol_alone_says_which_map),
		cmocka_unit_test(stripped_maps_are_found_by_references),
		cmocka_unit_test(a_section_of_its_own_names_a_stripped_map),
		cmocka_unit_test(references_must_hit_a_definition),
		cmocka_unit_test(references_must_be_64_bit_loads),
		cmocka_unit_test(places_must_make_sense),
		cmocka_unit_test(names_must_be_usable),
		cmocka_unit_test(type_zero_is_no_map),
		cmocka_unit_test(an_empty_section_is_hidden_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
