/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a pin stands decides whose its map is; what names of the kernel and of pins come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph_names.h"

#define auto_names auto_release(graph_names_release) struct graph_names
#define SHA1       "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static void a_map(struct graph *g, uint32_t id, const char *name)
{
	graph_add_map(g, &(struct graph_map){.id = id, .name = name, .type = 1});
}

/* Twins of the other map, which is pinned where only its own loader looks? */
static bool is_everybodys(const char *const *paths, size_t nr)
{
	auto_graph g = GRAPH_INIT;
	auto_names names = {.nr = 0};
	struct graph_twins twins;

	a_map(&g, 1, "events");
	for (size_t i = 0; i < nr; i++)
		graph_add_pin(&g, GRAPH_OF_MAP, 1, paths[i]);
	a_map(&g, 2, "events");
	graph_add_pin(&g, GRAPH_OF_MAP, 2, "/sys/fs/bpf/other/events");
	graph_sort(&g);
	graph_twins_init(&names, &g);
	graph_twins_of(&names, &g, 1, &twins);
	assert_int_equal(twins.total, twins.nr);
	assert_true(twins.nr <= 1);
	if (twins.nr == 0) {
		assert_int_equal(names.nr, 2);
		assert_false(graph_names_are_twins(&names.items[0], &names.items[1]));
	}
	graph_twins_of(&names, &g, 2, &twins);
	return twins.nr == 1;
}

static void directories_where_loaders_look(void **state)
{
	static const struct {
		const char *path;
		bool common;
	} pins[] = {
		{"events", true},
		{"/sys/fs/bpf/events", true},
		{"/sys/fs/bpg/events", false},
		{"/sys/fs/bp/events", false},
		{"/sys/fs/bpf/app/events", false},
		{"/proc/12/cwd/tc/globals/events", false},
		{"/process/tc/globals/events", true},
		{"/tc/globals/events", true},
		{"/run/bpf/tc/globals/events", true},
		{"/run/bpf/xdp/globals/events", false},
		{"globals/events", false},
		{"/run/bpf/tc/" SHA1 "/events", true},
		{"/run/bpf/ip/" SHA1 "/events", false},
		{"/run/bpf/tc/x" SHA1 "/events", false},
		{"/run/bpf/tc/DA39A3EE5E6B4B0D3255BFEF95601890AFD80709/events", false},
		{"/tc/" SHA1 "/events", false},
		{"./tc/" SHA1 "/events", true},
	};

	(void)state;
	assert_true(is_everybodys(NULL, 0));
	for (size_t i = 0; i < array_size(pins); i++)
		if (is_everybodys(&pins[i].path, 1) != pins[i].common)
			fail_msg("%s", pins[i].path);
}

/* One of them in a common place makes it everybody's. */
static void several_pins_of_one_map(void **state)
{
	static const char *const own[] = {"/sys/fs/bpf/a/events", "/sys/fs/bpf/b/events"};
	static const char *const first[] = {"/run/tc/globals/events",
					    "/sys/fs/bpf/b/events"};
	static const char *const last[] = {"/run/b/events", "/sys/fs/bpf/events"};
	static const char *const same[] = {"/sys/fs/bpf/a/events",
					   "/sys/fs/bpf/other/events"};

	(void)state;
	assert_false(is_everybodys(own, 2));
	assert_true(is_everybodys(first, 2));
	assert_true(is_everybodys(last, 2));
	/* Of its own two directories the first counts. */
	assert_false(is_everybodys(same, 2));
	assert_true(is_everybodys(&same[1], 1));
}

static void a_name_of_the_kernel_and_one_of_a_pin(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_names names = {.nr = 0};
	struct graph_twins twins;

	(void)state;
	a_map(&g, 1, "first");
	graph_add_pin(&g, GRAPH_OF_MAP, 1, "/sys/fs/bpf/tc/globals/second");
	a_map(&g, 2, "first");
	a_map(&g, 3, "second");
	a_map(&g, 4, "");
	graph_add_map(&g, &(struct graph_map){.id = 5, .name = "a.data", .type = 2});
	graph_add_map(&g, &(struct graph_map){.id = 6, .name = "a.data", .type = 2});
	graph_sort(&g);
	graph_twins_init(&names, &g);
	assert_int_equal(names.nr, 4);
	graph_twins_of(&names, &g, 1, &twins);
	assert_int_equal(twins.nr, 2);
	assert_int_equal(twins.total, 2);
	assert_int_equal(twins.maps[0], 2);
	assert_int_equal(twins.maps[1], 3);
	/* Those without a name, variables of objects, and those that are not there. */
	for (uint32_t id = 4; id < 8; id++) {
		graph_twins_of(&names, &g, id, &twins);
		assert_int_equal(twins.nr + twins.total, 0);
	}
}

static void nothing_has_no_names(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_names names = {.nr = 1};

	(void)state;
	graph_sort(&g);
	graph_twins_init(&names, &g);
	assert_int_equal(names.nr, 0);
	assert_string_equal(graph_map_name(&g, 1), "");
	assert_string_equal(graph_program_name(&g, 1), "");
}

static void names_come_whole_from_btf_or_pins(void **state)
{
	auto_graph g = GRAPH_INIT;
	bool cut = false;

	(void)state;
	graph_add_map(&g, &(struct graph_map){.id = 1,
					      .name = "whole_by_type_information",
					      .whole = true});
	a_map(&g, 2, "exactly_fifteen");
	a_map(&g, 3, "exactly_fifteen");
	graph_add_pin(&g, GRAPH_OF_MAP, 3, "/b/exactly_fifteen");
	graph_add_program(&g,
			  &(struct graph_program){.id = 4, .name = "exactly_fifteen"});
	graph_add_program(&g,
			  &(struct graph_program){.id = 5, .name = "exactly_fifteen"});
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 5, "/b/exactly_fifteen_and_more");
	graph_sort(&g);
	assert_string_equal(graph_map_name(&g, 1), "whole_by_type_information");
	assert_true(
		graph_map_has_name(&g, &g.maps[0], "whole_by_type_information", &cut));
	assert_false(graph_map_has_name(&g, &g.maps[0], "whole_by_type_i", &cut));
	assert_false(graph_map_is_cut(&g, &g.maps[0]));
	assert_true(graph_map_is_cut(&g, &g.maps[1]));
	assert_false(graph_map_is_cut(&g, &g.maps[2]));
	assert_false(cut);
	assert_true(graph_program_is_cut(&g, &g.programs[0]));
	assert_false(graph_program_is_cut(&g, &g.programs[1]));
	assert_string_equal(graph_program_name(&g, 5), "exactly_fifteen_and_more");
}

static const struct graph_map *map_of(struct graph *g, const char *name, bool whole,
				      const char *pin)
{
	graph_add_map(g, &(struct graph_map){.id = 1, .name = name, .whole = whole});
	if (pin)
		graph_add_pin(g, GRAPH_OF_MAP, 1, pin);
	graph_sort(g);
	return graph_find_map(g, 1);
}

static void maps_whose_name_is_cut(void **state)
{
	static const struct {
		const char *name;
		bool whole;
		const char *pin, *best;
		bool cut;
	} maps[] = {
		{"fifteen_letters", false, NULL, "fifteen_letters", true},
		{"fifteen_letters", true, NULL, "fifteen_letters", false},
		{"fifteen_letters", false, "/b/other", "fifteen_letters", true},
		{"fifteen_letters", false, "fifteen_letters", "fifteen_letters", false},
		{"fifteen_letters", false, "fifteen_letters_more", "fifteen_letters_more",
		 false},
		{"fifteen_letters", true, "fifteen_letters_more", "fifteen_letters",
		 false},
		{"fourteen_bytes", false, "fourteen_bytes_more", "fourteen_bytes", false},
		{"", false, "/b/pinned", "pinned", false},
		{NULL, false, NULL, "", false},
	};

	(void)state;
	for (size_t i = 0; i < array_size(maps); i++) {
		auto_graph g = GRAPH_INIT;
		const struct graph_map *map =
			map_of(&g, maps[i].name, maps[i].whole, maps[i].pin);

		assert_string_equal(graph_map_name(&g, 1), maps[i].best);
		if (graph_map_is_cut(&g, map) != maps[i].cut)
			fail_msg("map %zu", i);
	}
}

static void programs_whose_name_is_cut(void **state)
{
	static const struct {
		const char *name;
		bool whole;
		const char *pin, *best;
		bool cut;
	} programs[] = {
		{"fifteen_letters", false, NULL, "fifteen_letters", true},
		{"fifteen_letters", true, NULL, "fifteen_letters", false},
		{"fifteen_letters", false, "/b/other", "fifteen_letters", true},
		{"fifteen_letters", false, "/b/fifteen_letters_more",
		 "fifteen_letters_more", false},
		{"fifteen_letters", true, "/b/fifteen_letters_more", "fifteen_letters",
		 false},
		{NULL, false, "/b/other", "", false},
	};

	(void)state;
	for (size_t i = 0; i < array_size(programs); i++) {
		auto_graph g = GRAPH_INIT;

		graph_add_program(&g,
				  &(struct graph_program){.id = 1,
							  .name = programs[i].name,
							  .whole = programs[i].whole});
		if (programs[i].pin)
			graph_add_pin(&g, GRAPH_OF_PROGRAM, 1, programs[i].pin);
		graph_sort(&g);
		assert_string_equal(graph_program_name(&g, 1), programs[i].best);
		if (graph_program_is_cut(&g, &g.programs[0]) != programs[i].cut)
			fail_msg("program %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_where_loaders_look),
		cmocka_unit_test(several_pins_of_one_map),
		cmocka_unit_test(a_name_of_the_kernel_and_one_of_a_pin),
		cmocka_unit_test(nothing_has_no_names),
		cmocka_unit_test(names_come_whole_from_btf_or_pins),
		cmocka_unit_test(maps_whose_name_is_cut),
		cmocka_unit_test(programs_whose_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
