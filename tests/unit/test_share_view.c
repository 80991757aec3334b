/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "graph/graph_words.h"
#include "view/share_view.h"

static void place(struct graph_attachment at, const char *expected)
{
	auto_strbuf out = STRBUF_INIT;

	graph_words_place(&out, &at);
	assert_string_equal(sb_text(&out), expected);
}

static void places_in_words(void **state)
{
	(void)state;
	place((struct graph_attachment){.kind = GRAPH_TC,
					.hook = GRAPH_INGRESS,
					.dev = "eth0",
					.pref = 1,
					.handle = 1},
	      "tc ingress dev eth0 pref 1 handle 0x1");
	place((struct graph_attachment){.kind = GRAPH_TC,
					.hook = GRAPH_EGRESS,
					.dev = "eth0",
					.netns = "x",
					.pref = 49152,
					.handle = 0x10,
					.chain = 3,
					.block = 10},
	      "tc egress dev eth0 netns x block 10 chain 3 pref 49152 handle 0x10");
	place((struct graph_attachment){.kind = GRAPH_TC,
					.hook = GRAPH_INGRESS,
					.ifindex = 7,
					.pref = 1,
					.handle = 2},
	      "tc ingress ifindex 7 pref 1 handle 0x2");
	place((struct graph_attachment){.kind = GRAPH_CGROUP,
					.path = "/sys/fs/cgroup/a b",
					.attach_type = 1},
	      "cgroup /sys/fs/cgroup/a b cgroup_inet_egress");
	place((struct graph_attachment){.kind = GRAPH_CGROUP,
					.path = "/a",
					.attach_type = 9999},
	      "cgroup /a type 9999");
	place((struct graph_attachment){.kind = GRAPH_CGROUP,
					.cgroup_id = 77,
					.attach_type = 0,
					.link_id = 5},
	      "cgroup id 77 (not in the tree seen here) cgroup_inet_ingress link 5");
	place((struct graph_attachment){.kind = GRAPH_TCX,
					.dev = "eth0",
					.netns = "x",
					.hook = GRAPH_EGRESS,
					.attach_type = 47,
					.link_id = 5},
	      "tcx egress dev eth0 netns x link 5");
	place(
		(struct graph_attachment){
			.kind = GRAPH_XDP, .dev = "eth0", .attach_type = 37, .flags = 4},
		"xdp drv dev eth0");
	place((struct graph_attachment){.kind = GRAPH_LINK,
					.link_id = 6,
					.link_type = 2,
					.attach_type = 24},
	      "link 6 trace_fentry");
	place((struct graph_attachment){.kind = GRAPH_LINK, .link_id = 6, .link_type = 1},
	      "link 6 raw_tracepoint");
	/* A kind of link is no attach type, and none is not number 0. */
	place((struct graph_attachment){.kind = GRAPH_LINK,
					.link_id = 6,
					.link_type = 14},
	      "link 6");
	assert_null(graph_words_attach_type(
		&(struct graph_attachment){.kind = GRAPH_LINK, .link_type = 1}));
}

static struct graph_program in = {.id = 41, .name = "count_in", .type = 3};
static struct graph_program out_ = {.id = 42, .name = "count_out", .type = 8};
static const struct graph_attachment on_dev = {
	.kind = GRAPH_TC, .hook = GRAPH_INGRESS, .dev = "eth0", .pref = 1, .handle = 1};
static const struct graph_attachment on_cgroup = {
	.kind = GRAPH_CGROUP, .path = "/a\x1b[m", .attach_type = 1};
static struct share_user users[] = {
	{.map = 27, .program = &in, .at = &on_dev},
	{.map = 31, .program = &out_, .at = &on_cgroup},
};
static uint32_t ids[] = {27, 31};

static const struct share_report split = {
	.name = "stats",
	.verdict = SHARE_SPLIT,
	.ids = ids,
	.nr_ids = 2,
	.users = users,
	.nr_users = 2,
	.nr_programs = 2,
};
static const struct share_report unused = {
	.name = "stats", .verdict = SHARE_UNUSED, .ids = ids, .nr_ids = 1};

static void verdict_comes_first(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	share_view_text(&out, &split);
	assert_string_equal(sb_text(&out),
			    "split: map 'stats', ids 27, 31, 2 attached programs\n"
			    "\tid 27: program 41 'count_in' sched_cls, "
			    "tc ingress dev eth0 pref 1 handle 0x1\n"
			    "\tid 31: program 42 'count_out' cgroup_skb, "
			    "cgroup /a\\x1b[m cgroup_inet_egress\n");
}

static void unused_has_no_users(void **state)
{
	auto_strbuf out = STRBUF_INIT, json = STRBUF_INIT;

	(void)state;
	share_view_text(&out, &unused);
	assert_string_equal(sb_text(&out),
			    "unused: map 'stats', id 27, no attached program\n");
	share_view_json(&json, &unused, 1, JSON_COMPACT);
	assert_string_equal(sb_text(&json),
			    "{\"verdicts\":[{\"name\":\"stats\",\"verdict\":\"unused\","
			    "\"ids\":[27],\"users\":[]}]}\n");
}

static void one_program_is_one(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	const struct share_report single = {.name = "stats",
					    .verdict = SHARE_SINGLE,
					    .ids = ids,
					    .nr_ids = 1,
					    .users = users,
					    .nr_users = 1,
					    .nr_programs = 1};

	(void)state;
	share_view_text(&out, &single);
	assert_string_equal(sb_text(&out),
			    "single: map 'stats', id 27, 1 attached program\n"
			    "\tid 27: program 41 'count_in' sched_cls, "
			    "tc ingress dev eth0 pref 1 handle 0x1\n");
}

static void json_has_the_agreed_keys(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	share_view_json(&out, &split, 1, JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"verdicts\":[{\"name\":\"stats\",\"verdict\":\"split\",\"ids\":[27,31],\"users\":["
		"{\"id\":27,\"program\":41,\"name\":\"count_in\",\"type\":\"sched_cls\","
		"\"attachment\":\"tc ingress dev eth0 pref 1 handle 0x1\"},"
		"{\"id\":31,\"program\":42,\"name\":\"count_out\",\"type\":\"cgroup_"
		"skb\","
		"\"attachment\":\"cgroup /a\\u001b[m cgroup_inet_egress\"}]}]}\n");
}

static void a_migration_that_has_not_ended_is_named(void **state)
{
	const struct graph_pin pin = {
		.of = GRAPH_OF_MAP, .id = 27, .path = "/b/\033", .migrates = true};
	const struct graph_pin *pins[] = {&pin};
	auto_strbuf out = STRBUF_INIT, json = STRBUF_INIT;
	struct share_report r = unused;

	(void)state;
	r.migrating = pins;
	r.nr_migrating = 1;
	share_view_text(&out, &r);
	assert_string_equal(
		sb_text(&out),
		"unused: map 'stats', id 27, no attached program\n"
		"\tmigrating: '/b/\\x1b': a 'map migrate' of it was interrupted, or is "
		"under way; run it again to finish it\n");
	share_view_json(&json, &r, 1, JSON_COMPACT);
	assert_string_equal(sb_text(&json),
			    "{\"verdicts\":[{\"name\":\"stats\",\"verdict\":\"unused\","
			    "\"ids\":[27],\"users\":[],"
			    "\"migrating\":[\"/b/\\u001b\"]}]}\n");
}

static void several_answers_are_an_array(void **state)
{
	const struct share_report both[] = {unused, unused};
	auto_strbuf none = STRBUF_INIT, two = STRBUF_INIT;

	(void)state;
	share_view_json(&none, NULL, 0, JSON_COMPACT);
	assert_string_equal(sb_text(&none), "{\"verdicts\":[]}\n");
	share_view_json(&two, both, 2, JSON_COMPACT);
	assert_string_equal(sb_text(&two),
			    "{\"verdicts\":[{\"name\":\"stats\",\"verdict\":\"unused\","
			    "\"ids\":[27],\"users\":[]},"
			    "{\"name\":\"stats\",\"verdict\":\"unused\","
			    "\"ids\":[27],\"users\":[]}]}\n");
}

static void the_way_to_a_map_is_told(void **state)
{
	const struct graph_slot call = {.map = 12, .has_key = true, .key = 3};
	const struct graph_slot inner = {.map = 5};
	auto_strbuf called = STRBUF_INIT, held = STRBUF_INIT;
	struct graph_attachment at = on_dev;

	(void)state;
	at.program = 41;
	graph_words_user(&called, &at, 44, &call, NULL);
	assert_string_equal(sb_text(&called),
			    "tc ingress dev eth0 pref 1 handle 0x1, by "
			    "tail call from program 41 (map 12 slot 3)");
	graph_words_user(&held, &at, 41, NULL, &inner);
	assert_string_equal(sb_text(&held),
			    "tc ingress dev eth0 pref 1 handle 0x1, through map 5");
}

static void notes_only_when_there_is_something(void **state)
{
	auto_strbuf none = STRBUF_INIT, some = STRBUF_INIT;
	const struct share_report r = {.name = "a_long_map_name_of_mine",
				       .cut = true,
				       .idle = ids,
				       .nr_idle = 2};

	(void)state;
	share_view_notes(&none, &split);
	assert_string_equal(sb_text(&none), "");
	share_view_notes(&some, &r);
	assert_string_equal(
		sb_text(&some),
		"map 'a_long_map_name_of_mine': the kernel keeps 15 bytes of a "
		"name, and no pin or BTF tells the rest: compared 'a_long_map_name'\n"
		"map 'a_long_map_name_of_mine': also maps of this name, not used by "
		"a program listed: ids 27, 31\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_in_words),
		cmocka_unit_test(verdict_comes_first),
		cmocka_unit_test(unused_has_no_users),
		cmocka_unit_test(one_program_is_one),
		cmocka_unit_test(json_has_the_agreed_keys),
		cmocka_unit_test(a_migration_that_has_not_ended_is_named),
		cmocka_unit_test(several_answers_are_an_array),
		cmocka_unit_test(the_way_to_a_map_is_told),
		cmocka_unit_test(notes_only_when_there_is_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
