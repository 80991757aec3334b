/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "graph/graph_names.h"
#include "graph/graph_reach.h"

static void program(struct graph *g, uint32_t id, uint32_t map)
{
	graph_add_program(g, &(struct graph_program){.id = id, .name = "p", .type = 3});
	graph_add_use(g, id, map);
}

static void map(struct graph *g, uint32_t id, const char *name)
{
	graph_add_map(g, &(struct graph_map){.id = id, .name = name, .type = 1});
}

static void attach(struct graph *g, uint32_t id)
{
	graph_add_attachment(g, &(struct graph_attachment){.program = id, .ifindex = 2});
}

/* 1 is attached and calls 2, 2 calls 3 and itself and 1 again; 4 is called by nobody. */
static void chain(struct graph *g)
{
	for (uint32_t i = 1; i <= 4; i++)
		program(g, i, 10 + i);
	for (uint32_t i = 11; i <= 14; i++)
		map(g, i, "");
	map(g, 20, "first");
	map(g, 21, "second");
	graph_add_use(g, 1, 20);
	graph_add_use(g, 2, 21);
	graph_add_slot(g, &(struct graph_slot){.map = 20, .program = 2, .has_key = true});
	graph_add_slot(g, &(struct graph_slot){
				  .map = 21, .program = 3, .has_key = true, .key = 1});
	graph_add_slot(g, &(struct graph_slot){
				  .map = 21, .program = 2, .has_key = true, .key = 2});
	graph_add_slot(g, &(struct graph_slot){
				  .map = 21, .program = 1, .has_key = true, .key = 3});
	/* A program that went away after its slot was read. */
	graph_add_slot(g, &(struct graph_slot){
				  .map = 21, .program = 9, .has_key = true, .key = 4});
	attach(g, 1);
	graph_add_pin(g, GRAPH_OF_PROGRAM, 4, "/sys/fs/bpf/p");
	graph_sort(g);
}

static const struct graph_user *user(const struct graph_reach *r, uint32_t id)
{
	size_t nr;
	const struct graph_user *u = graph_reach_find(r, id, &nr);

	assert_int_equal(nr, 1);
	return u;
}

static void tail_calls_are_followed_through_cycles(void **state)
{
	auto_release(graph_reach_release) struct graph_reach r = {.nr_users = 0};
	auto_graph g = GRAPH_INIT;

	(void)state;
	chain(&g);
	graph_reach_init(&r, &g);
	assert_int_equal(user(&r, 11)->root, 1);
	assert_null(user(&r, 11)->call);
	assert_int_equal(user(&r, 12)->root, 1);
	assert_int_equal(user(&r, 12)->call->map, 20);
	assert_int_equal(user(&r, 13)->root, 1);
	assert_int_equal(user(&r, 13)->call->map, 21);
	assert_int_equal(user(&r, 13)->call->key, 1);
	assert_int_equal(user(&r, 14)->root, 0);
	assert_int_equal(user(&r, 14)->program, 4);
	assert_int_equal(r.nr_users, 6);
}

static void what_an_own_attachment_does_is_told_beside(void **state)
{
	auto_release(graph_reach_release) struct graph_reach r = {.nr_users = 0};
	auto_graph g = GRAPH_INIT;
	const struct graph_user *users;
	size_t nr;

	(void)state;
	chain(&g);
	attach(&g, 3);
	graph_sort(&g);
	graph_reach_init(&r, &g);
	users = graph_reach_find(&r, 13, &nr);
	assert_int_equal(nr, 2);
	assert_int_equal(users[0].root, 1);
	assert_int_equal(users[1].root, 3);
	assert_null(users[1].call);
}

static void maps_in_maps_have_the_users_of_the_outer_one(void **state)
{
	auto_release(graph_reach_release) struct graph_reach r = {.nr_users = 0};
	auto_graph g = GRAPH_INIT;
	const struct graph_user *users;
	size_t nr;

	(void)state;
	map(&g, 30, "outer");
	map(&g, 31, "inner");
	program(&g, 1, 30);
	program(&g, 2, 30);
	graph_add_use(&g, 2, 31);
	graph_add_slot(&g, &(struct graph_slot){.map = 30, .inner = 31});
	attach(&g, 1);
	attach(&g, 2);
	graph_sort(&g);
	graph_reach_init(&r, &g);
	users = graph_reach_find(&r, 31, &nr);
	assert_int_equal(nr, 2);
	assert_int_equal(users[0].program, 1);
	assert_int_equal(users[0].inner->map, 30);
	/* Program 2 has it in its code as well, and that says more. */
	assert_int_equal(users[1].program, 2);
	assert_null(users[1].inner);
	assert_null(graph_reach_find(&r, 99, &nr));
}

static void widening_takes_what_leads_there(void **state)
{
	static const uint32_t one[] = {13};
	auto_release(graph_reach_release) struct graph_reach r = {.nr_users = 0};
	auto_graph g = GRAPH_INIT;
	uint32_t *wide;
	size_t nr;

	(void)state;
	chain(&g);
	graph_reach_init(&r, &g);
	nr = graph_reach_widen(&r, &g, one, 1, &wide);
	assert_int_equal(nr, 3);
	assert_int_equal(wide[0], 13);
	assert_int_equal(wide[1], 20);
	assert_int_equal(wide[2], 21);
	free(wide);
}

/* From any of them to both, however often it is named; what is not there leads nowhere. */
static void widening_follows_maps_in_maps(void **state)
{
	static const uint32_t starts[][3] = {{5}, {7}, {7, 5, 7}, {5, 99}, {98, 99}, {0}};
	static const size_t nr[] = {1, 1, 3, 2, 2, 0}, want[] = {2, 2, 2, 2, 0, 0};
	auto_release(graph_reach_release) struct graph_reach r = {.nr_users = 0};
	auto_graph g = GRAPH_INIT;

	(void)state;
	map(&g, 5, "outer");
	map(&g, 6, "alone");
	map(&g, 7, "inner");
	program(&g, 1, 5);
	graph_add_slot(&g, &(struct graph_slot){.map = 5, .inner = 7});
	graph_add_slot(&g, &(struct graph_slot){.map = 5, .inner = 98});
	attach(&g, 1);
	graph_sort(&g);
	graph_reach_init(&r, &g);
	for (size_t i = 0; i < 6; i++) {
		uint32_t *wide;

		assert_int_equal(graph_reach_widen(&r, &g, starts[i], nr[i], &wide),
				 want[i]);
		if (want[i]) {
			assert_int_equal(wide[0], 5);
			assert_int_equal(wide[1], 7);
		}
		free(wide);
	}
}

/* --- links --- */

static void link_of(struct graph *g, uint32_t id, enum graph_attach_kind kind,
		    uint32_t program_id, uint64_t cgroup)
{
	graph_add_link(g, &(struct graph_link){.id = id,
					       .type = 3,
					       .program = program_id,
					       .kind = kind,
					       .attach_type = 1,
					       .cgroup_id = cgroup});
}

static void in_cgroup(struct graph *g, uint32_t program_id, uint64_t cgroup, uint32_t nth)
{
	graph_add_attachment(g, &(struct graph_attachment){.program = program_id,
							   .kind = GRAPH_CGROUP,
							   .path = "/c",
							   .cgroup_id = cgroup,
							   .attach_type = 1,
							   .nth = nth});
}

static void links_and_queries_become_one(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	in_cgroup(&g, 1, 50, 0);
	in_cgroup(&g, 1, 50, 1);
	in_cgroup(&g, 2, 50, 0);
	link_of(&g, 7, GRAPH_CGROUP, 1, 50);
	/* One in a cgroup that was not seen, one of a kind of its own, one of no program. */
	link_of(&g, 8, GRAPH_CGROUP, 1, 51);
	link_of(&g, 9, GRAPH_LINK, 2, 0);
	link_of(&g, 10, GRAPH_LINK, 0, 0);
	/* A query of tcx tells the link. */
	graph_add_attachment(&g, &(struct graph_attachment){.program = 3,
							    .kind = GRAPH_TCX,
							    .dev = "v0",
							    .ifindex = 2,
							    .attach_type = 46,
							    .link_id = 11});
	graph_add_link(&g, &(struct graph_link){.id = 11,
						.program = 3,
						.kind = GRAPH_TCX,
						.attach_type = 46,
						.ifindex = 2});
	graph_join_links(&g);
	graph_sort(&g);
	assert_int_equal(g.nr_attachments, 6);
	assert_null(g.attachments[0].path);
	assert_int_equal(g.attachments[0].link_id, 8);
	assert_int_equal(g.attachments[1].link_id + g.attachments[2].link_id, 7);
	assert_int_equal(g.attachments[3].kind, GRAPH_CGROUP);
	assert_int_equal(g.attachments[3].link_id, 0);
	assert_int_equal(g.attachments[4].kind, GRAPH_LINK);
	assert_int_equal(g.attachments[4].link_id, 9);
	assert_int_equal(g.attachments[5].link_id, 11);
}

/* --- names --- */

static void twins(const struct graph *g, uint32_t id, size_t nr, uint32_t first)
{
	auto_release(graph_names_release) struct graph_names n = {.nr = 0};
	struct graph_twins t;

	graph_twins_init(&n, g);
	graph_twins_of(&n, g, id, &t);
	assert_int_equal(t.total, nr);
	assert_int_equal(t.nr, nr < GRAPH_TWINS_LISTED ? nr : GRAPH_TWINS_LISTED);
	if (nr)
		assert_int_equal(t.maps[0], first);
}

static void twins_share_a_name_of_the_kernel_or_of_a_pin(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	map(&g, 1, "stats");
	map(&g, 2, "stats");
	map(&g, 3, "");
	map(&g, 4, "");
	map(&g, 5, "other");
	map(&g, 6, "a_long_map_name");
	map(&g, 7, "a_long_map_name");
	for (uint32_t i = 8; i < 10; i++)
		graph_add_map(&g, &(struct graph_map){
					  .id = i, .name = "obj.rodata", .type = 2});
	graph_add_pin(&g, GRAPH_OF_MAP, 3, "/b/stats");
	graph_add_pin(&g, GRAPH_OF_MAP, 7, "/b/a_long_map_name_of_mine");
	graph_sort(&g);
	twins(&g, 1, 2, 2);
	twins(&g, 2, 2, 1);
	twins(&g, 3, 2, 1);
	twins(&g, 4, 0, 0);
	twins(&g, 5, 0, 0);
	twins(&g, 6, 0, 0);
	twins(&g, 8, 0, 0);
}

static void a_map(struct graph *g, uint32_t id, uint32_t type, const char *pin)
{
	graph_add_map(g, &(struct graph_map){.id = id, .name = "events", .type = type});
	if (pin)
		graph_add_pin(g, GRAPH_OF_MAP, id, pin);
}

static void types_and_own_directories_are_no_twins(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	a_map(&g, 1, 1, "/sys/fs/bpf/app1/events");
	a_map(&g, 2, 2, "/sys/fs/bpf/app2/events");
	a_map(&g, 3, 2, "/sys/fs/bpf/app3/events");
	graph_sort(&g);
	twins(&g, 1, 0, 0);
	twins(&g, 2, 0, 0);
	/* The place where loaders look, and no pin at all, are everybody's. */
	a_map(&g, 4, 2, "/sys/fs/bpf/tc/globals/events");
	a_map(&g, 5, 2, NULL);
	graph_sort(&g);
	twins(&g, 1, 0, 0);
	twins(&g, 2, 2, 4);
	twins(&g, 4, 3, 2);
	twins(&g, 5, 3, 2);
}

static void many_twins_are_counted(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	for (uint32_t id = 1; id <= 1000; id++)
		a_map(&g, id, 1, NULL);
	graph_sort(&g);
	twins(&g, 1, 999, 2);
	twins(&g, 1000, 999, 1);
}

/* The same program on device 2 of two namespaces, and a link to one of them. */
static void a_link_of_one_of_two_namespaces_stands_alone(void **state)
{
	auto_graph g = GRAPH_INIT;
	size_t nr;
	const struct graph_attachment *ats;

	(void)state;
	program(&g, 1, 11);
	for (int i = 0; i < 2; i++)
		graph_add_attachment(&g,
				     &(struct graph_attachment){.program = 1,
								.kind = GRAPH_XDP,
								.attach_type = 37,
								.dev = "eth0",
								.netns = i ? "b" : "a",
								.ifindex = 2});
	graph_add_link(&g, &(struct graph_link){.id = 7,
						.type = 6,
						.program = 1,
						.kind = GRAPH_XDP,
						.attach_type = 37,
						.ifindex = 2});
	graph_join_links(&g);
	graph_sort(&g);
	ats = graph_find_attachments(&g, 1, &nr);
	assert_int_equal(nr, 3);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(ats[i].link_id, ats[i].netns ? 0 : 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tail_calls_are_followed_through_cycles),
		cmocka_unit_test(what_an_own_attachment_does_is_told_beside),
		cmocka_unit_test(maps_in_maps_have_the_users_of_the_outer_one),
		cmocka_unit_test(widening_takes_what_leads_there),
		cmocka_unit_test(widening_follows_maps_in_maps),
		cmocka_unit_test(links_and_queries_become_one),
		cmocka_unit_test(twins_share_a_name_of_the_kernel_or_of_a_pin),
		cmocka_unit_test(types_and_own_directories_are_no_twins),
		cmocka_unit_test(many_twins_are_counted),
		cmocka_unit_test(a_link_of_one_of_two_namespaces_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
