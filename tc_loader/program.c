/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/prog_fd.h"
#include "parse.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "load/object.h"
#include "load/select.h"
#include "kernel/pin_txn.h"
#include "tc.h"

/* More than the longest program needs: 4096 times four numbers. */
enum { BYTECODE_FILE_MAX = 256 * 1024 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "x.o:[classifier]", cut as tc cuts it, which may lose the bracket. */
static void program_set_name(struct nl_filter *f, const char *path, const char *what)
{
	auto_free char *name = xasprintf("%s:[%s]", base_name(path), what);

	snprintf(f->name, sizeof(f->name) - 1, "%s", name);
}

static int load_bytecode_file(struct program *prog, const struct request_filter *req,
			      struct nl_filter *f, struct err *err)
{
	auto_file FILE *file = fopen(req->bpf.path, "re");
	auto_free char *text = NULL;
	size_t len;
	int r;

	if (!file)
		return err_set(err, -errno, "bytecode-file '%s'", req->bpf.path);
	text = xcalloc(1, BYTECODE_FILE_MAX + 1);
	len = fread(text, 1, BYTECODE_FILE_MAX, file);
	if (ferror(file))
		return err_set(err, -errno, "bytecode-file '%s'", req->bpf.path);
	if (len == BYTECODE_FILE_MAX || strlen(text) != len)
		return err_say(err, -EINVAL, "bytecode-file '%s': not a bytecode text",
			       req->bpf.path);
	r = parse_bytecode(text, &prog->ops, &f->nr_ops, err);
	if (r < 0)
		return err_context(err, "bytecode-file '%s'", req->bpf.path);
	f->ops = prog->ops;
	f->prog = NL_FILTER_CBPF;
	return 0;
}

char *program_pin_path(const char *word)
{
	char mnt[PATH_MAX];

	if (strncmp(word, "m:", 2) != 0)
		return xstrdup(word);
	bpffs_mount_point(mnt);
	return xasprintf("%s/tc/%s", mnt, word + 2);
}

int program_open_pin(struct program *prog, const char *word, uint32_t prog_type,
		     struct err *err)
{
	auto_free char *path = program_pin_path(word);
	struct bpf_prog_info info;
	auto_close int fd = prog_fd_by_pin(path);
	int r;

	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "object-pinned '%s' is not a program", path);
	if (fd < 0)
		return err_set(err, fd, "object-pinned '%s'", path);
	r = prog_fd_info(fd, &info);
	if (r == 0 && prog_type && info.type != prog_type)
		return err_say(
			err, -EINVAL,
			"object-pinned '%s': program '%.15s' has type %u, a filter needs sched_cls (%u)",
			path, info.name, info.type, prog_type);
	prog->fd = prog->pin_fd = take_fd(&fd);
	return 0;
}

static void say_what_was_loaded(struct object *obj)
{
	auto_strbuf text = STRBUF_INIT;

	print_loaded(obj, &text);
	fputs(sb_text(&text), stderr);
}

int program_load_object(struct program *prog, const struct tc *tc,
			const struct request_bpf *bpf, uint32_t prog_type,
			struct err *err)
{
	struct object_program *wanted;
	int r;

	prog->opts = tc->tool.share;
	prog->opts.overrides = bpf->overrides;
	prog->opts.verifier_log = bpf->verbose;
	r = object_open(&prog->object, bpf->path, &prog->opts, err);
	if (r < 0)
		return r;
	r = select_for_tc(prog->object, bpf->section, bpf->program, prog_type, &wanted,
			  err);
	if (r < 0)
		return r;
	if (prog->ifindex)
		object_set_ifindex(prog->object, prog->ifindex);
	r = object_load(prog->object, err);
	if (r < 0)
		return r;
	if (bpf->verbose) {
		/* Whoever does not read it holds up this command alone. */
		pin_txn_pause(object_txn(prog->object));
		say_what_was_loaded(prog->object);
	}
	prog->wanted = wanted;
	prog->fd = wanted->fd;
	prog->id = wanted->id;
	return 0;
}

/* From an earlier line of the batch, where the load-once rule allows it. */
static bool program_share(struct program *prog, const struct tc *tc,
			  const struct request_filter *req, const char **section)
{
	struct program_cached cached;

	/* A program for a device (skip_sw) is that device's alone. */
	if (!tc->cache || req->skip_sw ||
	    !program_cache_key(&prog->key, &req->bpf, BPF_PROG_TYPE_SCHED_CLS))
		return false;
	prog->cache = tc->cache;
	if (!program_cache_find(tc->cache, &prog->key, &cached))
		return false;
	prog->fd = cached.fd;
	prog->id = cached.id;
	*section = cached.section;
	return true;
}

static int load_object(struct program *prog, const struct tc *tc,
		       const struct request_filter *req, struct nl_filter *f,
		       struct err *err)
{
	const char *section;
	int r;

	if (req->skip_sw)
		prog->ifindex = (unsigned int)f->ifindex;
	if (!program_share(prog, tc, req, &section)) {
		r = program_load_object(prog, tc, &req->bpf, BPF_PROG_TYPE_SCHED_CLS,
					err);
		if (r < 0)
			return r;
		section = prog->wanted->section;
	}
	if (req->bpf.section)
		section = req->bpf.section;
	else if (req->bpf.program)
		section = SELECT_TC_SECTION; /* as tc shows it */
	f->prog = NL_FILTER_EBPF;
	f->prog_fd = prog->fd;
	program_set_name(f, req->bpf.path, section);
	return 0;
}

static int open_pin(struct program *prog, const struct request_filter *req,
		    struct nl_filter *f, struct err *err)
{
	int r = program_open_pin(prog, req->bpf.path, BPF_PROG_TYPE_SCHED_CLS, err);

	/* With tc it is the kernel that refuses what is there but does not fit. */
	if (r == -EMEDIUMTYPE || r == -EINVAL)
		return err_status(err, TC_KERNEL);
	if (r < 0)
		return r;
	f->prog = NL_FILTER_EBPF;
	f->prog_fd = prog->fd;
	program_set_name(f, req->bpf.path, "*fsobj");
	return 0;
}

int program_load(struct program *prog, const struct tc *tc,
		 const struct request_filter *req, struct nl_filter *f, struct err *err)
{
	switch (req->bpf.source) {
	case SOURCE_BYTECODE_FILE:
		return load_bytecode_file(prog, req, f, err);
	case SOURCE_OBJECT:
		return load_object(prog, tc, req, f, err);
	case SOURCE_PINNED:
		return open_pin(prog, req, f, err);
	case SOURCE_BYTECODE:
		f->ops = req->ops;
		f->nr_ops = req->nr_ops;
		f->prog = NL_FILTER_CBPF;
		break;
	case SOURCE_NONE:
		break;
	}
	return 0;
}

void program_keep(struct program *prog)
{
	if (!prog->object)
		return;
	object_keep(prog->object);
	if (prog->cache)
		program_cache_add(prog->cache, &prog->key, prog->object, prog->wanted);
}

void program_release(struct program *prog)
{
	object_close(prog->object);
	free(prog->ops);
	sb_release(&prog->key.text);
	if (prog->pin_fd >= 0)
		close(prog->pin_fd);
	*prog = (struct program)PROGRAM_INIT;
}
