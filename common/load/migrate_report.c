/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "load/migrate_private.h"

void migrate_report_release(struct migrate_report *r)
{
	for (size_t i = 0; i < r->nr_users; i++) {
		free(r->users[i].name);
		free(r->users[i].place);
		free(r->users[i].why);
	}
	for (size_t i = 0; i < r->nr_holders; i++)
		free(r->holders[i].name);
	for (size_t i = 0; i < r->nr_unseen; i++)
		free(r->unseen[i]);
	free(r->users);
	free(r->holders);
	free(r->unseen);
	free(r->pin);
	free(r->map);
	element_plan_release(&r->plan);
	*r = (struct migrate_report)MIGRATE_REPORT_INIT;
}

struct migrate_user *migrate_report_add(struct migration *m, uint32_t program,
					enum migrate_fate fate)
{
	const struct graph_program *p = graph_find_program(&m->graph, program);
	struct migrate_report *report = m->report;
	struct migrate_user *user;

	array_grow(report->users, report->nr_users);
	user = &report->users[report->nr_users++];
	*user = (struct migrate_user){.program = program, .fate = fate};
	user->name = xstrdup(p && p->name ? p->name : "");
	user->type = p ? prog_type_name(p->type) : NULL;
	return user;
}
