/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

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

static void in_slot(struct graph *g, uint32_t outer, uint32_t inner)
{
	graph_add_slot(g, &(struct graph_slot){.map = outer, .inner = inner});
}

/* Its own, and those of what it calls: each map once for the one that was not seen. */
static void an_unexplained_program_is_told_once_a_map(void **state)
{
	static const struct {
		uint32_t program, map;
	} unseen[] = {{43, 27}, {44, 27}, {45, 27}, {43, 31}, {45, 31}};
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_map(&g, 31, "stats");
	add_map(&g, 12, "jumps");
	for (uint32_t id = 43; id < 46; id++) {
		graph_add_program(
			&g, &(struct graph_program){.id = id, .name = "p", .type = 3});
		graph_add_use(&g, id, 27);
	}
	graph_add_use(&g, 45, 31);
	graph_add_use(&g, 43, 12);
	for (uint32_t id = 44; id < 46; id++)
		graph_add_slot(&g, &(struct graph_slot){.map = 12,
							.program = id,
							.has_key = true,
							.key = id});
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_UNKNOWN);
	assert_int_equal(r.nr_unseen, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(r.unseen[i].program->id, unseen[i].program);
		assert_int_equal(r.unseen[i].map, unseen[i].map);
	}
}

/* Another user of the one map that all share changes nothing, but makes one user two. */
static void an_unexplained_program_of_the_same_map(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report single = {.name = NULL}, shared = {.name = NULL};

	(void)state;
	add_map(&g, 27, "stats");
	add_user(&g, 41, 27, 2);
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "p", .type = 1});
	graph_add_use(&g, 43, 27);
	ask(&single, &g, "stats");
	assert_int_equal(single.verdict, SHARE_UNKNOWN);
	add_user(&g, 42, 27, 0);
	ask(&shared, &g, "stats");
	assert_int_equal(shared.verdict, SHARE_SHARED);
	assert_int_equal(shared.nr_unseen, 1);
}

/* Maps that both reach through slots are one family, until another one may have one of them. */
static void an_unexplained_program_in_a_family(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL}, doubted = {.name = NULL};

	(void)state;
	add_map(&g, 30, "outer");
	add_map(&g, 31, "stats");
	add_map(&g, 32, "stats");
	in_slot(&g, 30, 31);
	in_slot(&g, 30, 32);
	add_user(&g, 41, 30, 2);
	add_user(&g, 41, 30, 3);
	add_user(&g, 42, 30, 0);
	ask(&r, &g, "stats");
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_ids, 2);
	assert_int_equal(r.nr_users, 6);
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "p", .type = 1});
	graph_add_use(&g, 43, 31);
	ask(&doubted, &g, "stats");
	assert_int_equal(doubted.verdict, SHARE_UNKNOWN);
	assert_int_equal(doubted.nr_unseen, 1);
}

/* Whichever of the maps it is that one of the programs does not have. */
static void a_family_has_all_members(void **state)
{
	(void)state;
	for (uint32_t more = 31; more < 33; more++) {
		auto_graph g = GRAPH_INIT;
		auto_report r = {.name = NULL};

		add_map(&g, 29, "outer");
		add_map(&g, 30, "outer");
		add_map(&g, 31, "stats");
		add_map(&g, 32, "stats");
		in_slot(&g, 29, more);
		in_slot(&g, 30, 31);
		in_slot(&g, 30, 32);
		add_user(&g, 41, 29, 2);
		add_user(&g, 42, 30, 0);
		ask(&r, &g, "stats");
		assert_int_equal(r.verdict, SHARE_SPLIT);
		assert_int_equal(r.nr_ids, 2);
	}
}

/* Where a link is dead nothing is attached, though it tells the place. */
static void a_dead_link_is_at_no_place(void **state)
{
	const struct share_place places[] = {{.kind = GRAPH_CGROUP, .cgroup_id = 7},
					     {.kind = GRAPH_TC, .ifindex = 2}};
	auto_graph g = GRAPH_INIT;

	(void)state;
	add_map(&g, 27, "stats");
	graph_add_program(&g, &(struct graph_program){.id = 42, .name = "p", .type = 8});
	graph_add_use(&g, 42, 27);
	graph_add_attachment(&g, &(struct graph_attachment){.program = 42,
							    .kind = GRAPH_CGROUP,
							    .cgroup_id = 7,
							    .link_id = 9,
							    .dead = true});
	graph_add_attachment(&g, &(struct graph_attachment){.program = 42,
							    .kind = GRAPH_XDP,
							    .ifindex = 2,
							    .link_id = 10});
	graph_sort(&g);
	for (size_t i = 0; i < 2; i++) {
		const struct share_question q = {
			.name = "stats", .places = &places[i], .nr_places = 1};
		auto_report r = {.name = NULL};

		assert_int_equal(share_report_init(&r, &g, &q), 0);
		assert_int_equal(r.verdict, SHARE_UNUSED);
		assert_int_equal(r.nr_missing, 1);
		assert_int_equal(r.nr_dead, 1);
	}
}

/* A namespace has several names, and one number. */
static void namespaces_are_told_by_number(void **state)
{
	static const struct {
		const char *netns;
		uint64_t ino, asked_ino;
		const char *dev, *asked_dev;
		bool there;
	} cases[] = {
		{"blue", 5, 5, NULL, "v0", true},  {"red", 5, 5, NULL, "v0", true},
		{"blue", 6, 5, NULL, "v0", false}, {"blue", 0, 5, NULL, "v0", true},
		{"blue", 5, 0, NULL, "v0", true},  {"red", 0, 5, NULL, "v0", false},
		{NULL, 0, 5, NULL, "v0", false},   {"blue", 5, 5, "v0", "v0", true},
		{"blue", 5, 5, "v1", "v0", false}, {"blue", 5, 5, "v1", "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct share_place place = {.kind = GRAPH_TC,
					    .ifindex = 2,
					    .netns_ino = cases[i].asked_ino,
					    .netns = "blue"};
		const struct share_question q = {
			.name = "stats", .places = &place, .nr_places = 1};
		auto_graph g = GRAPH_INIT;
		auto_report r = {.name = NULL};

		snprintf(place.dev, sizeof(place.dev), "%s", cases[i].asked_dev);
		add_map(&g, 27, "stats");
		graph_add_hidden_at(&g,
				    &(struct graph_hidden){.source = GRAPH_FROM_NET,
							   .placed = true,
							   .netns = cases[i].netns,
							   .netns_ino = cases[i].ino,
							   .dev = cases[i].dev},
				    "filters");
		graph_sort(&g);
		assert_int_equal(share_report_init(&r, &g, &q), 0);
		if (r.nr_hidden != cases[i].there ||
		    r.verdict != (cases[i].there ? SHARE_UNKNOWN : SHARE_UNUSED))
			fail_msg("case %zu", i);
	}
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
		cmocka_unit_test(an_unexplained_program_is_told_once_a_map),
		cmocka_unit_test(an_unexplained_program_of_the_same_map),
		cmocka_unit_test(an_unexplained_program_in_a_family),
		cmocka_unit_test(a_family_has_all_members),
		cmocka_unit_test(a_dead_link_is_at_no_place),
		cmocka_unit_test(namespaces_are_told_by_number),
		cmocka_unit_test(every_place_contributes),
		cmocka_unit_test(what_was_not_seen_makes_it_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
