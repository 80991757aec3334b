/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/usage.h"

/*
 * Program 1 uses array 10, whose slots hold programs 2 and 3; 2 uses map 20, 3 uses array
 * 10 again. Program 4 uses outer map 30, whose slot holds map 31.
 */
static void build(struct graph *g)
{
	static const uint32_t uses[][2] = {{1, 10}, {2, 20}, {3, 10}, {4, 30}};

	for (uint32_t id = 1; id <= 4; id++)
		graph_add_program(g, &(struct graph_program){.id = id, .name = ""});
	for (uint32_t id = 10; id <= 40; id++)
		if (id == 10 || id == 20 || id == 30 || id == 31 || id == 40)
			graph_add_map(g, &(struct graph_map){.id = id, .name = ""});
	for (size_t i = 0; i < array_size(uses); i++)
		graph_add_use(g, uses[i][0], uses[i][1]);
	graph_add_slot(g, &(struct graph_slot){.map = 10, .program = 2, .key = 0});
	graph_add_slot(g, &(struct graph_slot){.map = 10, .program = 3, .key = 1});
	graph_add_slot(g, &(struct graph_slot){.map = 30, .inner = 31});
}

static void attach(struct graph *g, uint32_t program)
{
	graph_add_attachment(g, &(struct graph_attachment){.program = program,
							   .kind = GRAPH_CGROUP,
							   .path = "/c"});
}

static void hold(struct graph *g, enum graph_object of, uint32_t id)
{
	graph_add_holder(g, &(struct graph_holder){
				    .of = of, .id = id, .pid = 99, .comm = "sleep"});
}

/* Nobody has anything open any more. */
static void let_go(struct graph *g)
{
	while (g->nr_holders)
		free((char *)g->holders[--g->nr_holders].comm);
}

static void assert_map(const struct graph *g, const struct usage_ask *ask, uint32_t map,
		       enum usage_by by, uint32_t id)
{
	auto_usage u;

	usage_init(&u, g, ask);
	assert_int_equal(usage_of_map(&u, map).by, by);
	assert_int_equal(usage_of_map(&u, map).id, id);
}

static const struct usage_ask live = {.pins = false}, all = {.pins = true};

static void an_attached_program_reaches_through_slots(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	attach(&g, 1);
	attach(&g, 4);
	graph_sort(&g);
	assert_map(&g, &live, 10, USAGE_ATTACHED, 1);
	assert_map(&g, &live, 20, USAGE_ATTACHED, 1);
	assert_map(&g, &live, 30, USAGE_ATTACHED, 4);
	assert_map(&g, &live, 31, USAGE_ATTACHED, 4);
	assert_map(&g, &live, 40, USAGE_NONE, 0);
}

/* Program 3 in a slot of the array that it uses itself. */
static void being_in_a_slot_is_no_use(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_usage u;

	(void)state;
	build(&g);
	attach(&g, 4);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 1, "/sys/fs/bpf/p");
	graph_sort(&g);
	usage_init(&u, &g, &live);
	assert_int_equal(usage_of_map(&u, 10).by, USAGE_NONE);
	assert_int_equal(usage_of_map(&u, 20).by, USAGE_NONE);
	assert_int_equal(usage_of_program(&u, 3).by, USAGE_NONE);
}

static void a_program_that_nothing_explains_is_kept_by_somebody(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	attach(&g, 4);
	graph_sort(&g);
	assert_map(&g, &live, 10, USAGE_UNSEEN, 1);
	assert_map(&g, &live, 20, USAGE_UNSEEN, 1);
}

static void open_files_count_unless_they_are_ours(void **state)
{
	const struct usage_ask attached = {.pins = true, .ignore_pid = 99};
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	hold(&g, GRAPH_OF_PROGRAM, 1);
	hold(&g, GRAPH_OF_MAP, 30);
	hold(&g, GRAPH_OF_PROGRAM, 4);
	graph_sort(&g);
	assert_map(&g, &live, 10, USAGE_OPEN, 99);
	assert_map(&g, &live, 20, USAGE_OPEN, 99);
	assert_map(&g, &live, 31, USAGE_OPEN, 99);
	assert_map(&g, &attached, 10, USAGE_NONE, 0);
	assert_map(&g, &attached, 31, USAGE_NONE, 0);
}

static void pins_count_when_asked(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 1, "/sys/fs/bpf/p");
	graph_add_pin(&g, GRAPH_OF_MAP, 30, "/sys/fs/bpf/tc/globals/outer");
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 4, "/sys/fs/bpf/q");
	graph_sort(&g);
	assert_map(&g, &live, 20, USAGE_NONE, 0);
	assert_map(&g, &all, 20, USAGE_PINNED_PROGRAM, 1);
	assert_map(&g, &all, 31, USAGE_PINNED_PROGRAM, 4);
}

/* Its own pin does not keep a map, but those in its slots; kept arrays keep nothing. */
static void a_pin_that_is_skipped_or_kept_is_no_use(void **state)
{
	static const bool skip[] = {false, true, false};
	const struct usage_ask less = {.pins = true, .skip = skip};
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	hold(&g, GRAPH_OF_PROGRAM, 4);
	graph_add_pin(&g, GRAPH_OF_MAP, 10, "/sys/fs/bpf/tc/keep/1/jumps");
	graph_add_pin(&g, GRAPH_OF_MAP, 30, "/sys/fs/bpf/tc/globals/outer");
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 1, "/sys/fs/bpf/p");
	graph_sort(&g);
	assert_int_equal(g.pins[1].id, 30);
	assert_map(&g, &(struct usage_ask){.pins = true, .ignore_pid = 99}, 31,
		   USAGE_PINNED_MAP, 30);
	assert_map(&g, &(struct usage_ask){.pins = true, .ignore_pid = 99, .skip = skip},
		   31, USAGE_NONE, 0);
	assert_map(&g, &less, 31, USAGE_OPEN, 99);
	assert_map(&g, &all, 10, USAGE_PINNED_PROGRAM, 1);
}

/* What is kept for program 1 holds it: who runs it was not seen, unless it was just detached. */
static void a_slot_of_what_is_kept_for_it_explains_no_program(void **state)
{
	static const uint32_t left[] = {1};
	const struct usage_ask detached = {
		.pins = true, .detached = left, .nr_detached = 1};
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	attach(&g, 4);
	graph_add_slot(&g, &(struct graph_slot){.map = 10, .program = 1, .key = 2});
	graph_add_pin(&g, GRAPH_OF_MAP, 10, "/sys/fs/bpf/tc/keep/1/jumps");
	graph_sort(&g);
	assert_map(&g, &live, 10, USAGE_UNSEEN, 1);
	assert_map(&g, &all, 20, USAGE_UNSEEN, 1);
	assert_map(&g, &detached, 10, USAGE_NONE, 0);
	assert_map(&g, &detached, 20, USAGE_NONE, 0);
}

/* Programs in the slots of what is kept for one that is gone have no other reason to be. */
static void a_kept_array_of_a_program_that_is_gone_keeps_nothing(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	attach(&g, 4);
	attach(&g, 1);
	graph_add_pin(&g, GRAPH_OF_MAP, 10, "/sys/fs/bpf/tc/keep/77/jumps");
	graph_drop_attachments(&g, 1);
	graph_add_holder(
		&g, &(struct graph_holder){.of = GRAPH_OF_PROGRAM, .id = 1, .pid = 9});
	graph_sort(&g);
	assert_map(&g, &all, 10, USAGE_OPEN, 9);
	let_go(&g);
	g.programs[0].id = 0;
	assert_map(&g, &live, 10, USAGE_NONE, 0);
}

/* Of many pins that lead to an object, one of another object is always found. */
static void its_own_pin_among_others_is_no_use(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	for (uint32_t id = 50; id < 60; id++) {
		auto_free char *path = xasprintf("/sys/fs/bpf/tc/globals/m%u", id);

		graph_add_map(&g, &(struct graph_map){.id = id, .name = ""});
		graph_add_pin(&g, GRAPH_OF_MAP, id, path);
		/* A ring: each leads to all of them, itself too. */
		graph_add_slot(&g, &(struct graph_slot){.map = id,
							.inner = id == 59 ? 50 : id + 1});
	}
	graph_add_map(&g, &(struct graph_map){.id = 70, .name = ""});
	graph_add_pin(&g, GRAPH_OF_MAP, 70, "/sys/fs/bpf/tc/globals/alone");
	graph_add_slot(&g, &(struct graph_slot){.map = 70, .inner = 70});
	graph_sort(&g);
	for (uint32_t id = 50; id < 60; id++) {
		auto_usage u;

		usage_init(&u, &g, &all);
		assert_int_equal(usage_of_map(&u, id).by, USAGE_PINNED_MAP);
		assert_int_not_equal(usage_of_map(&u, id).id, id);
	}
	assert_map(&g, &all, 70, USAGE_NONE, 0);
}

static void what_is_tied_to_a_map_counts(void **state)
{
	static const struct usage_tie ties[] = {
		{30, {.by = USAGE_LINK, .id = 5}},
		{40, {.by = USAGE_POLICY, .id = 6}},
	};
	const struct usage_ask tied = {.ties = ties, .nr_ties = array_size(ties)};
	auto_graph g = GRAPH_INIT;

	(void)state;
	build(&g);
	attach(&g, 1);
	hold(&g, GRAPH_OF_PROGRAM, 4);
	graph_sort(&g);
	assert_map(&g, &tied, 40, USAGE_POLICY, 6);
	let_go(&g);
	assert_map(&g, &tied, 31, USAGE_LINK, 5);
}

static void words_name_the_user(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	usage_words(&out, (struct usage_mark){.by = USAGE_ATTACHED, .id = 7});
	sb_add_char(&out, '\n');
	usage_words(&out,
		    (struct usage_mark){.by = USAGE_OPEN, .id = 8, .comm = "sleep"});
	assert_string_equal(sb_text(&out), "attached program id 7 uses it\n"
					   "process 8 (sleep) has it open");
	assert_true(usage_is_live((struct usage_mark){.by = USAGE_UNSEEN}));
	assert_false(usage_is_live((struct usage_mark){.by = USAGE_PINNED_MAP}));
	assert_false(usage_is_live((struct usage_mark){.by = USAGE_NONE}));
}

static void each_use_has_words(void **state)
{
	static const char *const words[] = {
		[USAGE_NONE] = "not in use",
		[USAGE_ATTACHED] = "attached program id 7 uses it",
		[USAGE_OPEN] = "process 7 (?) has it open",
		[USAGE_LINK] = "link id 7 holds it",
		[USAGE_POLICY] = "program id 7 is attached to it",
		[USAGE_STRUCT_OPS] = "it may be registered with the kernel",
		[USAGE_MAPPED] =
			"process 7 has a map mapped into its memory, and which one cannot be determined",
		[USAGE_SET_ASIDE] =
			"an 'apply' with 'on-change: fresh' set it aside, and puts it back or removes it when it is run again",
		[USAGE_MIGRATES] =
			"an interrupted 'map migrate' needs it; run that again to finish it",
		[USAGE_UNSEEN] =
			"program id 7 uses it, which something that cannot be seen from here keeps",
		[USAGE_PINNED_PROGRAM] = "pinned program id 7 uses it",
		[USAGE_PINNED_MAP] = "pinned map id 7 leads to it",
		[USAGE_UNTOLD] = "not seen in use, but not all users could be seen",
	};

	(void)state;
	for (size_t i = 0; i < array_size(words); i++) {
		const struct usage_mark mark = {.by = (enum usage_by)i, .id = 7};
		auto_strbuf out = STRBUF_INIT;

		usage_words(&out, mark);
		assert_string_equal(sb_text(&out), words[i]);
		assert_int_equal(usage_is_live(mark),
				 i != USAGE_NONE && i < USAGE_PINNED_PROGRAM);
	}
}

static void what_is_not_there_is_in_no_use(void **state)
{
	auto_graph g = GRAPH_INIT;
	const struct usage_ask ask = {.ignore_pid = 0};
	auto_usage u;

	(void)state;
	graph_add_map(&g, &(struct graph_map){.id = 5});
	graph_sort(&g);
	usage_init(&u, &g, &ask);
	assert_int_equal(usage_of_map(&u, 6).by, USAGE_NONE);
	assert_int_equal(usage_of_program(&u, 5).by, USAGE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attached_program_reaches_through_slots),
		cmocka_unit_test(being_in_a_slot_is_no_use),
		cmocka_unit_test(a_program_that_nothing_explains_is_kept_by_somebody),
		cmocka_unit_test(open_files_count_unless_they_are_ours),
		cmocka_unit_test(pins_count_when_asked),
		cmocka_unit_test(a_pin_that_is_skipped_or_kept_is_no_use),
		cmocka_unit_test(a_slot_of_what_is_kept_for_it_explains_no_program),
		cmocka_unit_test(a_kept_array_of_a_program_that_is_gone_keeps_nothing),
		cmocka_unit_test(its_own_pin_among_others_is_no_use),
		cmocka_unit_test(what_is_tied_to_a_map_counts),
		cmocka_unit_test(words_name_the_user),
		cmocka_unit_test(each_use_has_words),
		cmocka_unit_test(what_is_not_there_is_in_no_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
