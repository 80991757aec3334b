/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places that few machines have: in the graph as text, JSON and DOT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "view/graph_view.h"

/*
 * Map 27, whose migration has not ended, in slot 3 of map 5, which has no name; program
 * 41 uses it, at every kind of place; 46 in an entry of devmap 12.
 */
static void fill(struct graph *g)
{
	static const struct graph_attachment places[] = {
		{.program = 41,
		 .kind = GRAPH_TC,
		 .dev = "v0",
		 .ifindex = 2,
		 .parent = 0x10000,
		 .chain = 4,
		 .pref = 1,
		 .handle = 1},
		{.program = 41,
		 .kind = GRAPH_TC,
		 .hook = GRAPH_INGRESS,
		 .block = 10,
		 .pref = 2,
		 .handle = 1},
		{.program = 41,
		 .kind = GRAPH_TCX,
		 .dev = "v0",
		 .ifindex = 2,
		 .hook = GRAPH_EGRESS,
		 .attach_type = 47,
		 .order = 2,
		 .of = 3},
		{.program = 41, .kind = GRAPH_CGROUP, .cgroup_id = 77, .attach_type = 1},
		{.program = 41,
		 .kind = GRAPH_LINK,
		 .link_id = 6,
		 .link_type = 2,
		 .attach_type = 24},
		{.program = 41,
		 .kind = GRAPH_CGROUP,
		 .link_id = 8,
		 .link_type = 3,
		 .attach_type = 1,
		 .dead = true},
	};

	graph_add_map(g, &(struct graph_map){.id = 5, .type = 12});
	graph_add_map(g, &(struct graph_map){.id = 12, .name = "ports", .type = 14});
	graph_add_map(g, &(struct graph_map){.id = 27, .type = 999});
	graph_add_program(g, &(struct graph_program){.id = 41, .name = "a&b", .type = 3});
	graph_add_program(g, &(struct graph_program){.id = 46, .name = "x", .type = 6});
	graph_add_use(g, 41, 27);
	graph_add_use(g, 41, 12);
	graph_add_use(g, 46, 27);
	graph_add_slot(g, &(struct graph_slot){
				  .map = 5, .inner = 27, .has_key = true, .key = 3});
	graph_add_slot(g, &(struct graph_slot){.map = 12,
					       .program = 46,
					       .has_key = true,
					       .key = 1,
					       .redirect = true});
	graph_add_slot(g, &(struct graph_slot){.map = 5, .inner = 99});
	for (size_t i = 0; i < array_size(places); i++)
		graph_add_attachment(g, &places[i]);
	graph_add_migrating_pin(g, 27, "/sys/fs/bpf/tc/globals/stats");
	graph_add_holder(
		g, &(struct graph_holder){.of = GRAPH_OF_MAP, .id = 27, .pid = 4711});
	graph_sort(g);
}

struct scene {
	struct graph g;
	struct graph_reach reach;
	struct graph_names twins;
	struct graph_view v;
};

/* The last went away after it was chosen. */
static const uint32_t maps[] = {5, 12, 27, 98};

static void scene_release(struct scene *s)
{
	graph_view_release(&s->v);
	graph_names_release(&s->twins);
	graph_reach_release(&s->reach);
	graph_release(&s->g);
}

static void scene_init(struct scene *s)
{
	*s = (struct scene){.g = GRAPH_INIT};
	fill(&s->g);
	graph_reach_init(&s->reach, &s->g);
	graph_twins_init(&s->twins, &s->g);
	s->v = (struct graph_view){.g = &s->g,
				   .reach = &s->reach,
				   .twins = &s->twins,
				   .maps = maps,
				   .nr_maps = array_size(maps)};
	graph_view_init(&s->v, false);
}

static void has_all(const struct strbuf *out, const char *const *wanted, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!strstr(sb_text(out), wanted[i]))
			fail_msg("no '%s' in:\n%s", wanted[i], sb_text(out));
}

static void dot_has_a_node_for_each_place(void **state)
{
	static const char *const wanted[] = {
		"\tm27 [shape=cylinder, style=filled, fillcolor=\"#dce9f7\", label=\"stats\\nmap 27, type 999\\n/sys/fs/bpf/tc/globals/stats\\n'map migrate' has not ended\"];\n",
		"label=\"(no name)\\nmap 5, array_of_maps\"];\n",
		"\tm5 -> m27 [style=dashed, label=\"slot 3\"];\n",
		"\tm12 -> p46 [style=dashed, label=\"entry 1\"];\n",
		"\th4711 [shape=plaintext, label=\"\\nprocess 4711\"];\n",
		"label=\"a&amp;b\\nprogram 41, sched_cls\"];\n",
		"\t\"dev 2 \" [shape=house, label=\"v0\"];\n",
		"\t\"dev 2 \" -> p41 [label=\"tc 1:\\nchain 4\\npref 1\"];\n",
		"\t\"dev 0 \" [shape=house, label=\"device without name\"];\n",
		"\t\"dev 0 \" -> p41 [label=\"tc ingress\\nblock 10\\npref 2\"];\n",
		"\t\"dev 2 \" -> p41 [label=\"tcx_egress\\n2 of 3\"];\n",
		"\t\"cgroup 77\" [shape=folder, label=\"cgroup not seen here\"];\n",
		"\t\"cgroup 77\" -> p41 [label=\"cgroup_inet_egress\"];\n",
		"\t\"link 6\" [shape=house, label=\"link 6 trace_fentry\"];\n",
		"\t\"link 6\" -> p41;\n",
		"\t\"link 8\" [shape=plaintext, fontcolor=gray, label=\"cgroup link 8 cgroup_inet_egress (dead: its cgroup is gone)\"];\n",
		"\t\"link 8\" -> p41 [style=dotted, color=gray, label=\"dead\"];\n",
	};
	auto_release(scene_release) struct scene s;
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	scene_init(&s);
	graph_view_dot(&out, &s.v);
	has_all(&out, wanted, array_size(wanted));
	/* A slot that holds a map which is no part of the picture. */
	assert_null(strstr(sb_text(&out), "m99"));
	assert_null(strstr(sb_text(&out), "98"));
}

static void text_has_a_line_for_each_place(void **state)
{
	static const char *const wanted[] = {
		"tc dev v0 parent 1: chain 4 pref 1 handle 0x1",
		"tc ingress block 10 pref 2 handle 0x1",
		"tcx egress dev v0 2 of 3",
		"cgroup id 77 (not in the tree seen here) cgroup_inet_egress",
		"link 6 trace_fentry",
		"cgroup link 8 cgroup_inet_egress (dead: its cgroup is gone)",
	};
	auto_release(scene_release) struct scene s;
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	scene_init(&s);
	graph_view_text(&out, &s.v, &(struct graph_view_terminal){.width = 0});
	has_all(&out, wanted, array_size(wanted));
	assert_null(strstr(sb_text(&out), "98"));
}

static void json_has_the_members_of_each_place(void **state)
{
	static const char *const wanted[] = {
		"{\"kind\":\"tc\",\"hook\":\"ingress\",\"block\":10,\"pref\":2,",
		"\"parent\":\"1:\",\"pref\":1,\"handle\":\"0x1\",\"chain\":4}",
		"\"hook\":\"egress\",\"order\":2,\"attach_type\":\"tcx_egress\"}",
		"{\"kind\":\"cgroup\",\"attach_type\":\"cgroup_inet_egress\",\"link_id\":8,\"dead\":true}",
		"{\"kind\":\"cgroup\",\"cgroup_id\":77,",
		"\"migrating\":[\"/sys/fs/bpf/tc/globals/stats\"]",
	};
	auto_release(scene_release) struct scene s;
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	scene_init(&s);
	graph_view_json(&out, &s.v, JSON_COMPACT);
	has_all(&out, wanted, array_size(wanted));
	assert_null(strstr(sb_text(&out), "98"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dot_has_a_node_for_each_place),
		cmocka_unit_test(text_has_a_line_for_each_place),
		cmocka_unit_test(json_has_the_members_of_each_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
