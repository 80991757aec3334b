/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpf_names.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/prog_fd.h"
#include "kernel/cgroup_find.h"
#include "origin.h"
#include "print.h"
#include "run.h"
#include "verbs/tool.h"

/* --- show and tree ---------------------------------------- */

/* What a listing needs beside the cgroup itself. */
struct listing {
	bool effective;
	bool origins;           /* of effective programs */
	int kernel_btf;         /* 1: LSM programs get the name of their hook; -errno */
	struct kernel_btf *btf; /* read when the first of them is met */
	bool unnamed_said, origins_said;
	struct cgroup_rows *cgs;
	size_t nr;
	struct err *err;
};

static void listing_init(struct listing *l, bool effective, struct err *err)
{
	*l = (struct listing){.effective = effective, .err = err};
	l->kernel_btf = kernel_btf_present();
}

static void cgroup_listing_release(struct listing *l)
{
	for (size_t i = 0; i < l->nr; i++)
		cgroup_rows_release(&l->cgs[i]);
	free(l->cgs);
	kernel_btf_free(l->btf);
}

/* false: the program is gone by now. */
static bool cgroup_describe(struct listing *l, struct attached *row)
{
	auto_close int fd = prog_fd_by_id(row->id);
	struct bpf_prog_info info = {.id = 0};
	int r = fd < 0 ? fd : prog_fd_info(fd, &info);

	if (fd == -ENOENT)
		return false;
	if (r < 0 && !l->unnamed_said) {
		log_warn("program names cannot be read: %s%s%s", err_words(r),
			 caps_missing(CAPS_IDS) ? ", missing " : "",
			 caps_missing(CAPS_IDS) ?: "");
		l->unnamed_said = true;
	}
	if (r == 0) {
		row->name = prog_fd_name(fd, &info);
		row->btf_obj_id = info.attach_btf_obj_id;
		row->btf_id = info.attach_btf_id;
	}
	if (!row->name)
		row->name = xstrdup("");
	if (l->kernel_btf > 0)
		row->btf_name = kernel_btf_name(&l->btf, row->btf_id);
	return true;
}

static int list_type(struct listing *l, struct cgroup_rows *cg, int fd,
		     const struct attach_type *type, struct origin *origin)
{
	auto_free const char **from = NULL;
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	int r = cgroup_fd_query(fd, type->value, l->effective, &q);

	if (r == -EINVAL) /* a type this kernel does not have */
		return 0;
	if (r < 0)
		return r;
	from = xcalloc(q.nr + 1, sizeof(*from));
	if (l->origins && q.nr)
		origin_of(origin, type->value, q.prog_ids, q.nr, from);
	for (size_t i = 0; i < q.nr; i++) {
		struct attached row = {
			.type = type, .id = q.prog_ids[i], .flags = q.flags};

		if (!cgroup_describe(l, &row))
			continue;
		if (l->origins)
			row.from = xstrdup(from[i] ? from[i] : "");
		array_grow(cg->rows, cg->nr);
		cg->rows[cg->nr++] = row;
	}
	return 0;
}

static int list_cgroup(struct listing *l, const char *path, int depth)
{
	auto_release(origin_release) struct origin origin = {.nr = 0};
	auto_close int fd = cgroup_fd_open(path, l->err);
	struct cgroup_rows *cg;
	int r = 0;

	if (fd < 0)
		return fd;
	array_grow(l->cgs, l->nr);
	cg = &l->cgs[l->nr++];
	*cg = (struct cgroup_rows){.path = xstrdup(path), .depth = depth};
	if (l->origins)
		origin_open(&origin, fd, path);
	for (const struct attach_type *t = attach_types; t->name && r == 0; t++)
		r = list_type(l, cg, fd, t, &origin);
	if (r == 0 && cg->nr && origin.error && !l->origins_said) {
		log_warn("'%s': where programs come from may be left out: %s", path,
			 err_words(origin.error));
		l->origins_said = true;
	}
	if (r == -EPERM) {
		err_set(l->err, r, "'%s': query", path);
		return caps_explain(l->err, CAPS_CGROUP);
	}
	if (r == -ENOENT || r == -ENODEV)
		return err_say(l->err, r, "cgroup '%s' was removed meanwhile", path);
	return r < 0 ? err_set(l->err, r, "'%s': query", path) : 0;
}

/* Below the root, a cgroup that goes away under the walk takes nobody else with it. */
static int list_below(const char *path, int depth, void *ctx)
{
	struct listing *l = ctx;
	int r = list_cgroup(l, path, depth);

	if (depth == 0 || (r != -ENODEV && r != -ENOENT))
		return r;
	err_release(l->err);
	return 0;
}

int run_cgroup_path(const struct cgroup_ref *ref, char **ret, struct err *err)
{
	char path[PATH_MAX];
	int r = 0;

	if (ref->kind == CGROUP_REF_PID)
		r = cgroup_find_pid(ref->pid, path, err);
	else if (ref->kind == CGROUP_REF_UNIT)
		r = cgroup_find_unit(ref->what, path, err);
	else if (!ref->what)
		r = cgroup_root(path, err);
	else
		*ret = xstrdup(ref->what);
	if (r == 0 && (ref->kind != CGROUP_REF_PATH || !ref->what))
		*ret = xstrdup(path);
	return r;
}

int run_cgroup_show(struct tool *tool, const struct cgroup_show_request *req,
		    struct err *err)
{
	auto_release(cgroup_listing_release) struct listing l;
	auto_free char *path = NULL;
	int r;

	listing_init(&l, req->effective, err);
	if (l.kernel_btf < 0)
		log_warn("the kernel's BTF: %s; names of LSM hooks are not shown",
			 err_words(l.kernel_btf));
	l.origins = req->effective && tool->verbose;
	r = run_cgroup_path(&req->cgroup, &path, err);
	if (r < 0)
		return r;
	r = req->tree ? cgroup_each(path, list_below, &l, err) : list_cgroup(&l, path, 0);
	if (r == 0 && req->tree)
		print_cgroup_tree(tool, l.cgs, l.nr, req->effective);
	else if (r == 0)
		print_cgroup(tool, &l.cgs[0], req->effective);
	return r;
}

int run_describe(struct cgroup_rows *cg, const struct attach_type *type, uint32_t id,
		 uint32_t flags)
{
	auto_release(cgroup_listing_release) struct listing l;
	struct attached row = {.type = type, .id = id, .flags = flags};

	listing_init(&l, false, NULL);
	if (!cgroup_describe(&l, &row))
		return -ENOENT;
	array_grow(cg->rows, cg->nr);
	cg->rows[cg->nr++] = row;
	return 0;
}
