/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "graph/graph_explain.h"
#include "kernel/prog_fd.h"
#include "scan/graph_scan.h"

enum {
	/* How long a program that was detached may take to go: some RCU grace periods. */
	LEAVE_WAIT_MS = 150,
	LEAVE_STEP_MS = 10,
};

/* --- did programs come or go since? --- */

void scan_ids_read(struct scan_ids *ret)
{
	struct scan_ids ids = {.nr = 0};
	uint32_t id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		array_grow(ids.ids, ids.nr);
		ids.ids[ids.nr++] = id;
	}
	*ret = ids;
}

void scan_ids_release(struct scan_ids *ids)
{
	free(ids->ids);
}

static bool scan_settle_is_unchanged(const struct scan_ids *before)
{
	auto_release(scan_ids_release) struct scan_ids now = {.nr = 0};

	scan_ids_read(&now);
	return now.nr == before->nr &&
	       (!now.nr || memcmp(now.ids, before->ids, now.nr * sizeof(*now.ids)) == 0);
}

/* --- what nothing explains --- */

static bool scan_settle_is_gone(uint32_t program)
{
	auto_close int fd = prog_fd_by_id(program);

	return fd == -ENOENT;
}

/* Ones that are still there, by index; the caller frees. Those that went are dropped. */
static bool *drop_gone(struct graph *g, size_t *nr)
{
	bool *left = graph_explain(g, NULL);
	auto_free bool *gone = xcalloc(g->nr_programs + 1, sizeof(*gone));
	size_t kept = 0;

	*nr = 0;
	for (size_t i = 0; i < g->nr_programs; i++) {
		gone[i] = !left[i] && scan_settle_is_gone(g->programs[i].id);
		if (gone[i])
			continue;
		left[kept] = !left[i];
		*nr += left[kept++];
	}
	graph_drop_programs(g, gone);
	return left;
}

/*
 * A program that was attached when the programs were listed and replaced when its hook was
 * read leaves soon; one that stays may have been attached elsewhere meanwhile.
 */
static bool scan_settle_wait_for_leaving(struct graph *g)
{
	const struct timespec step = {.tv_nsec = LEAVE_STEP_MS * 1000000L};

	for (int left = LEAVE_WAIT_MS;; left -= LEAVE_STEP_MS) {
		size_t nr;

		free(drop_gone(g, &nr));
		if (nr == 0 || left <= 0)
			return nr == 0;
		nanosleep(&step, NULL);
	}
}

/* Programs that were attached when their hook was read and gone before they were. */
static size_t say_lost(struct graph *g, bool say)
{
	size_t lost = 0, nr = g->nr_attachments;

	for (size_t i = 0; i < nr; i++) {
		uint32_t id = g->attachments[i].program;

		if (graph_find_program(g, id) ||
		    (i > 0 && id == g->attachments[i - 1].program))
			continue;
		lost++;
		if (say)
			graph_add_hidden_at(
				g,
				&(struct graph_hidden){.source = GRAPH_FROM_PROGRAM,
						       .id = id},
				"maps of program id %u, which was attached and replaced meanwhile",
				id);
	}
	return lost;
}

bool scan_settle(struct graph *g, const struct scan_ids *before, bool last)
{
	size_t nr;

	if (say_lost(g, last) && !last)
		return false;
	free(drop_gone(g, &nr));
	return nr == 0 || scan_settle_is_unchanged(before) ||
	       scan_settle_wait_for_leaving(g) || last;
}

bool scan_settle_attached(struct graph *g, bool last)
{
	return say_lost(g, last) == 0 || last;
}
