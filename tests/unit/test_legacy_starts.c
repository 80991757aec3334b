/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where map definitions begin: what symbols, variables, references and sections agree on. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "legacy/legacy_starts.h"

enum { CODE = 1, MAPS, MAPS_A, MAPS_B, SECTIONS, SIZE = 400 };

/* An object of sections and symbols, not a file. */
struct object {
	struct elf_section sections[SECTIONS];
	struct elf_view view;
	struct legacy_ref refs_at[2];
	struct legacy_refs refs;
	struct btf *btf;
};

static int setup(void **state)
{
	static const char *const names[] = {"", "classifier", "maps", "maps/a", "mapsb"};
	struct object *o = xcalloc(1, sizeof(*o));

	for (int i = 0; i < SECTIONS; i++) {
		o->sections[i].name = names[i];
		o->sections[i].type = SHT_PROGBITS;
		o->sections[i].size = i == CODE || i == MAPS ? SIZE : 0;
	}
	o->view.sections = o->sections;
	o->view.nr_sections = SECTIONS;
	o->view.nr_symbols = 1;
	o->view.symbols = xcalloc(70000, sizeof(*o->view.symbols));
	o->view.symbols[0].name = "";
	o->refs.refs = o->refs_at;
	o->btf = btf__new_empty();
	*state = o;
	return 0;
}

static int teardown(void **state)
{
	struct object *o = *state;

	free(o->view.symbols);
	btf__free(o->btf);
	free(o);
	return 0;
}

static void add_symbols(struct object *o, uint32_t nr, uint64_t apart)
{
	for (uint32_t i = 0; i < nr; i++)
		o->view.symbols[o->view.nr_symbols++] =
			(struct elf_symbol){.name = "m",
					    .value = i * apart,
					    .section = MAPS,
					    .type = STT_OBJECT};
}

static void add_variables(struct object *o, uint32_t nr, uint32_t apart)
{
	int u32 = btf__add_int(o->btf, "u32", 4, 0), vars[4];

	for (uint32_t i = 0; i < nr; i++)
		vars[i] =
			btf__add_var(o->btf, i % 2 ? "odd" : "even", BTF_VAR_STATIC, u32);
	btf__add_datasec(o->btf, "maps", SIZE);
	for (uint32_t i = 0; i < nr; i++)
		btf__add_datasec_var_info(o->btf, vars[i], i * apart, 4);
}

static void add_ref(struct object *o, uint64_t offset)
{
	o->refs.refs[o->refs.nr++] =
		(struct legacy_ref){.section = MAPS, .offset = offset, .from = CODE};
}

/* "offset:witness ..." or the error. */
static void starts_are(struct object *o, const char *want)
{
	static const bool sections[SECTIONS] = {
		[MAPS] = true, [MAPS_A] = true, [MAPS_B] = true};
	struct legacy_starts starts;
	auto_strbuf text = STRBUF_INIT;
	auto_err err = ERR_INIT;
	int r = legacy_starts_find(&starts, &o->view, sections, &o->refs, o->btf, &err);

	if (r < 0) {
		assert_string_equal(err.text, want);
		return;
	}
	for (size_t i = 0; i < starts.nr; i++) {
		sb_add_sep(&text, " ", o->sections[starts.items[i].section].name);
		sb_addf(&text, "+%llu:%d", (unsigned long long)starts.items[i].offset,
			starts.items[i].witness);
	}
	legacy_starts_release(&starts);
	assert_string_equal(sb_text(&text), want);
}

static void the_best_witness_counts(void **state)
{
	struct object *o = *state;

	add_ref(o, 40);
	add_ref(o, 40);
	starts_are(o, "maps+40:2");
	add_variables(o, 3, 40);
	starts_are(o, "maps+0:1 maps+40:1 maps+80:1");
	/* Without a size it reaches up to the next symbol, whatever variables there are. */
	add_symbols(o, 1, 0);
	o->refs.nr = 0;
	starts_are(o, "maps+0:0");
	o->view.symbols[1].size = 40;
	starts_are(o, "maps+0:0 maps+40:1 maps+80:1");
	o->view.symbols[1].size = 41;
	starts_are(o, "maps+0:0 maps+80:1");
	add_ref(o, 8);
	starts_are(
		o,
		"section 'classifier': offset 0 refers to byte 8 of section 'maps', where no definition begins");
}

static void sections_that_are_one_map(void **state)
{
	struct object *o = *state;

	starts_are(o, "");
	o->sections[MAPS_A].size = o->sections[MAPS_B].size = 20;
	starts_are(o, "maps/a+0:3");
	add_symbols(o, 1, 0);
	starts_are(o, "maps+0:0 maps/a+0:3");
	o->view.symbols[1].section = MAPS_A;
	starts_are(o, "maps/a+0:0");
	o->view.symbols[1].type = STT_NOTYPE;
	starts_are(o, "maps/a+0:0");
	o->view.symbols[1].type = STT_FUNC;
	starts_are(o, "maps/a+0:3");
}

static void references_have_to_lead_to_one(void **state)
{
	struct object *o = *state;

	add_ref(o, SIZE - 1);
	starts_are(o, "maps+399:2");
	o->refs.refs[0].offset = SIZE;
	starts_are(
		o,
		"section 'classifier': offset 0 refers to byte 400 of section 'maps', where no definition begins");
	o->refs.nr = 0;
	add_symbols(o, 2, 0);
	starts_are(o, "maps 'm' and 'm' are two symbols at one offset");
}

static void definitions_have_an_end(void **state)
{
	struct object *o = *state;

	o->sections[MAPS].size = 1 << 20;
	add_symbols(o, LEGACY_STARTS_MAX + 1, 40);
	starts_are(o, "16385 map definitions, more than 16384");
}

/* One more than four for each: by whichever witness. */
static void witnesses_have_an_end(void **state)
{
	const char *why = "more than 16384 map definitions";
	struct object *o = *state;

	add_symbols(o, 4 * LEGACY_STARTS_MAX, 0);
	starts_are(o, "maps 'm' and 'm' are two symbols at one offset");
	o->sections[MAPS_A].size = 20;
	starts_are(o, why);
	o->sections[MAPS_A].size = 0;
	add_ref(o, 8);
	add_ref(o, 16);
	starts_are(o, why);
	o->refs.nr = 0;
	add_variables(o, 1, 0);
	starts_are(o, why);
	btf__free(o->btf);
	o->btf = btf__new_empty();
	starts_are(o, "maps 'm' and 'm' are two symbols at one offset");
	add_symbols(o, 1, 0);
	starts_are(o, why);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_best_witness_counts),        CASE(sections_that_are_one_map),
		CASE(references_have_to_lead_to_one), CASE(definitions_have_an_end),
		CASE(witnesses_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
