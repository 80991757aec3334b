/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a verdict rests on, and what speaks against it, in words and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "graph/graph_words.h"
#include "graph/usage.h"
#include "view/share_view.h"

#define auto_report auto_release(share_report_release) struct share_report

static void place(struct graph_attachment at, const char *expected)
{
	auto_strbuf out = STRBUF_INIT;

	graph_words_place(&out, &at);
	assert_string_equal(sb_text(&out), expected);
}

static void a_dead_link_tells_what_is_gone(void **state)
{
	(void)state;
	place((struct graph_attachment){.kind = GRAPH_CGROUP,
					.link_id = 7,
					.link_type = 3,
					.attach_type = 1,
					.dead = true},
	      "cgroup link 7 cgroup_inet_egress (dead: its cgroup is gone)");
	place((struct graph_attachment){.kind = GRAPH_LINK,
					.link_id = 8,
					.link_type = 5,
					.attach_type = 17,
					.dead = true},
	      "link 8 flow_dissector (dead: its network namespace is gone)");
	place((struct graph_attachment){.kind = GRAPH_XDP,
					.link_id = 9,
					.link_type = 6,
					.attach_type = 37,
					.dead = true},
	      "xdp link 9 xdp (dead: its device is gone)");
	place((struct graph_attachment){.kind = GRAPH_LINK,
					.link_id = 10,
					.link_type = 14,
					.attach_type = 7,
					.dead = true},
	      "link 10 sk_msg_verdict (dead: its map is gone)");
}

static void a_place_tells_its_order_parent_and_mode(void **state)
{
	(void)state;
	place((struct graph_attachment){.kind = GRAPH_TC,
					.dev = "v0",
					.parent = 0x10000,
					.pref = 1,
					.handle = 1},
	      "tc dev v0 parent 1: pref 1 handle 0x1");
	place((struct graph_attachment){.kind = GRAPH_TC,
					.dev = "v0",
					.parent = 0x1000a,
					.pref = 1,
					.handle = 1},
	      "tc dev v0 parent 1:a pref 1 handle 0x1");
	place((struct graph_attachment){.kind = GRAPH_TCX,
					.dev = "v0",
					.hook = GRAPH_INGRESS,
					.order = 2,
					.of = 3},
	      "tcx ingress dev v0 2 of 3");
	place((struct graph_attachment){.kind = GRAPH_XDP, .dev = "v0", .flags = 2},
	      "xdp skb dev v0");
	place((struct graph_attachment){.kind = GRAPH_XDP, .dev = "v0", .flags = 8},
	      "xdp hw dev v0");
	place((struct graph_attachment){.kind = GRAPH_XDP, .ifindex = 4, .link_id = 5},
	      "xdp ifindex 4 link 5 (in one of several network namespaces)");
}

static void an_entry_of_a_devmap_redirects(void **state)
{
	const struct graph_slot entry = {
		.map = 12, .has_key = true, .key = 3, .redirect = true};
	const struct graph_attachment at = {
		.kind = GRAPH_XDP, .dev = "v0", .flags = 4, .program = 41};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_words_user(&out, &at, 44, &entry, NULL);
	assert_string_equal(
		sb_text(&out),
		"xdp drv dev v0, by redirect from program 41 (map 12 entry 3)");
}

static void each_kind_of_use_has_its_words(void **state)
{
	static const struct {
		enum usage_by by;
		const char *words;
		bool live;
	} rows[] = {
		{USAGE_NONE, "not in use", false},
		{USAGE_ATTACHED, "attached program id 5 uses it", true},
		{USAGE_OPEN, "process 5 (?) has it open", true},
		{USAGE_LINK, "link id 5 holds it", true},
		{USAGE_POLICY, "program id 5 is attached to it", true},
		{USAGE_STRUCT_OPS, "it may be registered with the kernel", true},
		{USAGE_PINNED_PROGRAM, "pinned program id 5 uses it", false},
		{USAGE_PINNED_MAP, "pinned map id 5 leads to it", false},
		{USAGE_MIGRATES,
		 "an interrupted 'map migrate' needs it; run that again to finish it",
		 true},
		{USAGE_UNTOLD, "not seen in use, but not all users could be seen", false},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct usage_mark mark = {.by = rows[i].by, .id = 5};
		auto_strbuf out = STRBUF_INIT;

		usage_words(&out, mark);
		assert_string_equal(sb_text(&out), rows[i].words);
		assert_int_equal(usage_is_live(mark), rows[i].live);
	}
}

/* --- the views --- */

static struct graph_program program = {.id = 41, .name = "count", .type = 3};
static struct graph_program nameless = {.id = 42, .type = 8};
static const struct graph_attachment gone = {.kind = GRAPH_CGROUP,
					     .link_id = 7,
					     .link_type = 3,
					     .attach_type = 1,
					     .dead = true};
static const struct graph_pin pin = {.of = GRAPH_OF_LINK, .id = 7, .path = "/b/l\033"};
static struct share_dead dead[] = {
	{.map = 27, .program = &program, .at = &gone, .pin = &pin},
	{.map = 27, .program = &nameless, .at = &gone},
};
static struct share_unseen lost[] = {{.map = 27, .program = &program}};
static const struct share_place places[] = {
	{.kind = GRAPH_TC, .name = "v0", .netns = "x"},
	{.kind = GRAPH_CGROUP, .name = "/sys/fs/cgroup/a"},
	{.kind = GRAPH_TC},
};
static size_t missing[] = {0, 1, 2};
static const struct graph_hidden unread = {.text = "cgroup '/\033': no"};
static const struct graph_hidden *hidden[] = {&unread};
static uint32_t ids[] = {27};

static const struct share_report doubtful = {
	.name = "stats",
	.verdict = SHARE_UNKNOWN,
	.ids = ids,
	.nr_ids = 1,
	.nr_more = 3,
	.dead = dead,
	.nr_dead = 2,
	.unseen = lost,
	.nr_unseen = 1,
	.netns_unlisted = true,
	.resting = lost,
	.nr_resting = 1,
	.missing = missing,
	.nr_missing = 3,
	.hidden = hidden,
	.nr_hidden = 1,
	.places = places,
};

#define UNLISTED                                                         \
	"network namespaces of processes outside of this PID namespace " \
	"cannot be seen"

static void what_speaks_against_it_is_text(void **state)
{
	auto_strbuf out = STRBUF_INIT, notes = STRBUF_INIT;

	(void)state;
	share_view_text(&out, &doubtful);
	assert_string_equal(
		sb_text(&out),
		"unknown: map 'stats', id 27, no attached program\n"
		"\tand 3 more ways by tail calls\n"
		"\tnot counted: id 27: program 41 'count' sched_cls, cgroup link 7 "
		"cgroup_inet_egress (dead: its cgroup is gone), pinned /b/l\\x1b\n"
		"\tnot counted: id 27: program 42 '' cgroup_skb, cgroup link 7 "
		"cgroup_inet_egress (dead: its cgroup is gone)\n"
		"\tno program uses it at dev v0 netns x\n"
		"\tno program uses it at cgroup /sys/fs/cgroup/a\n"
		"\tno program uses it at dev ?\n"
		"\tnot seen: cgroup '/\\x1b': no\n");
	share_view_notes(&notes, &doubtful);
	assert_string_equal(
		sb_text(&notes),
		"not counted: id 27: program 41 'count' sched_cls, attached nowhere that "
		"can be seen (a network namespace that only a socket keeps cannot)\n"
		"attachment not found: id 27: program 41 'count' sched_cls (" UNLISTED
		")\n");
}

/* Without places what was not found belongs to the answer. */
static void asked_of_everywhere_it_is_below_the_verdict(void **state)
{
	struct share_report r = {
		.name = "stats", .ids = ids, .nr_ids = 1, .unseen = lost, .nr_unseen = 1};
	auto_strbuf out = STRBUF_INIT, notes = STRBUF_INIT;

	(void)state;
	share_view_text(&out, &r);
	assert_string_equal(
		sb_text(&out),
		"unused: map 'stats', id 27, no attached program\n"
		"\tattachment not found: id 27: program 41 'count' sched_cls\n");
	share_view_notes(&notes, &r);
	assert_string_equal(sb_text(&notes), "");
}

#define ROW "{\"id\":27,\"program\":41,\"name\":\"count\",\"type\":\"sched_cls\""
#define GONE                                                                   \
	"\"attachment\":\"cgroup link 7 cgroup_inet_egress (dead: its cgroup " \
	"is gone)\",\"link_id\":7"

static void what_speaks_against_it_is_json(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	share_view_json(&out, &doubtful, 1, JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"verdicts\":[{\"name\":\"stats\",\"verdict\":\"unknown\","
		"\"ids\":[27],\"users\":[],\"more\":3,"
		"\"not_found\":[" ROW ",\"reason\":\"" UNLISTED "\"}],"
		"\"not_attached\":[" ROW "}],"
		"\"dead\":[" ROW "," GONE ",\"pinned\":\"/b/l\\u001b\"},"
		"{\"id\":27,\"program\":42,\"name\":\"\",\"type\":\"cgroup_skb\"," GONE
		"}],\"missing\":[\"dev v0 netns x\",\"cgroup /sys/fs/cgroup/a\","
		"\"dev ?\"],\"hidden\":[\"cgroup '/\\u001b': no\"]}]}\n");
}

/* --- the verdict --- */

/* Program 41 on device 2 and program 42 in a cgroup use map 27. */
static void two_users(struct graph *g)
{
	graph_add_map(g, &(struct graph_map){.id = 27, .name = "stats"});
	graph_add_program(g, &program);
	graph_add_program(g, &nameless);
	graph_add_use(g, 41, 27);
	graph_add_use(g, 42, 27);
	graph_add_attachment(g, &(struct graph_attachment){
					.program = 41, .kind = GRAPH_TC, .ifindex = 2});
	graph_add_attachment(g, &(struct graph_attachment){.program = 42,
							   .kind = GRAPH_CGROUP,
							   .cgroup_id = 9});
}

static enum share_verdict verdict_of(struct graph *g, const struct share_question *q)
{
	auto_report r = {.name = NULL};

	graph_sort(g);
	assert_int_equal(share_report_init(&r, g, q), 0);
	return r.verdict;
}

/* A pinned classifier of another map of the name runs nowhere: told, and no split. */
static void what_rests_is_told_and_not_counted(void **state)
{
	auto_graph g = GRAPH_INIT;
	auto_report r = {.name = NULL};

	(void)state;
	two_users(&g);
	graph_add_map(&g, &(struct graph_map){.id = 31, .name = "stats"});
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "r", .type = 3});
	graph_add_use(&g, 43, 31);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 43, "/sys/fs/bpf/r");
	/* Of the shared map it would change nothing. */
	graph_add_program(&g, &(struct graph_program){.id = 44, .name = "s", .type = 3});
	graph_add_use(&g, 44, 27);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 44, "/sys/fs/bpf/s");
	graph_sort(&g);
	assert_int_equal(
		share_report_init(&r, &g, &(struct share_question){.name = "stats"}), 0);
	assert_int_equal(r.verdict, SHARE_SHARED);
	assert_int_equal(r.nr_resting, 1);
	assert_int_equal(r.resting[0].program->id, 43);
	assert_int_equal(r.resting[0].map, 31);
}

/* Where namespaces cannot be listed, a pin does not explain what netlink attaches. */
static void unlisted_namespaces_leave_a_doubt(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	two_users(&g);
	graph_add_map(&g, &(struct graph_map){.id = 31, .name = "stats"});
	graph_add_program(&g, &(struct graph_program){.id = 43, .name = "r", .type = 3});
	graph_add_use(&g, 43, 31);
	graph_add_pin(&g, GRAPH_OF_PROGRAM, 43, "/sys/fs/bpf/r");
	g.netns_unlisted = true;
	assert_int_equal(verdict_of(&g, &(struct share_question){.name = "stats"}),
			 SHARE_UNKNOWN);
}

/* What was not read of a device matters to who asks about that one. */
static void a_doubt_has_a_place(void **state)
{
	const struct share_place here[] = {{.kind = GRAPH_TC, .ifindex = 2, .dev = "v0"},
					   {.kind = GRAPH_CGROUP, .cgroup_id = 9}};
	const struct share_question q = {.name = "stats", .places = here, .nr_places = 2};
	static const struct {
		struct graph_hidden hidden;
		enum share_verdict verdict;
	} rows[] = {
		{{.source = GRAPH_FROM_NET, .placed = true, .dev = "v1"}, SHARE_SHARED},
		{{.source = GRAPH_FROM_NET, .placed = true, .dev = "v0"}, SHARE_UNKNOWN},
		{{.source = GRAPH_FROM_NET, .placed = true}, SHARE_UNKNOWN},
		{{.source = GRAPH_FROM_NET, .placed = true, .netns = "x"}, SHARE_SHARED},
		{{.source = GRAPH_FROM_CGROUP, .placed = true, .cgroup_id = 8},
		 SHARE_SHARED},
		{{.source = GRAPH_FROM_CGROUP}, SHARE_SHARED},
		{{.source = GRAPH_FROM_PROGRAM}, SHARE_UNKNOWN},
		{{.source = GRAPH_FROM_SLOT}, SHARE_UNKNOWN},
		{{.source = GRAPH_FROM_LINK}, SHARE_SHARED},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_graph g = GRAPH_INIT;

		two_users(&g);
		graph_add_hidden_at(&g, &rows[i].hidden, "row %zu", i);
		assert_int_equal(verdict_of(&g, &q), rows[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_link_tells_what_is_gone),
		cmocka_unit_test(a_place_tells_its_order_parent_and_mode),
		cmocka_unit_test(an_entry_of_a_devmap_redirects),
		cmocka_unit_test(each_kind_of_use_has_its_words),
		cmocka_unit_test(what_speaks_against_it_is_text),
		cmocka_unit_test(asked_of_everywhere_it_is_below_the_verdict),
		cmocka_unit_test(what_speaks_against_it_is_json),
		cmocka_unit_test(what_rests_is_told_and_not_counted),
		cmocka_unit_test(unlisted_namespaces_leave_a_doubt),
		cmocka_unit_test(a_doubt_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
