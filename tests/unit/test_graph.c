/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph.h"

static void strings_are_copied(void **state)
{
	auto_graph g = GRAPH_INIT;
	char name[] = "stats", dev[] = "eth0", path[] = "/sys/fs/bpf/stats";

	(void)state;
	graph_add_map(&g, &(struct graph_map){.id = 7, .name = name});
	graph_add_attachment(&g, &(struct graph_attachment){.program = 1, .dev = dev});
	graph_add_pin(&g, GRAPH_OF_MAP, 7, path);
	memset(name, 'x', sizeof(name) - 1);
	memset(dev, 'x', sizeof(dev) - 1);
	memset(path, 'x', sizeof(path) - 1);
	assert_string_equal(g.maps[0].name, "stats");
	assert_string_equal(g.attachments[0].dev, "eth0");
	assert_string_equal(g.pins[0].path, "/sys/fs/bpf/stats");
}

static void one_id_is_one_node(void **state)
{
	auto_graph g = GRAPH_INIT;
	const struct graph_map *map;
	const struct graph_program *program;

	(void)state;
	graph_add_map(&g, &(struct graph_map){.id = 9, .name = "other"});
	graph_add_map(&g, &(struct graph_map){.id = 7, .key_size = 4});
	graph_add_map(&g, &(struct graph_map){.id = 7, .name = "stats", .type = 1});
	graph_add_program(&g,
			  &(struct graph_program){.id = 3, .name = "", .tag = {1, 2}});
	graph_add_program(&g,
			  &(struct graph_program){.id = 3, .name = "count", .type = 3});
	graph_sort(&g);
	assert_int_equal(g.nr_maps, 2);
	assert_int_equal(g.nr_programs, 1);
	map = graph_find_map(&g, 7);
	assert_non_null(map);
	assert_string_equal(map->name, "stats");
	assert_int_equal(map->key_size, 4);
	assert_int_equal(map->type, 1);
	program = graph_find_program(&g, 3);
	assert_non_null(program);
	assert_string_equal(program->name, "count");
	assert_int_equal(program->tag[1], 2);
	assert_int_equal(program->type, 3);
	assert_null(graph_find_map(&g, 8));
	assert_null(graph_find_program(&g, 7));
	/* Entries are counted once; a name that nobody knows stays unknown. */
	for (uint64_t entries = 5; entries < 7; entries++)
		graph_add_map(&g, &(struct graph_map){
					  .id = 9, .counted = true, .entries = entries});
	graph_add_map(&g, &(struct graph_map){.id = 10});
	graph_add_map(&g, &(struct graph_map){.id = 10, .name = ""});
	graph_sort(&g);
	assert_int_equal(g.nr_maps, 3);
	map = graph_find_map(&g, 9);
	assert_true(map->counted);
	assert_int_equal(map->entries, 5);
	map = graph_find_map(&g, 10);
	assert_true(!map->name || !*map->name);
}

static void equal_edges_are_one(void **state)
{
	auto_graph g = GRAPH_INIT;
	const struct graph_use *uses;
	const struct graph_pin *pins;
	size_t nr;

	(void)state;
	for (int i = 0; i < 3; i++) {
		graph_add_use(&g, 5, 8);
		graph_add_use(&g, 5, 7);
		graph_add_use(&g, 4, 7);
		graph_add_pin(&g, GRAPH_OF_MAP, 7, "/b");
		graph_add_pin(&g, GRAPH_OF_MAP, 7, "/a");
		graph_add_hidden(&g, GRAPH_FROM_NET, "netns %d", i % 2);
	}
	graph_sort(&g);
	assert_int_equal(g.nr_uses, 3);
	assert_int_equal(g.nr_hidden, 2);
	assert_string_equal(g.hidden[1].text, "netns 1");
	uses = graph_find_uses(&g, 5, &nr);
	assert_int_equal(nr, 2);
	assert_int_equal(uses[0].map, 7);
	assert_int_equal(uses[1].map, 8);
	assert_null(graph_find_uses(&g, 6, &nr));
	assert_int_equal(nr, 0);
	pins = graph_find_pins(&g, GRAPH_OF_MAP, 7, &nr);
	assert_int_equal(nr, 2);
	assert_string_equal(pins[0].path, "/a");
	assert_null(graph_find_pins(&g, GRAPH_OF_MAP, 8, &nr));
}

static void every_place_counts(void **state)
{
	/* Each differs from the first in one thing that makes it another place. */
	static const struct graph_attachment places[] = {
		{.program = 1, .kind = GRAPH_TC, .dev = "v0", .ifindex = 2, .pref = 1},
		{.program = 1, .kind = GRAPH_TC, .dev = "v0", .ifindex = 2, .pref = 2},
		{.program = 1,
		 .kind = GRAPH_TC,
		 .dev = "v0",
		 .ifindex = 2,
		 .pref = 1,
		 .handle = 1},
		{.program = 1,
		 .kind = GRAPH_TC,
		 .dev = "v0",
		 .ifindex = 2,
		 .pref = 1,
		 .chain = 1},
		{.program = 1,
		 .kind = GRAPH_TC,
		 .dev = "v0",
		 .ifindex = 2,
		 .pref = 1,
		 .block = 1},
		{.program = 1,
		 .kind = GRAPH_TC,
		 .dev = "v0",
		 .ifindex = 2,
		 .pref = 1,
		 .hook = GRAPH_EGRESS},
		{.program = 1, .kind = GRAPH_TC, .dev = "v0", .ifindex = 3, .pref = 1},
		{.program = 1, .kind = GRAPH_TC, .dev = "v1", .ifindex = 2, .pref = 1},
		{.program = 1,
		 .kind = GRAPH_TC,
		 .netns = "a",
		 .dev = "v0",
		 .ifindex = 2,
		 .pref = 1},
		{.program = 2, .kind = GRAPH_TC, .dev = "v0", .ifindex = 2, .pref = 1},
		{.program = 1, .kind = GRAPH_CGROUP, .path = "/a"},
		{.program = 1, .kind = GRAPH_CGROUP, .path = "/b"},
		{.program = 1, .kind = GRAPH_CGROUP, .path = "/a", .attach_type = 1},
	};
	auto_graph g = GRAPH_INIT;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < array_size(places); i++)
			graph_add_attachment(&g, &places[i]);
	graph_sort(&g);
	assert_int_equal(g.nr_attachments, array_size(places));
	/* By program, the caller's namespace first. */
	assert_int_equal(g.attachments[array_size(places) - 1].program, 2);
	assert_null(g.attachments[0].netns);
}

static void dropped_attachments_are_gone(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	for (uint32_t i = 1; i <= 9; i++)
		graph_add_attachment(&g, &(struct graph_attachment){.program = i,
								    .dev = "d"});
	graph_drop_attachments(&g, 4);
	assert_int_equal(g.nr_attachments, 4);
	/* Room is implied by the number: adding goes on from there. */
	for (uint32_t i = 0; i < 20; i++)
		graph_add_attachment(&g, &(struct graph_attachment){.program = 100 + i});
	assert_int_equal(g.attachments[3].program, 4);
	assert_int_equal(g.attachments[4].program, 100);
	assert_int_equal(g.nr_attachments, 24);
}

static void merging_moves_all(void **state)
{
	auto_graph a = GRAPH_INIT, b = GRAPH_INIT;

	(void)state;
	graph_add_map(&a, &(struct graph_map){.id = 7});
	graph_add_map(&b, &(struct graph_map){.id = 7, .name = "stats"});
	graph_add_program(&b, &(struct graph_program){.id = 3, .name = "p"});
	graph_add_attachment(&b, &(struct graph_attachment){.program = 3, .dev = "v0"});
	graph_add_use(&b, 3, 7);
	graph_add_pin(&b, GRAPH_OF_MAP, 7, "/x");
	graph_add_hidden(&b, GRAPH_FROM_NET, "much");
	graph_add_slot(&b, &(struct graph_slot){.map = 7, .program = 3});
	graph_add_link(&b, &(struct graph_link){.id = 8, .program = 3});
	assert_true(graph_add_netns(&b, 4711));
	graph_merge(&a, &b);
	assert_false(graph_add_netns(&a, 4711));
	assert_int_equal(a.slots[0].program, 3);
	assert_int_equal(a.links[0].id, 8);
	assert_int_equal(b.nr_slots + b.nr_links + b.nr_netns, 0);
	assert_int_equal(b.nr_maps + b.nr_programs + b.nr_attachments + b.nr_hidden, 0);
	assert_null(b.maps);
	graph_sort(&a);
	assert_int_equal(a.nr_maps, 1);
	assert_string_equal(a.maps[0].name, "stats");
	assert_string_equal(a.attachments[0].dev, "v0");
	assert_int_equal(a.nr_uses + a.nr_pins + a.nr_hidden, 3);
}

static int merge_two(void *arg)
{
	auto_graph a = GRAPH_INIT, b = GRAPH_INIT;
	char name[] = "stats", netns[] = "blue", dev[] = "v0";

	(void)arg;
	for (uint32_t id = 1; id < 10; id++) {
		graph_add_map(&a, &(struct graph_map){.id = id, .name = name});
		graph_add_program(&b, &(struct graph_program){.id = id, .name = name});
		graph_add_attachment(&b, &(struct graph_attachment){.program = id,
								    .netns = netns,
								    .dev = dev,
								    .path = name});
		graph_add_pin(&b, GRAPH_OF_MAP, id, name);
		graph_add_holder(&b, &(struct graph_holder){.id = id, .comm = name});
		graph_add_hidden_at(
			&b, &(struct graph_hidden){.netns = netns, .dev = dev}, "%u", id);
		graph_add_map(&b, &(struct graph_map){.id = id, .name = name});
	}
	graph_merge(&a, &b);
	return (int)a.nr_maps;
}

/* A string that two graphs, or a graph and its caller, own would be freed twice. */
static void strings_have_one_owner_where_memory_ends(void **state)
{
	unsigned long nth = 0;
	int r;

	(void)state;
	do {
		alloc_fail_at(++nth);
		r = alloc_guard(merge_two, NULL);
		assert_true(r == (alloc_has_failed() ? -ENOMEM : 18));
	} while (r < 0);
	alloc_fail_at(0);
	assert_true(nth > 100);
}

static void empty_is_fine(void **state)
{
	auto_graph g = GRAPH_INIT, other = GRAPH_INIT;
	size_t nr;

	(void)state;
	graph_merge(&g, &other);
	graph_sort(&g);
	assert_null(graph_find_map(&g, 1));
	assert_null(graph_find_program(&g, 1));
	assert_null(graph_find_uses(&g, 1, &nr));
	assert_null(graph_find_pins(&g, GRAPH_OF_MAP, 1, &nr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(one_id_is_one_node),
		cmocka_unit_test(equal_edges_are_one),
		cmocka_unit_test(every_place_counts),
		cmocka_unit_test(dropped_attachments_are_gone),
		cmocka_unit_test(merging_moves_all),
		cmocka_unit_test(strings_have_one_owner_where_memory_ends),
		cmocka_unit_test(empty_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
