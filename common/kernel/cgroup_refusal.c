/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/features.h"
#include "kernel/prog_fd.h"

/* The kernel's limit for one list. */
enum { LIST_MAX = 64 };

void cgroup_say_programs(struct strbuf *out, const struct cgroup_query *q)
{
	prog_fd_say(out, q->prog_ids, q->nr);
}

/* Programs attached in front of the others (6.15) are in the same list: only the mode
 * counts. */
uint32_t cgroup_mode_of(uint32_t flags)
{
	return flags & (BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE);
}

const char *cgroup_mode_word(uint32_t flags)
{
	if (flags & BPF_F_ALLOW_MULTI)
		return "multi";
	return flags & BPF_F_ALLOW_OVERRIDE ? "override" : "exclusive";
}

bool cgroup_holds(const struct cgroup_query *q, uint32_t prog_id)
{
	for (size_t i = 0; i < q->nr; i++)
		if (q->prog_ids[i] == prog_id)
			return true;
	return false;
}

/* The directory above, if it still belongs to the same kind of tree. */
static int cgroup_refusal_open_parent(int fd)
{
	auto_close int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return up >= 0 && cgroup_fd_is_v2(up) > 0 ? take_fd(&up) : -1;
}

/*
 * The nearest ancestor that has programs decides what is allowed below it: a program
 * attached there without multi or override forbids every mode. true: said in err.
 */
static bool explain_ancestor(const struct cgroup_request *req, int code, struct err *err)
{
	auto_close int fd = cgroup_refusal_open_parent(req->cgroup_fd);

	while (fd >= 0) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		auto_close int here = take_fd(&fd);

		if (cgroup_fd_query(here, req->type->value, false, &q) == 0 && q.nr) {
			auto_free char *link = xasprintf("/proc/self/fd/%d", here);
			auto_strbuf who = STRBUF_INIT;
			char where[PATH_MAX] = "?";
			ssize_t n = readlink(link, where, sizeof(where) - 1);

			if (cgroup_mode_of(q.flags))
				return false;
			if (n > 0)
				where[n] = '\0';
			cgroup_say_programs(&who, &q);
			err_say(err, code,
				"'%s': the cgroup above, '%s', has %s attached exclusively to %s, which forbids attaching below it; attach that one with 'multi'",
				req->path, where, sb_text(&who), req->type->name);
			return true;
		}
		fd = cgroup_refusal_open_parent(here);
	}
	return false;
}

/* How to attach where a program of that mode is. */
static const char *cgroup_mode_way_out(uint32_t there)
{
	if (there & BPF_F_ALLOW_MULTI)
		return "say 'multi'";
	return there & BPF_F_ALLOW_OVERRIDE ? "say 'override replace'"
					    : "say 'replace' without a mode";
}

/* Refused with EPERM: the list here is of another mode, or an ancestor forbids it. */
static int explain_mode(const struct cgroup_request *req, const struct cgroup_query *q,
			int code, struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (q->nr && cgroup_mode_of(q->flags) != req->flags) {
		cgroup_say_programs(&who, q);
		return err_say(
			err, code,
			"'%s': %s has %s already, attached as %s; attaching as %s conflicts with that: %s, or detach what is there",
			req->path, req->type->name, sb_text(&who),
			cgroup_mode_word(q->flags), cgroup_mode_word(req->flags),
			cgroup_mode_way_out(q->flags));
	}
	if (explain_ancestor(req, code, err))
		return code;
	return err_set(err, code, "'%s': attach to %s", req->path, req->type->name);
}

static const char *type_word(uint32_t prog_type)
{
	const char *name = prog_type_name(prog_type);

	return name ? name : "unknown";
}

/* What the kernel asks of an anchor, or of the kernel. */
static int explain_order(const struct cgroup_request *req, const struct cgroup_query *q,
			 int code, struct err *err)
{
	const char *kind = req->link ? "link" : "program";

	if (req->opts->order && !q->revision)
		return err_say(
			err, code,
			"'%s': this kernel does not order cgroup programs; 'feature' lists what it gives",
			req->path);
	if (code == -ENOENT)
		return err_say(err, code,
			       "'%s': the %s to stand by is not attached to %s%s",
			       req->path, kind, req->type->name,
			       req->link ? "" : " without a link");
	if (req->opts->anchored)
		return err_say(
			err, code,
			"'%s': the %s cannot be ordered so: before or after must name a %s in the list of %s, with or without 'preorder' like this one",
			req->path, kind, kind, req->type->name);
	return err_say(
		err, code,
		"'%s': this kernel does not take 'preorder'; 'feature' lists what it gives",
		req->path);
}

static int explain_einval(const struct cgroup_request *req, const struct cgroup_query *q,
			  int code, struct err *err)
{
	if (!req->link && req->flags & BPF_F_ALLOW_MULTI && cgroup_holds(q, req->prog_id))
		return err_say(err, code,
			       "'%s': program id %" PRIu32 " is attached to %s already",
			       req->path, req->prog_id, req->type->name);
	if (req->prog_type != req->type->prog_type)
		return err_say(err, code,
			       "'%s': program %" PRIu32 " is of type %s, %s takes %s",
			       req->path, req->prog_id, type_word(req->prog_type),
			       req->type->name, type_word(req->type->prog_type));
	if (req->opts && (req->opts->order || req->opts->preorder))
		return explain_order(req, q, code, err);
	if (req->link && feature_is_missing("link"))
		return err_say(
			err, code,
			"'%s': this kernel has no links; attach without 'link', and the program stays until it is detached",
			req->path);
	return err_say(err, code,
		       "'%s': program id %" PRIu32
		       " cannot go to %s: it was loaded for another attach type",
		       req->path, req->prog_id, req->type->name);
}

/* What the kernel's refusal of an attach or a link means. */
int cgroup_refusal(const struct cgroup_request *req, const struct cgroup_query *q,
		   int code, struct err *err)
{
	switch (code) {
	case -EPERM:
		return explain_mode(req, q, code, err);
	case -EINVAL:
		return explain_einval(req, q, code, err);
	case -ENOENT:
		if (req->opts && req->opts->order)
			return explain_order(req, q, code, err);
		if (req->opts && req->opts->swap)
			return err_say(
				err, code,
				"'%s': the program to replace is not attached to %s without a link",
				req->path, req->type->name);
		/* A directory held open whose cgroup is gone (cgroup_get_from_fd()). */
		return err_say(err, code, "cgroup '%s' was removed meanwhile", req->path);
	case -E2BIG:
		return err_say(
			err, code,
			"'%s': %s has %d programs already, the kernel takes no more",
			req->path, req->type->name, LIST_MAX);
	case -ENODEV:
		return err_say(err, code, "cgroup '%s' was removed meanwhile", req->path);
	default:
		return err_set(err, code, "'%s': attach to %s", req->path,
			       req->type->name);
	}
}

int cgroup_refusal_unseen(const char *path, const struct attach_type *type, int code,
			  struct err *err)
{
	err_set(err, code, "'%s': query %s", path, type->name);
	return code == -EPERM ? caps_explain(err, CAPS_CGROUP) : err->code;
}
