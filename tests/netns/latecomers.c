/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a look finds of what came once everything was listed:
 *
 *	latecomers {program|map|use|hook} ID
 *
 * as if that program or map stood in a slot of a map that was listed, a program that was listed
 * used that map, or a hook had that program; prints the programs and the maps that are known
 * then, a line each, and what could not be seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "scan/graph_scan.h"

int main(int argc, char **argv)
{
	auto_graph g = GRAPH_INIT;
	struct graph_slot slot = {.map = 0};
	uint32_t id;

	if (argc != 3)
		return 2;
	id = (uint32_t)strtoul(argv[2], NULL, 10);
	if (strcmp(argv[1], "program") == 0)
		slot.program = id;
	else if (strcmp(argv[1], "map") == 0)
		slot.inner = id;
	if (strcmp(argv[1], "use") == 0)
		graph_add_use(&g, 0, id);
	else if (slot.program || slot.inner)
		graph_add_slot(&g, &slot);
	if (strcmp(argv[1], "hook") == 0)
		scan_program(&g, id);
	else
		scan_latecomers(&g);
	printf("programs");
	for (size_t i = 0; i < g.nr_programs; i++)
		printf(" %" PRIu32, g.programs[i].id);
	printf("\nmaps");
	for (size_t i = 0; i < g.nr_maps; i++)
		printf(" %" PRIu32, g.maps[i].id);
	printf("\n");
	for (size_t i = 0; i < g.nr_hidden; i++)
		printf("hidden %s\n", g.hidden[i].text);
	return 0;
}
