/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "scan/scan_sources.h"

struct tree_scan {
	struct graph *g;
	bool *unknown; /* owned: rows of attach_types[] that this kernel refuses */
	struct err *err;
};

static void tree_scan_release(struct tree_scan *s)
{
	free(s->unknown);
}

static void scan_cgroup_add_programs(struct tree_scan *s, const char *path,
				     uint64_t cgroup_id, const struct attach_type *type,
				     const struct cgroup_query *q)
{
	for (size_t i = 0; i < q->nr; i++) {
		uint32_t nth = 0;

		/* Directly and by links, a program can stand in one list several times. */
		for (size_t k = 0; k < i; k++)
			nth += q->prog_ids[k] == q->prog_ids[i];
		scan_found(s->g, &(struct graph_attachment){.program = q->prog_ids[i],
							    .kind = GRAPH_CGROUP,
							    .path = path,
							    .cgroup_id = cgroup_id,
							    .attach_type = type->value,
							    .flags = q->flags,
							    .nth = nth});
	}
}

/* 1: this cgroup went away. */
static int query_type(struct tree_scan *s, int fd, const char *path, uint64_t cgroup_id,
		      size_t row)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	int r;

	if (s->unknown[row])
		return 0;
	r = cgroup_fd_query(fd, attach_types[row].value, false, &q);
	switch (r) {
	case 0:
		scan_cgroup_add_programs(s, path, cgroup_id, &attach_types[row], &q);
		return 0;
	case -EINVAL:
		s->unknown[row] = true;
		return 0;
	case -ENODEV:
	case -ENOENT:
		return 1;
	default:
		/* The same for every cgroup, so the first is the last; see the end. */
		err_set(s->err, r, "programs of cgroup '%s' and the others", path);
		return caps_explain(s->err, CAPS_CGROUP);
	}
}

/* One cgroup, all types. The inode number of its directory is its id. */
static int query_all(struct tree_scan *s, int fd, const char *path)
{
	struct stat st;
	int r = 0;

	if (fstat(fd, &st) < 0)
		return err_set(s->err, -errno, "cgroup '%s' and the others", path);
	s->g->nr_cgroups++;
	for (size_t row = 0; r == 0 && attach_types[row].name; row++)
		r = query_type(s, fd, path, st.st_ino, row);
	return r < 0 ? r : 0;
}

static int scan_cgroup(const char *path, int depth, void *ctx)
{
	struct tree_scan *s = ctx;
	auto_err err = ERR_INIT;
	auto_close int fd = cgroup_fd_open(path, &err);

	(void)depth;
	if (fd == -ENOENT || fd == -ENODEV)
		return 0;
	if (fd < 0) {
		graph_add_hidden(s->g, GRAPH_FROM_CGROUP, "%s", err.text);
		return 0;
	}
	return query_all(s, fd, path);
}

static void tree_scan_init(struct tree_scan *s, struct graph *g, struct err *err)
{
	size_t nr = 0;

	while (attach_types[nr].name)
		nr++;
	*s = (struct tree_scan){.g = g, .err = err};
	s->unknown = xcalloc(nr, sizeof(*s->unknown));
}

int scan_cgroups(struct graph *g, struct err *err)
{
	auto_release(tree_scan_release) struct tree_scan s = {.g = NULL};
	char root[PATH_MAX];
	int r = cgroup_root(root, err), whole = r == 0 ? cgroup_is_whole(root) : 1;

	tree_scan_init(&s, g, err);
	if (whole <= 0)
		graph_add_hidden(
			g, GRAPH_FROM_CGROUP,
			"cgroups outside of the part of the tree mounted at '%s'%s%s",
			root, whole < 0 ? ", if it is a part: " : "",
			whole < 0 ? err_words(whole) : "");
	r = r ? r : cgroup_each(root, scan_cgroup, &s, err);
	if (r < 0) {
		/* The other sources are still worth having. */
		graph_add_hidden(g, GRAPH_FROM_CGROUP, "%s", err->text);
		err_release(err);
	}
	return 0;
}

/* The walk through the tree met it, unless nothing is attached there anyway. */
static bool was_met(const struct graph *g, uint64_t cgroup_id)
{
	for (size_t i = 0; i < g->nr_attachments; i++)
		if (g->attachments[i].kind == GRAPH_CGROUP &&
		    g->attachments[i].cgroup_id == cgroup_id)
			return true;
	return false;
}

void scan_place(struct graph *g, const struct share_place *place)
{
	auto_release(tree_scan_release) struct tree_scan s = {.g = NULL};
	auto_free char *path = NULL;
	auto_err err = ERR_INIT;
	auto_close int fd = -1;
	int r;

	if (place->kind != GRAPH_CGROUP || !place->name || was_met(g, place->cgroup_id))
		return;
	path = realpath(place->name, NULL);
	fd = cgroup_fd_open(place->name, &err);
	r = fd < 0 ? fd : 0;
	tree_scan_init(&s, g, &err);
	r = r ? r : query_all(&s, fd, path ? path : place->name);
	if (r < 0)
		graph_add_hidden_at(g,
				    &(struct graph_hidden){.source = GRAPH_FROM_CGROUP,
							   .placed = true,
							   .cgroup_id = place->cgroup_id},
				    "%s", err.text);
}

int scan_cgroup_place(const char *path, struct share_place *ret, struct err *err)
{
	uint64_t id;
	int r = cgroup_id_of(path, &id, err);

	if (r < 0)
		return r;
	*ret = (struct share_place){.kind = GRAPH_CGROUP, .cgroup_id = id};
	return 0;
}
