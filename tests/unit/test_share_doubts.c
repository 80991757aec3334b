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

static void an_unexplained_program_makes_it_unknown(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, placed = {.name = NULL}, split = {.name = NULL};
	const struct share_place place = {.kind = GRAPH_TC, .ifindex = 2};
	const struct share_question q = {
		.name = "stats", .places = &place, .nr_places = 1};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 31, "stats");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 27, 2);
	/* Nothing keeps it as far as one can see. */
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "p", .type = 3});
	graph_add_use(&g, 43, 31);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_UNKNOWN);
	assert_int_equal(r.nr_unseen, 1);
	assert_int_equal(r.unseen[0].program->id, 43);
	assert_int_equal(r.unseen[0].map, 31);
	assert_int_equal(r.nr_users, 2);
	/* Elsewhere is elsewhere. */
	assert_int_equal(share_report_init(&placed, &g, &q), 0);
	assert_int_equal(placed.verdict, SHARE_SHARED);
	assert_int_equal(placed.nr_unseen, 1);
	/* Two maps are seen in use: that stays true. */
	add_user(&g, 44, 31, 0);
	ask(&split, &g, "stats");
	assert_int_equal(split.verdict, SHARE_SPLIT);
}

static void a_pin_does_not_explain_what_hides(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "p", .type = 1});
	graph_add_use(&g, 43, 27);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 43, "/sys/fs/bpf/socket_filter");
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_UNKNOWN);
	assert_int_equal(r.nr_unseen, 1);
}

static void a_slot_of_its_own_explains_nothing(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 12, "jumps");
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "p", .type = 3});
	graph_add_use(&g, 43, 27);
	graph_add_use(&g, 43, 12);
	graph_add_slot(&g, &(struct graph_slot){.map = 12, .program = 43});
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_UNKNOWN);
}

static void a_dead_link_is_no_attachment(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 41, 27, 2);
	graph_add_program(&g, &(struct graph_program){.id = 42, .name = "p", .type = 8});
	graph_add_use(&g, 42, 27);
	graph_add_link(&g, &(struct graph_link){.id = 7,
						.type = 3,
						.program = 42,
						.kind = GRAPH_CGROUP,
						.dead = true});
	graph_add_pin(&g, GRAPH_OF_LINK, 7, "/sys/fs/bpf/l");
	graph_join_links(&g);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.nr_unseen, 0);
	assert_int_equal(r.nr_dead, 1);
	assert_int_equal(r.dead[0].program->id, 42);
	assert_int_equal(r.dead[0].at->link_id, 7);
	assert_string_equal(r.dead[0].pin->path, "/sys/fs/bpf/l");
}

static void every_place_contributes(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};
	const struct share_place places[] = {
		{.kind = GRAPH_TC, .ifindex = 2},
		{.kind = GRAPH_CGROUP, .cgroup_id = 7},
	};
	const struct share_question q = {
		.name = "stats", .places = places, .nr_places = 2};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 27, 2);
	graph_sort(&g);
	assert_int_equal(share_report_init(&r, &g, &q), 0);
	assert_int_equal(r.verdict, SHARE_SINGLE);
	assert_int_equal(r.nr_missing, 1);
	assert_int_equal(r.missing[0], 1);
}

static void what_was_not_seen_makes_it_unknown(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report all = {.name = NULL}, here = {.name = NULL}, there = {.name = NULL};
	const struct share_place v0 = {.kind = GRAPH_TC, .ifindex = 2, .name = "v0"};
	const struct share_place cgroup = {.kind = GRAPH_CGROUP, .cgroup_id = 141};
	struct share_question q = {.name = "stats", .places = &v0, .nr_places = 1};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 41, 27, 2);
	add_user(&g, 42, 27, 2);
	graph_add_hidden(&g, GRAPH_FROM_OPEN, "open files of 3 processes");
	graph_add_hidden(&g, GRAPH_FROM_NAME, "names");
	graph_add_hidden_at(&g,
			    &(struct graph_hidden){.source = GRAPH_FROM_CGROUP,
						   .placed = true,
						   .cgroup_id = 141},
			    "cgroup %d", 141);
	graph_sort(&g);
	assert_int_equal(share_report_init(&here, &g, &q), 0);
	assert_int_equal(here.verdict, SHARE_SHARED);
	q.places = &cgroup;
	assert_int_equal(share_report_init(&there, &g, &q), 0);
	assert_int_equal(there.verdict, SHARE_UNKNOWN);
	assert_int_equal(there.nr_hidden, 1);
	assert_string_equal(there.hidden[0]->text, "cgroup 141");
	ask(&all, &g, "stats");
	assert_int_equal(all.verdict, SHARE_UNKNOWN);
	assert_int_equal(all.nr_hidden, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unexplained_program_makes_it_unknown),
		cmocka_unit_test(a_pin_does_not_explain_what_hides),
		cmocka_unit_test(a_slot_of_its_own_explains_nothing),
		cmocka_unit_test(a_dead_link_is_no_attachment),
		cmocka_unit_test(every_place_contributes),
		cmocka_unit_test(what_was_not_seen_makes_it_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
