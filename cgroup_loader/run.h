/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Requests into results: the only files of this tool that ask the kernel for anything.
 * Each verb acts and hands the result to print.h. 0 or -errno with err filled.
 */
#ifndef CGROUP_LOADER_RUN_H
#define CGROUP_LOADER_RUN_H

#include "base/err.h"
#include "request.h"

struct attach_type;
struct cgroup_paths;
struct cgroup_rows;
struct object;
struct object_program;
struct tool;

/* Lists go to the tool's output; a pin made stays only if all went well. */
int run_prog_show(struct tool *tool, const struct prog_show_request *req,
		  struct err *err) must_check;
int run_prog_pin(struct tool *tool, const struct prog_pin_request *req,
		 struct err *err) must_check;
int run_load(struct tool *tool, const struct load_request *req,
	     struct err *err) must_check;

/*
 * attach takes back what it did if one of several cgroups refuses; detach passes over those
 * that have no such program.
 */
int run_cgroup_show(struct tool *tool, const struct cgroup_show_request *req,
		    struct err *err) must_check;
int run_attach(struct tool *tool, const struct attach_request *req,
	       struct err *err) must_check;
int run_detach(struct tool *tool, const struct detach_request *req,
	       struct err *err) must_check;

/* update swaps the program without a gap, and only if the old one is there where it was said. */
int run_link_show(struct tool *tool, const struct link_show_request *req,
		  struct err *err) must_check;
int run_link_pin(struct tool *tool, const struct link_pin_request *req,
		 struct err *err) must_check;
int run_link_detach(struct tool *tool, const struct link_detach_request *req,
		    struct err *err) must_check;
int run_link_update(struct tool *tool, const struct link_update_request *req,
		    struct err *err) must_check;

/* The one program that ref names, as an fd of the caller's. Several are an error. */
int run_open_program(const struct prog_ref *ref, int *ret_fd, struct err *err) must_check;

/* The link that ref names; its fd, the caller's. */
int run_open_link(const struct link_ref *ref, struct err *err) must_check;

/* Where a CGROUP of the command line is; the caller frees. */
int run_cgroup_path(const struct cgroup_ref *ref, char **ret, struct err *err) must_check;

/*
 * The cgroups of an attach or detach: the one it names, or with each every leaf below.
 * check: it has to be one, since an object is loaded before it is opened.
 */
int run_find_cgroups(const struct cgroup_ref *ref, bool each, bool check,
		     struct cgroup_paths *ret, struct err *err) must_check;

/* One more row, with what the program itself tells. -ENOENT: it is gone by now. */
int run_describe(struct cgroup_rows *cg, const struct attach_type *type, uint32_t id,
		 uint32_t flags);

#endif
