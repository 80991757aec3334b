/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which attachment a link is, where the kernel tells either without the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "graph/graph.h"

enum { P = 41, Q = 42, L = 7, M = 8, IFINDEX = 3 };

static void add_xdp(struct graph *g, uint32_t program, uint32_t ifindex,
		    const char *netns)
{
	graph_add_attachment(g, &(struct graph_attachment){.program = program,
							   .kind = GRAPH_XDP,
							   .ifindex = ifindex,
							   .netns = netns});
}

static void add_xdp_link(struct graph *g)
{
	graph_add_link(g, &(struct graph_link){.id = L,
					       .type = 6,
					       .program = P,
					       .kind = GRAPH_XDP,
					       .ifindex = IFINDEX});
	graph_join_links(g);
}

/* Of the attachments in their order, 0: none. */
static void links_are(const struct graph *g, const uint32_t *ids, size_t nr)
{
	assert_int_equal(g->nr_attachments, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(g->attachments[i].link_id, ids[i]);
}

#define LINKS_ARE(g, ...)                             \
	links_are(g, (const uint32_t[]){__VA_ARGS__}, \
		  array_size(((const uint32_t[]){__VA_ARGS__})))

static void a_device_is_known_by_what_runs_there(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	add_xdp(&g, P, IFINDEX + 1, "b");
	add_xdp(&g, Q, IFINDEX, "b");
	add_xdp(&g, P, IFINDEX, "a");
	add_xdp(&g, Q, IFINDEX, "c");
	add_xdp_link(&g);
	LINKS_ARE(&g, 0, 0, L, 0);
}

static void one_number_in_two_namespaces_is_neither(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	add_xdp(&g, P, IFINDEX, NULL);
	add_xdp(&g, P, IFINDEX, "a");
	add_xdp_link(&g);
	LINKS_ARE(&g, 0, 0, L);
	assert_int_equal(g.attachments[2].kind, GRAPH_XDP);
	assert_null(g.attachments[2].dev);
}

static void add_cgroup(struct graph *g, uint32_t link)
{
	graph_add_attachment(g, &(struct graph_attachment){.program = P,
							   .kind = GRAPH_CGROUP,
							   .cgroup_id = 5,
							   .link_id = link});
}

static void add_cgroup_link(struct graph *g, uint32_t id, bool dead)
{
	graph_add_link(g, &(struct graph_link){.id = id,
					       .type = 3,
					       .program = P,
					       .kind = GRAPH_CGROUP,
					       .cgroup_id = dead ? 0 : 5,
					       .dead = dead});
}

static void two_links_of_a_program_are_two_attachments(void **state)
{
	auto_graph g = GRAPH_INIT, dead = GRAPH_INIT, known = GRAPH_INIT;

	(void)state;
	add_cgroup(&g, 0);
	add_cgroup(&g, 0);
	add_cgroup(&g, 0);
	add_cgroup_link(&g, L, false);
	add_cgroup_link(&g, M, false);
	graph_join_links(&g);
	LINKS_ARE(&g, L, M, 0);
	/* What lost its cgroup is no attachment that is seen. */
	add_cgroup(&dead, 0);
	add_cgroup_link(&dead, L, true);
	add_cgroup_link(&dead, M, false);
	graph_join_links(&dead);
	LINKS_ARE(&dead, M, L);
	assert_true(dead.attachments[1].dead && !dead.attachments[0].dead);
	/* Told by the query already. */
	add_cgroup(&known, M);
	add_cgroup(&known, 0);
	add_cgroup_link(&known, L, false);
	add_cgroup_link(&known, M, false);
	graph_join_links(&known);
	LINKS_ARE(&known, M, L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_known_by_what_runs_there),
		cmocka_unit_test(one_number_in_two_namespaces_is_neither),
		cmocka_unit_test(two_links_of_a_program_are_two_attachments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
