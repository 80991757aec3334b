/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <json-c/json.h>

#include "load/follow.h"
#include "verbs/follow_print.h"
#include "view/json_out.h"

/* One row is a word of both forms. */
#define ROW(json, member, text)                                   \
	{                                                         \
		json, offsetof(struct follow_state, member), text \
	}

static const struct state_row {
	const char *json;
	size_t offset; /* of a size_t, which unsigned long is as well */
	const char *text;
} state_rows[] = {
	ROW("filters", nr_filters, "filters"),
	ROW("cgroup_programs", nr_cgroup_programs, "cgroup programs"),
	ROW("refused", nr_refused, "refused"),
	ROW("waiting", nr_waiting, "waiting"),
	ROW("full", nr_full, "patterns at their limit"),
	ROW("namespaces", nr_netns, "namespaces"),
	ROW("interfaces", nr_interfaces, "interfaces"),
	ROW("directories", nr_directories, "directories watched"),
	ROW("attached", nr_attached, "attached so far"),
	ROW("gone", nr_gone, "gone so far"),
	ROW("events_lost", nr_lost, "times events were lost"),
	ROW("loads", nr_loads, "runs of the whole file"),
};

_Static_assert(sizeof(size_t) == sizeof(unsigned long), "one type for all rows");

static unsigned long state_value(const struct follow_state *state,
				 const struct state_row *row)
{
	return *(const unsigned long *)(const void *)((const char *)state + row->offset);
}

void follow_print_text(struct strbuf *out, const struct follow *f)
{
	struct follow_state state;

	follow_state(f, &state);
	sb_addf(out, "%s:", follow_conf(f)->name.text);
	for (size_t i = 0; i < array_size(state_rows); i++)
		sb_addf(out, "%s %lu %s", i ? "," : "",
			state_value(&state, &state_rows[i]), state_rows[i].text);
	sb_add_char(out, '\n');
}

struct json_object *follow_print_json(const struct follow *f)
{
	struct json_object *ret = json_object_new_object();
	struct follow_state state;

	follow_state(f, &state);
	json_object_object_add(ret, "name", json_out_string(follow_conf(f)->name.text));
	for (size_t i = 0; i < array_size(state_rows); i++)
		json_object_object_add(ret, state_rows[i].json,
				       json_object_new_int64((int64_t)state_value(
					       &state, &state_rows[i])));
	return ret;
}

unsigned long follow_print_memory(void)
{
	auto_file FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, resident = 0;

	if (!f || fscanf(f, "%lu %lu", &size, &resident) != 2)
		return 0;
	return resident * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}
