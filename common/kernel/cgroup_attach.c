/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "def/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/prog_fd.h"

/* How often somebody else may change the list between our look and our attach. */
enum { ATTACH_TRIES = 32 };

/* As of Linux 6.17; shorter kernels accept it as long as what they do not know is zero.
 */
struct attach_attr {
	uint32_t target_fd, attach_bpf_fd, attach_type, attach_flags;
	uint32_t replace_bpf_fd, relative_fd;
	uint64_t expected_revision;
};

struct link_attr {
	uint32_t prog_fd, target_fd, attach_type, flags;
	uint32_t relative_fd, pad;
	uint64_t expected_revision;
	uint64_t reserved[4]; /* the kernel's union of options by program type */
};

/* Flags newer than the headers this is built with may be. */
enum {
	FLAG_REPLACE = 1 << 2,  /* 5.6 */
	FLAG_BEFORE = 1 << 3,   /* for cgroups 6.17, as the next one and FLAG_LINK */
	FLAG_AFTER = 1 << 4,    /* */
	FLAG_PREORDER = 1 << 6, /* 6.15 */
	FLAG_LINK = 1 << 13,    /* relative_fd is a link */
};

static int cgroup_attach_bpf(int cmd, void *attr, unsigned int size)
{
	int r = (int)syscall(__NR_bpf, cmd, attr, size);

	return r < 0 ? -errno : r;
}

/* Everything that is the same for attach, detach and link: who is it, what is there. */
static int cgroup_attach_look(struct cgroup_request *req, struct cgroup_query *q,
			      struct err *err)
{
	struct bpf_prog_info info;
	int r = req->prog_id ? 0 : prog_fd_info(req->prog_fd, &info);

	if (r < 0)
		return err_set(err, r, "read the program's info");
	if (!req->prog_id) {
		req->prog_id = info.id;
		req->prog_type = info.type;
	}
	r = cgroup_fd_query(req->cgroup_fd, req->type->value, false, q);
	if (r == 0)
		return 0;
	/*
	 * Linux 6.18 lets others attach and detach some types, but without seeing the
	 * list nobody's program could be spared.
	 */
	if (r == -EPERM)
		return cgroup_refusal_unseen(req->path, req->type, r, err);
	if (r == -EINVAL)
		return err_say(
			err, r,
			"this kernel has no attach type %s (it came with Linux %s)",
			req->type->name, req->type->since);
	return cgroup_refusal(req, q, r, err);
}

/* A program that is there alone, and is not ours, stays unless replace was said. */
static int refuse_eviction(const struct cgroup_request *req, const struct cgroup_query *q,
			   struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (!q->nr || cgroup_mode_of(q->flags) != req->flags ||
	    cgroup_holds(q, req->prog_id))
		return 0;
	cgroup_say_programs(&who, q);
	return err_say(
		err, -EEXIST,
		"'%s': %s is taken by %s, attached as %s; 'replace' attaches over it",
		req->path, req->type->name, sb_text(&who), cgroup_mode_word(q->flags));
}

static int cgroup_attach_refused(struct cgroup_request *req, struct cgroup_query *q,
				 bool looked, int code, struct err *err)
{
	int r = looked ? 0 : cgroup_attach_look(req, q, err);

	return r < 0 ? r : cgroup_refusal(req, q, code, err);
}

static uint32_t order_flags(const struct cgroup_attach_opts *opts)
{
	uint32_t flags = opts->preorder ? FLAG_PREORDER : 0;

	if (opts->order)
		flags |= opts->order == CGROUP_BEFORE ? FLAG_BEFORE : FLAG_AFTER;
	return flags;
}

int cgroup_fd_attach(int cgroup_fd, const char *path, const struct attach_type *type,
		     int prog_fd, const struct cgroup_attach_opts *opts, struct err *err)
{
	struct cgroup_request req = {.cgroup_fd = cgroup_fd,
				     .path = path,
				     .type = type,
				     .prog_fd = prog_fd,
				     .flags = opts->flags,
				     .opts = opts};
	bool guarded = !opts->replace && !(opts->flags & BPF_F_ALLOW_MULTI);

	for (int i = 0; i < ATTACH_TRIES; i++) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		struct attach_attr attr = {
			.target_fd = (uint32_t)cgroup_fd,
			.attach_bpf_fd = (uint32_t)prog_fd,
			.attach_type = type->value,
			.attach_flags = opts->flags | order_flags(opts),
			.relative_fd = opts->anchored ? (uint32_t)opts->anchor_fd : 0,
		};
		/* Where nobody can be evicted, a look is only worth the explanation. */
		int r = guarded ? cgroup_attach_look(&req, &q, err) : 0;

		if (opts->swap) {
			attr.attach_flags |= FLAG_REPLACE;
			attr.replace_bpf_fd = (uint32_t)opts->swap_fd;
		}
		if (r == 0 && guarded)
			r = refuse_eviction(&req, &q, err);
		if (r < 0)
			return r;
		/* Nobody may slip in between the look, ours or the caller's, and the attach. */
		attr.expected_revision = guarded ? q.revision : opts->revision;
		r = cgroup_attach_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
		if (r == 0)
			return 0;
		if (r != -ESTALE)
			return cgroup_attach_refused(&req, &q, guarded, r, err);
		if (!guarded)
			break;
	}
	return err_set(err, -ESTALE, "'%s': attach to %s", path, type->name);
}

/* In a multi list the kernel compares programs; elsewhere it removes whatever is there.
 */
static int check_detach(const struct cgroup_request *req, const struct cgroup_query *q,
			struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (cgroup_holds(q, req->prog_id))
		return 0;
	if (!q->nr) {
		err_say(err, -ENOENT, "'%s': nothing is attached to %s", req->path,
			req->type->name);
		return err_hint(err, "'cgroup show' lists what is");
	}
	cgroup_say_programs(&who, q);
	return err_say(err, -ENOENT,
		       "'%s': program id %" PRIu32 " is not attached to %s, but %s",
		       req->path, req->prog_id, req->type->name, sb_text(&who));
}

static int explain_detach(const struct cgroup_request *req, const struct cgroup_query *q,
			  int code, struct err *err)
{
	if (code == -ENOENT && cgroup_holds(q, req->prog_id))
		return err_say(
			err, code,
			"'%s': program id %" PRIu32
			" is attached to %s by a link; detach that link, or remove its pin",
			req->path, req->prog_id, req->type->name);
	if (code == -ENODEV)
		return err_say(err, code, "cgroup '%s' was removed meanwhile", req->path);
	return err_set(err, code, "'%s': detach from %s", req->path, req->type->name);
}

int cgroup_fd_detach(int cgroup_fd, const char *path, const struct attach_type *type,
		     int prog_fd, struct err *err)
{
	struct bpf_prog_info info;
	int r = prog_fd_info(prog_fd, &info);

	return r < 0 ? err_set(err, r, "read the program's info")
		     : cgroup_fd_detach_known(cgroup_fd, path, type, prog_fd, &info, err);
}

int cgroup_fd_detach_known(int cgroup_fd, const char *path,
			   const struct attach_type *type, int prog_fd,
			   const struct bpf_prog_info *info, struct err *err)
{
	struct cgroup_request req = {.cgroup_fd = cgroup_fd,
				     .path = path,
				     .type = type,
				     .prog_fd = prog_fd,
				     .prog_id = info->id,
				     .prog_type = info->type};

	for (int i = 0; i < ATTACH_TRIES; i++) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		struct attach_attr attr = {
			.target_fd = (uint32_t)cgroup_fd,
			.attach_bpf_fd = (uint32_t)prog_fd,
			.attach_type = type->value,
		};
		int r = cgroup_attach_look(&req, &q, err);

		if (r == 0)
			r = check_detach(&req, &q, err);
		if (r < 0)
			return r;
		if (!(q.flags & BPF_F_ALLOW_MULTI))
			attr.expected_revision = q.revision;
		r = cgroup_attach_bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
		if (r != -ESTALE)
			return r < 0 ? explain_detach(&req, &q, r, err) : 0;
	}
	return err_set(err, -ESTALE, "'%s': detach from %s", path, type->name);
}

int cgroup_fd_link(int cgroup_fd, const char *path, const struct attach_type *type,
		   int prog_fd, const struct cgroup_attach_opts *opts, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	struct cgroup_request req = {.cgroup_fd = cgroup_fd,
				     .path = path,
				     .type = type,
				     .prog_fd = prog_fd,
				     .flags = BPF_F_ALLOW_MULTI,
				     .opts = opts,
				     .link = true};
	struct link_attr attr = {
		.prog_fd = (uint32_t)prog_fd,
		.target_fd = (uint32_t)cgroup_fd,
		.attach_type = type->value,
		.flags = order_flags(opts),
	};
	int r;

	if (opts->anchored) {
		attr.flags |= FLAG_LINK;
		attr.relative_fd = (uint32_t)opts->anchor_fd;
	}
	/* It displaces nobody: a look is only worth the explanation. */
	r = cgroup_attach_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	return r < 0 ? cgroup_attach_refused(&req, &q, false, r, err) : r;
}
