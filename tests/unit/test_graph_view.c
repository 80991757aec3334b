/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "view/graph_view.h"
#include "skip.h"

/* --- the state that all three renderers show --- */

/*
 * Map 27 'stats' and its twin 31; classifier 41 on eth0 here and in namespace a, which
 * calls 44 through prog array 12; cgroup program 42, by a link; 43 is not attached.
 */
static void fill(struct graph *g)
{
	graph_add_map(g, &(struct graph_map){.id = 12,
					     .name = "jumps",
					     .whole = true,
					     .type = 3,
					     .key_size = 4,
					     .value_size = 4,
					     .max_entries = 8});
	graph_add_map(g, &(struct graph_map){.id = 27,
					     .name = "stats",
					     .whole = true,
					     .type = 1,
					     .key_size = 4,
					     .value_size = 8,
					     .max_entries = 1024,
					     .flags = 1,
					     .btf_id = 5,
					     .counted = true,
					     .entries = 3});
	graph_add_map(g, &(struct graph_map){.id = 31,
					     .name = "stats",
					     .whole = true,
					     .type = 1,
					     .key_size = 4,
					     .value_size = 8,
					     .max_entries = 1024});
	graph_add_program(
		g,
		&(struct graph_program){
			.id = 41, .name = "in", .whole = true, .type = 3, .tag = {1, 2}});
	graph_add_program(g, &(struct graph_program){
				     .id = 42, .name = "out", .whole = true, .type = 8});
	graph_add_program(g, &(struct graph_program){
				     .id = 43, .name = "idle", .whole = true, .type = 8});
	graph_add_program(g,
			  &(struct graph_program){
				  .id = 44, .name = "called", .whole = true, .type = 3});
	graph_add_use(g, 41, 12);
	graph_add_use(g, 42, 27);
	graph_add_use(g, 43, 31);
	graph_add_use(g, 44, 27);
	graph_add_slot(g, &(struct graph_slot){
				  .map = 12, .program = 44, .has_key = true, .key = 2});
	graph_add_attachment(g, &(struct graph_attachment){.program = 41,
							   .kind = GRAPH_TC,
							   .dev = "eth0",
							   .ifindex = 2,
							   .hook = GRAPH_INGRESS,
							   .pref = 1,
							   .handle = 16});
	graph_add_attachment(g, &(struct graph_attachment){.program = 41,
							   .kind = GRAPH_XDP,
							   .attach_type = 37,
							   .netns = "a",
							   .dev = "eth0",
							   .ifindex = 2,
							   .hook = GRAPH_INGRESS,
							   .flags = 2});
	graph_add_attachment(g, &(struct graph_attachment){.program = 42,
							   .kind = GRAPH_CGROUP,
							   .attach_type = 1,
							   .path = "/cg/a \"b\"\\c",
							   .cgroup_id = 99,
							   .flags = 2});
	graph_add_link(g, &(struct graph_link){.id = 7,
					       .type = 3,
					       .program = 42,
					       .kind = GRAPH_CGROUP,
					       .attach_type = 1,
					       .cgroup_id = 99});
	graph_add_pin(g, GRAPH_OF_MAP, 27, "/sys/fs/bpf/tc/globals/stats");
	graph_add_pin(g, GRAPH_OF_PROGRAM, 43, "/sys/fs/bpf/idle");
	graph_add_pin(g, GRAPH_OF_LINK, 7, "/sys/fs/bpf/l");
	graph_add_holder(g,
			 &(struct graph_holder){GRAPH_OF_PROGRAM, 43, 4711, "load\x1b"});
	graph_add_holder(g, &(struct graph_holder){GRAPH_OF_MAP, 31, 4712, "\xff"});
	graph_add_hidden(g, GRAPH_FROM_PIN, "pins: Permission denied");
	graph_join_links(g);
	graph_sort(g);
}

struct scene {
	struct graph g;
	struct graph_reach reach;
	struct graph_names twins;
	struct graph_view v;
};

static const uint32_t all_maps[] = {12, 27, 31};
static const uint32_t one_map[] = {27};

static struct scene *scene(const uint32_t *maps, size_t nr)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fill(&s->g);
	graph_reach_init(&s->reach, &s->g);
	graph_twins_init(&s->twins, &s->g);
	s->v = (struct graph_view){.g = &s->g,
				   .reach = &s->reach,
				   .twins = &s->twins,
				   .maps = maps,
				   .nr_maps = nr};
	graph_view_init(&s->v, false);
	return s;
}

static void scene_free(struct scene **s)
{
	graph_view_release(&(*s)->v);
	graph_names_release(&(*s)->twins);
	graph_reach_release(&(*s)->reach);
	graph_release(&(*s)->g);
	free(*s);
}

#define auto_scene auto_release(scene_free) struct scene

/* --- text --- */

/* clang-format off */
static const char plain[] =
	"WHAT       ID NAME     TYPE       WHERE\n"
	"map        12 jumps    prog_array key 4, value 4, max 8, flags 0x0\n"
	"|-program  41 in       sched_cls  tc ingress dev eth0 pref 1 handle 0x10\n"
	"|-program  41 in       sched_cls  xdp skb dev eth0 netns a\n"
	"`-slot 2   44 called              this program\n"
	"map        27 stats    hash       TWIN of 31; key 4, value 8, max 1024, flags 0x1, 3 now\n"
	"|-pin                             /sys/fs/bpf/tc/globals/stats\n"
	"|-program  42 out      cgroup_skb cgroup /cg/a \"b\"\\c cgroup_inet_egress link 7 pinned /sys/fs/bpf/l\n"
	"|-program  44 called   sched_cls  tc ingress dev eth0 pref 1 handle 0x10, by tail call from program 41 (map 12 slot 2)\n"
	"`-program  44 called   sched_cls  xdp skb dev eth0 netns a, by tail call from program 41 (map 12 slot 2)\n"
	"map        31 stats    hash       TWIN of 27; key 4, value 8, max 1024, flags 0x0\n"
	"|-program  43 idle     cgroup_skb attachment not found\n"
	"| |-pin                           /sys/fs/bpf/idle\n"
	"| `-holder    load\\x1b            open in process 4711\n"
	"`-holder      \\xff                open in process 4712\n";
/* clang-format on */

static void text_in_a_pipe_is_plain_and_whole(void **state)
{
	auto_scene *s = scene(all_maps, 3);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_view_text(&out, &s->v, &(struct graph_view_terminal){.width = 0});
	assert_string_equal(sb_text(&out), plain);
}

static void text_on_a_terminal_wraps_and_is_marked(void **state)
{
	const struct graph_view_terminal terminal = {
		.width = 80, .color = true, .unicode = true};
	auto_scene *s = scene(all_maps, 3);
	auto_strbuf out = STRBUF_INIT;
	char *line, *rest;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip_for("utf8", "there is no locale C.UTF-8");
	graph_view_text(&out, &s->v, &terminal);
	setlocale(LC_CTYPE, "C");
	/* Twins stand out; what is not attached steps back. */
	assert_non_null(strstr(sb_text(&out), "\033[1;31m"));
	assert_non_null(strstr(sb_text(&out), "\033[2m"));
	assert_non_null(strstr(sb_text(&out), "\u251c\u2500program"));
	assert_non_null(strstr(sb_text(&out), "by tail"));
	rest = out.text;
	while ((line = strsep(&rest, "\n")))
		assert_true(strlen(line) < 80 + 40);
}

static void no_maps_no_heading(void **state)
{
	auto_scene *s = scene(NULL, 0);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_view_text(&out, &s->v, &(struct graph_view_terminal){.width = 0});
	assert_string_equal(sb_text(&out), "");
	graph_view_json(&out, &s->v, JSON_COMPACT);
	assert_string_equal(sb_text(&out), "{\"maps\":[],\"programs\":[],\"hidden\":["
					   "\"pins: Permission denied\"]}\n");
}

/* --- JSON --- */

static const char json_of_one[] =
	"{\"maps\":[{\"id\":27,\"name\":\"stats\",\"type\":\"hash\",\"key_size\":4,"
	"\"value_size\":8,\"max_entries\":1024,\"flags\":1,\"entries\":3,"
	"\"pinned\":[\"/sys/fs/bpf/tc/globals/stats\"],\"btf_id\":5,\"twins\":[31]}],"
	"\"programs\":["
	"{\"id\":41,\"name\":\"in\",\"type\":\"sched_cls\",\"tag\":\"0102000000000000\","
	"\"maps\":[12],\"via\":[],\"pinned\":[],\"attachments\":["
	"{\"kind\":\"tc\",\"dev\":\"eth0\",\"ifindex\":2,\"hook\":\"ingress\",\"pref\":1,"
	"\"handle\":\"0x10\",\"chain\":0},"
	"{\"kind\":\"xdp\",\"netns\":\"a\",\"dev\":\"eth0\",\"ifindex\":2,"
	"\"hook\":\"ingress\",\"attach_type\":\"xdp\",\"flags\":\"skb\"}],"
	"\"holders\":[]},"
	"{\"id\":42,\"name\":\"out\",\"type\":\"cgroup_skb\","
	"\"tag\":\"0000000000000000\",\"maps\":[27],\"via\":[],\"pinned\":[],"
	"\"attachments\":[{\"kind\":\"cgroup\",\"path\":\"/cg/a \\\"b\\\"\\\\c\","
	"\"cgroup_id\":99,\"attach_type\":\"cgroup_inet_egress\",\"flags\":\"multi\","
	"\"link_id\":7}],\"holders\":[]},"
	"{\"id\":44,\"name\":\"called\",\"type\":\"sched_cls\","
	"\"tag\":\"0000000000000000\",\"maps\":[27],\"via\":[{\"map\":12,\"key\":2}],"
	"\"pinned\":[],\"attachments\":[],\"holders\":[]}],"
	"\"hidden\":[\"pins: Permission denied\"]}\n";

static void json_of_one_map_has_all_that_lead_there(void **state)
{
	auto_scene *s = scene(one_map, 1);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_view_json(&out, &s->v, JSON_COMPACT);
	assert_string_equal(sb_text(&out), json_of_one);
}

static void json_has_holders_pins_and_inner_maps(void **state)
{
	static const uint32_t twin[] = {31};
	auto_scene *s = scene(twin, 1);
	auto_strbuf out = STRBUF_INIT, inner = STRBUF_INIT;

	(void)state;
	graph_view_json(&out, &s->v, JSON_COMPACT);
	assert_non_null(strstr(sb_text(&out),
			       "\"pinned\":[\"/sys/fs/bpf/idle\"],\"attachments\":[],"
			       "\"holders\":[{\"pid\":4711,\"comm\":\"load\\u001b\"}]"));
	/* Keys that are not four bytes wide have no number. */
	graph_add_slot(&s->g, &(struct graph_slot){.map = 31, .inner = 12});
	graph_sort(&s->g);
	graph_view_json(&inner, &s->v, JSON_COMPACT);
	assert_non_null(strstr(sb_text(&inner), "\"via\":[{\"map\":31,\"inner\":12}]"));
}

/* --- DOT --- */

static const char dot_of_all[] =
	"digraph maps {\n"
	"\trankdir=LR;\n"
	"\tnode [fontname=\"Helvetica\", fontsize=11];\n"
	"\tedge [fontname=\"Helvetica\", fontsize=9];\n"
	"\tm12 [shape=cylinder, style=filled, fillcolor=\"#dce9f7\", "
	"label=\"jumps\\nmap 12, prog_array\"];\n"
	"\tm12 -> p44 [style=dashed, label=\"slot 2\"];\n"
	"\tm27 [shape=cylinder, style=filled, fillcolor=\"#f4b6b6\", color=red, "
	"label=\"stats\\nmap 27, hash\\n/sys/fs/bpf/tc/globals/stats\"];\n"
	"\tm27 -> m31 [dir=none, color=red, style=dashed, constraint=false, "
	"label=\"same name\"];\n"
	"\tm31 [shape=cylinder, style=filled, fillcolor=\"#f4b6b6\", color=red, "
	"label=\"stats\\nmap 31, hash\"];\n"
	"\th4712 [shape=plaintext, label=\"\\\\xff\\nprocess 4712\"];\n"
	"\th4712 -> m31 [style=dotted];\n"
	"\tp41 [shape=box, style=\"rounded\", label=\"in\\nprogram 41, sched_cls\"];\n"
	"\tp41 -> m12;\n"
	"\tp42 [shape=box, style=\"rounded\", label=\"out\\nprogram 42, cgroup_skb\"];\n"
	"\tp42 -> m27;\n"
	"\tp43 [shape=box, style=\"rounded,dashed\", "
	"label=\"idle\\nprogram 43, cgroup_skb\\n/sys/fs/bpf/idle\"];\n"
	"\tp43 -> m31;\n"
	"\th4711 [shape=plaintext, label=\"load\\\\x1b\\nprocess 4711\"];\n"
	"\th4711 -> p43 [style=dotted];\n"
	"\tp44 [shape=box, style=\"rounded,dashed\", "
	"label=\"called\\nprogram 44, sched_cls\"];\n"
	"\tp44 -> m27;\n"
	"\t\"cgroup 99\" [shape=folder, label=\"/cg/a \\\"b\\\"\\\\c\"];\n"
	"\t\"cgroup 99\" -> p42 [label=\"cgroup_inet_egress\"];\n"
	"\t\"dev 2 \" [shape=house, label=\"eth0\"];\n"
	"\t\"dev 2 \" -> p41 [label=\"tc ingress\\npref 1\"];\n"
	"\t\"dev 2 a\" [shape=house, label=\"eth0\\nnetns a\"];\n"
	"\t\"dev 2 a\" -> p41 [label=\"xdp\"];\n"
	"}\n";

static void dot_has_every_edge(void **state)
{
	auto_scene *s = scene(all_maps, 3);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_view_dot(&out, &s->v);
	assert_string_equal(sb_text(&out), dot_of_all);
}

static void dot_of_one_map_names_no_node_it_does_not_have(void **state)
{
	auto_scene *s = scene(one_map, 1);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	graph_view_dot(&out, &s->v);
	assert_null(strstr(sb_text(&out), "m12"));
	assert_null(strstr(sb_text(&out), "m31"));
	assert_non_null(strstr(sb_text(&out), "p44 -> m27"));
}

static size_t lines_of(const struct strbuf *text)
{
	size_t nr = 0;

	for (const char *s = sb_text(text); *s; s++)
		nr += *s == '\n';
	return nr;
}

/* Programs that are all attached, all in the slots of one prog array, all in it. */
static void what_grows_is_a_line_for_each_not_a_product(void **state)
{
	enum { PROGRAMS = 100, FIRST = 1000, MAP = 27, JUMPS = 12 };
	static const uint32_t maps[] = {JUMPS, MAP};
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_release(graph_names_release) struct graph_names twins = {.nr = 0};
	auto_release(graph_view_release) struct graph_view v = {.nr_maps = 0};
	auto_strbuf text = STRBUF_INIT, dot = STRBUF_INIT;
	auto_graph g = GRAPH_INIT;

	(void)state;
	graph_add_map(&g, &(struct graph_map){.id = JUMPS, .name = "jumps", .type = 3});
	graph_add_map(&g, &(struct graph_map){.id = MAP, .name = "stats", .type = 1});
	for (uint32_t i = 0; i < PROGRAMS; i++) {
		graph_add_program(&g, &(struct graph_program){
					      .id = FIRST + i, .name = "p", .type = 3});
		graph_add_use(&g, FIRST + i, JUMPS);
		graph_add_use(&g, FIRST + i, MAP);
		graph_add_attachment(&g, &(struct graph_attachment){.program = FIRST + i,
								    .ifindex = 2 + i});
		graph_add_slot(&g, &(struct graph_slot){.map = JUMPS,
							.program = FIRST + i,
							.has_key = true,
							.key = i});
	}
	graph_sort(&g);
	graph_reach_init(&reach, &g);
	graph_twins_init(&twins, &g);
	v = (struct graph_view){
		.g = &g, .reach = &reach, .twins = &twins, .maps = maps, .nr_maps = 2};
	graph_view_init(&v, false);
	graph_view_text(&text, &v, &(struct graph_view_terminal){.width = 0});
	assert_in_range(lines_of(&text), 3 * PROGRAMS, 22 * PROGRAMS);
	assert_non_null(strstr(sb_text(&text), "91 more ways by tail calls"));
	graph_view_dot(&dot, &v);
	assert_in_range(lines_of(&dot), 5 * PROGRAMS, 8 * PROGRAMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_in_a_pipe_is_plain_and_whole),
		cmocka_unit_test(text_on_a_terminal_wraps_and_is_marked),
		cmocka_unit_test(no_maps_no_heading),
		cmocka_unit_test(json_of_one_map_has_all_that_lead_there),
		cmocka_unit_test(json_has_holders_pins_and_inner_maps),
		cmocka_unit_test(dot_has_every_edge),
		cmocka_unit_test(dot_of_one_map_names_no_node_it_does_not_have),
		cmocka_unit_test(what_grows_is_a_line_for_each_not_a_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
