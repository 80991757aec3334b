/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "format/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/prog_fd.h"

/* How often somebody else may change the list between our look and our attach. */
enum { ATTACH_TRIES = 32, LIST_MAX = 64 };

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

/* One request; for the words as well as for the kernel. */
struct request {
	int cgroup_fd;
	const char *path;
	const struct attach_type *type;
	int prog_fd;
	uint32_t flags; /* the mode */
	const struct cgroup_attach_opts *opts;
	bool link; /* may stand beside a direct entry of the same program */
	uint32_t prog_id, prog_type; /* once looked at */
};

static int bpf(int cmd, void *attr, unsigned int size)
{
	int r = (int)syscall(__NR_bpf, cmd, attr, size);

	return r < 0 ? -errno : r;
}

/* "program id 12 'count'"; the name is left out where the program cannot be opened. */
static void say_program(struct strbuf *out, uint32_t id)
{
	auto_close int fd = prog_fd_by_id(id);
	struct bpf_prog_info info;
	auto_free char *name = NULL;

	sb_addf(out, "program id %" PRIu32, id);
	if (fd < 0 || prog_fd_info(fd, &info) < 0)
		return;
	name = prog_fd_name(fd, &info);
	if (name && *name)
		sb_addf(out, " '%s'", name);
}

static void say_programs(struct strbuf *out, const struct cgroup_query *q)
{
	for (size_t i = 0; i < q->nr; i++) {
		if (i)
			sb_add(out, ", ");
		say_program(out, q->prog_ids[i]);
	}
}

/* Programs attached in front of the others (6.15) are in the same list: only the mode
 * counts. */
static uint32_t mode_of(uint32_t flags)
{
	return flags & (BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE);
}

static const char *mode_word(uint32_t flags)
{
	if (flags & BPF_F_ALLOW_MULTI)
		return "multi";
	return flags & BPF_F_ALLOW_OVERRIDE ? "override" : "exclusive";
}

static bool holds(const struct cgroup_query *q, uint32_t prog_id)
{
	for (size_t i = 0; i < q->nr; i++)
		if (q->prog_ids[i] == prog_id)
			return true;
	return false;
}

/* The directory above, if it still belongs to the same kind of tree. */
static int open_parent(int fd)
{
	auto_close int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (up < 0 || fstatfs(up, &fs) < 0 ||
	    (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC)
		return -1;
	return take_fd(&up);
}

/*
 * The nearest ancestor that has programs decides what is allowed below it: a program
 * attached there without multi or override forbids every mode. true: said in err.
 */
static bool explain_ancestor(const struct request *req, int code, struct err *err)
{
	auto_close int fd = open_parent(req->cgroup_fd);

	while (fd >= 0) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		auto_close int here = take_fd(&fd);

		if (cgroup_fd_query(here, req->type->value, false, &q) == 0 && q.nr) {
			auto_free char *link = xasprintf("/proc/self/fd/%d", here);
			auto_strbuf who = STRBUF_INIT;
			char where[PATH_MAX] = "?";
			ssize_t n = readlink(link, where, sizeof(where) - 1);

			if (mode_of(q.flags))
				return false;
			if (n > 0)
				where[n] = '\0';
			say_programs(&who, &q);
			err_say(err, code,
				"'%s': the cgroup above, '%s', has %s attached "
				"exclusively to "
				"%s, which forbids attaching below it",
				req->path, where, sb_text(&who), req->type->name);
			return true;
		}
		fd = open_parent(here);
	}
	return false;
}

/* Refused with EPERM: the list here is of another mode, or an ancestor forbids it. */
static int explain_mode(const struct request *req, const struct cgroup_query *q, int code,
			struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (q->nr && mode_of(q->flags) != req->flags) {
		say_programs(&who, q);
		return err_say(err, code,
			       "'%s': %s has %s already, attached as %s; attaching as "
			       "%s does not go with that",
			       req->path, req->type->name, sb_text(&who),
			       mode_word(q->flags), mode_word(req->flags));
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
static int explain_order(const struct request *req, const struct cgroup_query *q,
			 int code, struct err *err)
{
	const char *kind = req->link ? "link" : "program";

	if (req->opts->order && !q->revision)
		return err_say(err, code,
			       "'%s': this kernel does not order cgroup programs (that "
			       "came with Linux 6.17)",
			       req->path);
	if (code == -ENOENT)
		return err_say(err, code,
			       "'%s': the %s to stand by is not attached to %s%s",
			       req->path, kind, req->type->name,
			       req->link ? "" : " without a link");
	if (req->opts->anchored)
		return err_say(
			err, code,
			"'%s': the %s cannot stand there: what it stands by has to "
			"be a %s in the list of %s, with or without 'preorder' "
			"as this one",
			req->path, kind, kind, req->type->name);
	return err_say(err, code,
		       "'%s': this kernel does not take 'preorder' (Linux 6.15 does)",
		       req->path);
}

static int explain_einval(const struct request *req, const struct cgroup_query *q,
			  int code, struct err *err)
{
	if (!req->link && req->flags & BPF_F_ALLOW_MULTI && holds(q, req->prog_id))
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
	return err_say(err, code,
		       "'%s': program id %" PRIu32 " cannot go to %s: it was loaded for "
		       "another attach type",
		       req->path, req->prog_id, req->type->name);
}

/* What the kernel's refusal of an attach or a link means. */
static int explain(const struct request *req, const struct cgroup_query *q, int code,
		   struct err *err)
{
	switch (code) {
	case -EPERM:
		return explain_mode(req, q, code, err);
	case -EINVAL:
		return explain_einval(req, q, code, err);
	case -ENOENT:
		if (req->opts && req->opts->order)
			return explain_order(req, q, code, err);
		return err_say(err, code,
			       "'%s': the program to replace is not attached to %s "
			       "without a link",
			       req->path, req->type->name);
	case -E2BIG:
		return err_say(err, code,
			       "'%s': %s has %d programs already, the kernel takes "
			       "no more",
			       req->path, req->type->name, LIST_MAX);
	case -ENODEV:
		return err_say(err, code, "cgroup '%s' was removed meanwhile", req->path);
	default:
		return err_set(err, code, "'%s': attach to %s", req->path,
			       req->type->name);
	}
}

/* Everything that is the same for attach, detach and link: who is it, what is there. */
static int look(struct request *req, struct cgroup_query *q, struct err *err)
{
	struct bpf_prog_info info;
	int r = prog_fd_info(req->prog_fd, &info);

	if (r < 0)
		return err_set(err, r, "read the program's info");
	req->prog_id = info.id;
	req->prog_type = info.type;
	r = cgroup_fd_query(req->cgroup_fd, req->type->value, false, q);
	if (r == 0)
		return 0;
	/*
	 * Linux 6.18 lets others attach and detach some types, but without seeing the
	 * list nobody's program could be spared.
	 */
	if (r == -EPERM) {
		err_set(err, r, "'%s': query %s", req->path, req->type->name);
		return caps_explain(err, CAPS_ATTACH);
	}
	if (r == -EINVAL)
		return err_say(err, r,
			       "this kernel has no attach type %s (it came with Linux "
			       "%s)",
			       req->type->name, req->type->since);
	return explain(req, q, r, err);
}

/* A program that is there alone, and is not ours, stays unless replace was said. */
static int refuse_eviction(const struct request *req, const struct cgroup_query *q,
			   struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (!q->nr || mode_of(q->flags) != req->flags || holds(q, req->prog_id))
		return 0;
	say_programs(&who, q);
	return err_say(
		err, -EEXIST,
		"'%s': %s is taken by %s, attached as %s; 'replace' attaches over it",
		req->path, req->type->name, sb_text(&who), mode_word(q->flags));
}

static int refused(struct request *req, struct cgroup_query *q, bool looked, int code,
		   struct err *err)
{
	int r = looked ? 0 : look(req, q, err);

	return r < 0 ? r : explain(req, q, code, err);
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
	struct request req = {.cgroup_fd = cgroup_fd,
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
		int r = guarded ? look(&req, &q, err) : 0;

		if (opts->swap) {
			attr.attach_flags |= FLAG_REPLACE;
			attr.replace_bpf_fd = (uint32_t)opts->swap_fd;
		}
		if (r == 0 && guarded)
			r = refuse_eviction(&req, &q, err);
		if (r < 0)
			return r;
		/* Nobody may slip in between the look and the attach. */
		if (guarded)
			attr.expected_revision = q.revision;
		r = bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
		if (r == 0)
			return 0;
		if (r != -ESTALE)
			return refused(&req, &q, guarded, r, err);
	}
	return err_set(err, -ESTALE, "'%s': attach to %s", path, type->name);
}

/* In a multi list the kernel compares programs; elsewhere it removes whatever is there.
 */
static int check_detach(const struct request *req, const struct cgroup_query *q,
			struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (holds(q, req->prog_id))
		return 0;
	if (!q->nr)
		return err_say(err, -ENOENT, "'%s': nothing is attached to %s", req->path,
			       req->type->name);
	say_programs(&who, q);
	return err_say(err, -ENOENT,
		       "'%s': program id %" PRIu32 " is not attached to %s, but %s",
		       req->path, req->prog_id, req->type->name, sb_text(&who));
}

static int explain_detach(const struct request *req, const struct cgroup_query *q,
			  int code, struct err *err)
{
	if (code == -ENOENT && holds(q, req->prog_id))
		return err_say(err, code,
			       "'%s': program id %" PRIu32
			       " is attached to %s by a link; "
			       "detach that link, or remove its pin",
			       req->path, req->prog_id, req->type->name);
	if (code == -ENODEV)
		return err_say(err, code, "cgroup '%s' was removed meanwhile", req->path);
	return err_set(err, code, "'%s': detach from %s", req->path, req->type->name);
}

int cgroup_fd_detach(int cgroup_fd, const char *path, const struct attach_type *type,
		     int prog_fd, struct err *err)
{
	struct request req = {
		.cgroup_fd = cgroup_fd, .path = path, .type = type, .prog_fd = prog_fd};

	for (int i = 0; i < ATTACH_TRIES; i++) {
		auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
		struct attach_attr attr = {
			.target_fd = (uint32_t)cgroup_fd,
			.attach_bpf_fd = (uint32_t)prog_fd,
			.attach_type = type->value,
		};
		int r = look(&req, &q, err);

		if (r == 0)
			r = check_detach(&req, &q, err);
		if (r < 0)
			return r;
		if (!(q.flags & BPF_F_ALLOW_MULTI))
			attr.expected_revision = q.revision;
		r = bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
		if (r != -ESTALE)
			return r < 0 ? explain_detach(&req, &q, r, err) : 0;
	}
	return err_set(err, -ESTALE, "'%s': detach from %s", path, type->name);
}

int cgroup_fd_link(int cgroup_fd, const char *path, const struct attach_type *type,
		   int prog_fd, const struct cgroup_attach_opts *opts, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	struct request req = {.cgroup_fd = cgroup_fd,
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
	int r = look(&req, &q, err);

	if (r < 0)
		return r;
	if (opts->anchored) {
		attr.flags |= FLAG_LINK;
		attr.relative_fd = (uint32_t)opts->anchor_fd;
	}
	r = bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	return r < 0 ? explain(&req, &q, r, err) : r;
}
