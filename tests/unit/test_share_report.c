/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "graph/share_report.h"

#define auto_report auto_release(share_report_release) struct share_report

static void add_map(struct graph *g, uint32_t id, const char *name)
{
	graph_add_map(g, &(struct graph_map){.id = id, .name = name});
}

/* A program on device number ifindex (0: in cgroup 100 + id) that uses map. */
static void add_user(struct graph *g, uint32_t program, uint32_t map, uint32_t ifindex)
{
	graph_add_program(g, &(struct graph_program){.id = program, .name = "p"});
	graph_add_use(g, program, map);
	graph_add_attachment(
		g, &(struct graph_attachment){.program = program,
					      .kind = ifindex ? GRAPH_TC : GRAPH_CGROUP,
					      .ifindex = ifindex,
					      .cgroup_id = ifindex ? 0 : 100 + program});
}

static void ask(struct share_report *r, struct graph *g, const char *name)
{
	graph_sort(g);
	assert_int_equal(share_report_init(r, g, &(struct share_question){.name = name}),
			 0);
	assert_string_equal(r->name, name);
}

static void refuses(struct graph *g, const char *name)
{
	struct share_report r;

	graph_sort(g);
	assert_int_equal(share_report_init(&r, g, &(struct share_question){.name = name}),
			 -ENOENT);
}

static void two_programs_one_map_share(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 42, 27, 0);
	add_user(&g, 41, 27, 2);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_ids, 1);
	assert_int_equal(r.ids[0], 27);
	assert_int_equal(r.nr_programs, 2);
	assert_int_equal(r.users[0].program->id, 41);
	assert_int_equal(r.users[1].program->id, 42);
}

static void one_program_twice_is_single(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 41, 27, 2);
	add_user(&g, 41, 27, 3);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.nr_users, 2);
	assert_int_equal(r.nr_programs, 1);
}

static void two_maps_of_a_name_are_split(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 31, "stats");
	add_map(&g, 27, "stats");
	add_user(&g, 41, 31, 2);
	add_user(&g, 42, 27, 0);
	add_user(&g, 43, 27, 0);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SPLIT);
	assert_int_equal(r.nr_ids, 2);
	assert_int_equal(r.ids[0], 27);
	assert_int_equal(r.ids[1], 31);
	assert_int_equal(r.users[2].map, 31);
}

static void one_program_with_both_maps_is_split(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 31, "stats");
	add_user(&g, 41, 27, 2);
	graph_add_use(&g, 41, 31);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SPLIT);
	assert_int_equal(r.nr_users, 2);
}

static void unattached_users_do_not_count(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, again = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 31, "stats");
	graph_add_program(&g, &(struct graph_program){.id = 41, .name = "p"});
	graph_add_use(&g, 41, 31);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 41, "/sys/fs/bpf/p");
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_UNUSED);
	assert_int_equal(r.nr_ids, 2);
	assert_int_equal(r.nr_users, 0);
	assert_int_equal(r.nr_idle, 0);

	/* With a user on one of them the other is idle: the verdict is about one map. */
	add_user(&g, 42, 27, 2);
	ask(&again, &g, "stats");
	assert_int_equal(again.verdict, SHARE_SINGLE);
	assert_int_equal(again.nr_ids, 1);
	assert_int_equal(again.nr_idle, 1);
	assert_int_equal(again.idle[0], 31);
}

static void names_are_exact(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 28, "");
	refuses(&g, "stat");
	refuses(&g, "stats2");
	refuses(&g, "");
}

static void pins_give_names(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, other = {.name = NULL};

	(void)state;
	/* Maps made by old tc have no name of their own. */
	add_map(&g, 27, "");
	add_map(&g, 31, "stats");
	graph_add_pin(&g, GRAPH_OF_MAP, 27, "/sys/fs/bpf/tc/globals/stats");
	graph_add_pin(&g, GRAPH_OF_MAP, 31, "/sys/fs/bpf/elsewhere");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 31, 0);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SPLIT);
	assert_false(r.cut);
	ask(&other, &g, "elsewhere");
	assert_int_equal(other.verdict, SHARE_SINGLE);
	assert_string_equal(graph_map_name(&g, 27), "stats");
	assert_string_equal(graph_map_name(&g, 31), "stats");
	refuses(&g, "globals");
}

static void long_names_are_cut_and_said(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, pinned = {.name = NULL}, cut = {.name = NULL};

	(void)state;
	add_map(&g, 27, "a_long_map_name");
	add_user(&g, 41, 27, 2);
	ask(&r, &g, "a_long_map_name_of_mine");
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_true(r.cut);
	ask(&cut, &g, "a_long_map_name");
	assert_false(cut.cut);
	refuses(&g, "a_long_map_nam");

	/* A pin that continues it tells the whole name: others no longer fit. */
	graph_add_pin(&g, GRAPH_OF_MAP, 27,
		      "/sys/fs/bpf/tc/globals/a_long_map_name_of_mine");
	ask(&pinned, &g, "a_long_map_name_of_mine");
	assert_false(pinned.cut);
	refuses(&g, "a_long_map_name_of_yours");
	refuses(&g, "a_long_map_name");
	assert_string_equal(graph_map_name(&g, 27), "a_long_map_name_of_mine");
}

static void a_map_by_id_needs_no_name(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "");
	add_map(&g, 28, "");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 28, 2);
	graph_sort(&g);
	assert_string_equal(graph_map_name(&g, 27), "");
	assert_int_equal(share_report_init(
				 &r, &g, &(struct share_question){.name = "", .map = 27}),
			 0);
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.ids[0], 27);
}

/* Which of the devices of its number an XDP link stands on is not known. */
static void a_link_on_some_device_is_at_no_named_one(void **state)
{
	const struct share_place places[] = {
		{.kind = GRAPH_XDP, .ifindex = 2, .netns_ino = 7},
		{.kind = GRAPH_CGROUP, .cgroup_id = 142},
	};
	struct share_question q = {.name = "stats", .places = places, .nr_places = 2};
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, anywhere = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	graph_add_program(&g, &(struct graph_program){.id = 41, .name = "x", .type = 6});
	graph_add_use(&g, 41, 27);
	graph_add_attachment(&g, &(struct graph_attachment){.program = 41,
							    .kind = GRAPH_XDP,
							    .link_id = 9,
							    .ifindex = 2});
	add_user(&g, 42, 27, 0);
	graph_sort(&g);
	assert_int_equal(share_report_init(&r, &g, &q), 0);
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.nr_missing, 1);
	q.nr_places = 0;
	assert_int_equal(share_report_init(&anywhere, &g, &q), 0);
	assert_int_equal(anywhere.verdict, SHARE_SHARED);
}

static void places_restrict(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, elsewhere = {.name = NULL}, both = {.name = NULL};
	const struct share_place places[] = {
		{.kind = GRAPH_TC, .ifindex = 2},
		{.kind = GRAPH_CGROUP, .cgroup_id = 142},
	};
	const struct share_place other_netns = {
		.kind = GRAPH_TC, .ifindex = 2, .netns = "a"};
	struct share_question q = {.name = "stats", .places = places, .nr_places = 1};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 31, "stats");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 27, 0);
	add_user(&g, 43, 31, 3);
	add_user(&g, 44, 31, 0);
	graph_sort(&g);
	assert_int_equal(share_report_init(&r, &g, &q), 0);
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.users[0].program->id, 41);
	q.nr_places = 2;
	assert_int_equal(share_report_init(&both, &g, &q), 0);
	assert_int_equal(both.verdict, SHARE_SHARED);
	assert_int_equal(both.nr_idle, 1);
	q = (struct share_question){
		.name = "stats", .places = &other_netns, .nr_places = 1};
	assert_int_equal(share_report_init(&elsewhere, &g, &q), 0);
	assert_int_equal(elsewhere.verdict, SHARE_UNUSED);
}

static void tail_called_programs_count(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 12, "jumps");
	add_user(&g, 41, 27, 2);
	graph_add_use(&g, 41, 12);
	graph_add_program(&g, &(struct graph_program){.id = 44, .name = "called"});
	graph_add_use(&g, 44, 27);
	graph_add_slot(&g, &(struct graph_slot){
				   .map = 12, .program = 44, .has_key = true, .key = 3});
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_users, 2);
	assert_null(r.users[0].call);
	assert_int_equal(r.users[1].program->id, 44);
	assert_int_equal(r.users[1].at->ifindex, 2);
	assert_int_equal(r.users[1].call->key, 3);
}

static void what_hangs_in_one_outer_map_is_not_split(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, split = {.name = NULL};

	(void)state;
	add_map(&g, 30, "outer");
	add_map(&g, 31, "inner");
	add_map(&g, 32, "inner");
	add_user(&g, 41, 30, 2);
	add_user(&g, 42, 30, 0);
	for (uint32_t i = 0; i < 2; i++)
		graph_add_slot(&g, &(struct graph_slot){.map = 30,
							.inner = 31 + i,
							.has_key = true,
							.key = i});
	ask(&r, &g, "inner");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_ids, 2);
	assert_int_equal(r.nr_programs, 2);
	assert_int_equal(r.users[0].inner->map, 30);
	/* Somebody who has one of them without the outer map does not see the other. */
	add_user(&g, 43, 31, 0);
	ask(&split, &g, "inner");
	assert_int_equal(split.verdict, SHARE_SPLIT);
}

static void the_same_contents_of_several_outer_maps_are_shared(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 29, "outer");
	add_map(&g, 30, "outer2");
	add_map(&g, 31, "inner");
	add_map(&g, 32, "inner");
	add_user(&g, 41, 29, 2);
	graph_add_use(&g, 41, 30);
	add_user(&g, 42, 30, 0);
	/* 41 meets map 31 in both. */
	graph_add_slot(&g, &(struct graph_slot){.map = 29, .inner = 31});
	graph_add_slot(&g, &(struct graph_slot){.map = 30, .inner = 31});
	graph_add_slot(&g, &(struct graph_slot){.map = 30, .inner = 32});
	ask(&r, &g, "inner");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_ids, 2);
}

static void of_many_ways_by_tail_calls_the_first_are_listed(void **state)
{
	enum { PROGRAMS = 50 };
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 12, "jumps");
	for (uint32_t i = 1; i <= PROGRAMS; i++) {
		add_user(&g, i, 27, i);
		graph_add_use(&g, i, 12);
		graph_add_slot(&g, &(struct graph_slot){.map = 12, .program = i});
	}
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_programs, PROGRAMS);
	assert_int_equal(r.nr_users + r.nr_more, PROGRAMS * PROGRAMS);
	/* Itself, and eight that call it. */
	assert_int_equal(r.nr_users, 9 * PROGRAMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_programs_one_map_share),
		cmocka_unit_test(one_program_twice_is_single),
		cmocka_unit_test(two_maps_of_a_name_are_split),
		cmocka_unit_test(one_program_with_both_maps_is_split),
		cmocka_unit_test(unattached_users_do_not_count),
		cmocka_unit_test(names_are_exact),
		cmocka_unit_test(pins_give_names),
		cmocka_unit_test(long_names_are_cut_and_said),
		cmocka_unit_test(a_map_by_id_needs_no_name),
		cmocka_unit_test(places_restrict),
		cmocka_unit_test(a_link_on_some_device_is_at_no_named_one),
		cmocka_unit_test(tail_called_programs_count),
		cmocka_unit_test(what_hangs_in_one_outer_map_is_not_split),
		cmocka_unit_test(the_same_contents_of_several_outer_maps_are_shared),
		cmocka_unit_test(of_many_ways_by_tail_calls_the_first_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
