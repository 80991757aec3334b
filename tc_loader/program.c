/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/bpf.h>
#include <linux/filter.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/ways_out.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "load/attach_tc.h"
#include "load/object.h"
#include "load/program_cache.h"
#include "load/select.h"
#include "load/session.h"
#include "parse.h"
#include "print.h"
#include "program.h"
#include "request.h"
#include "tc.h"

/* More than the longest program needs: 4096 times four numbers. */
enum { BYTECODE_FILE_MAX = 256 * 1024 };

static int load_bytecode_file(const struct request_filter *req, struct nl_filter *f,
			      struct err *err)
{
	auto_file FILE *file = fopen(req->bpf.path, "re");
	auto_free char *text = NULL;
	size_t len;
	int r;

	if (!file) {
		err_set(err, -errno, "bytecode-file '%s'", req->bpf.path);
		return err_hint_path(err, req->bpf.path);
	}
	text = xcalloc(1, BYTECODE_FILE_MAX + 1);
	len = fread(text, 1, BYTECODE_FILE_MAX, file);
	if (ferror(file))
		return err_set(err, -errno, "bytecode-file '%s'", req->bpf.path);
	if (len == BYTECODE_FILE_MAX || strlen(text) != len)
		return err_say(err, -EINVAL, "bytecode-file '%s': not a bytecode text",
			       req->bpf.path);
	r = parse_bytecode(text, &f->ops, &f->nr_ops, err);
	if (r < 0)
		return err_context(err, "bytecode-file '%s'", req->bpf.path);
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

struct share_opts program_opts(const struct tc *tc, const struct request_bpf *bpf)
{
	struct share_opts opts = tc->tool.share;

	opts.overrides = bpf->overrides;
	opts.constants = bpf->constants;
	opts.verifier_log = bpf->verbose;
	return opts;
}

static bool program_is_directory(const char *path)
{
	struct stat st;

	return bpffs_stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int program_open_pin(struct session *s, const char *word, uint32_t prog_type,
		     const struct object_program **ret, struct err *err)
{
	auto_free char *path = program_pin_path(word);
	struct bpf_prog_info info;
	auto_close int fd = prog_fd_by_pin(path);
	int r;

	if (fd == -EMEDIUMTYPE) {
		err_say(err, fd, "object-pinned '%s' is not a program", path);
		return err_hint(err, PROG_PINS);
	}
	/* The kernel answers EACCES, which looks like a mode. */
	if (fd < 0 && program_is_directory(path))
		return err_say(err, fd,
			       "object-pinned '%s' is a directory; name a program's pin",
			       path);
	if (fd == -EACCES && bpffs_is_outside(path)) {
		err_say(err, fd, "object-pinned '%s' is not on a BPF file system", path);
		return err_hint(err, "pins live below /sys/fs/bpf; 'obj' takes a file");
	}
	if (fd < 0) {
		err_set(err, fd, "object-pinned '%s'", path);
		return fd == -ENOENT ? err_hint(err, PROG_PINS) : fd;
	}
	r = prog_fd_info(fd, &info);
	if (r == 0 && prog_type && info.type != prog_type) {
		const char *type = prog_type_name(info.type);

		return err_say(
			err, -EINVAL,
			"object-pinned '%s': program '%.15s' is of type %s (%u), a filter needs sched_cls (%u); %s",
			path, info.name, type ? type : "?", info.type, prog_type,
			type && strncmp(type, "cgroup", 6) == 0
				? "'cgroup_loader cgroup attach' is for it"
				: "name a classifier's pin");
	}
	*ret = session_give(s, take_fd(&fd));
	return 0;
}

static void say_what_was_loaded(struct object *obj)
{
	auto_strbuf text = STRBUF_INIT;

	print_loaded(obj, &text);
	fputs(sb_text(&text), stderr);
}

int program_load_object(struct session *s, const struct request_bpf *bpf,
			uint32_t prog_type, unsigned int ifindex,
			const struct object_program **ret, struct err *err)
{
	struct object_program *prog;
	int r = session_open(s, bpf->path, err);

	if (r == 0)
		r = select_for_tc(session_object(s), bpf->section, bpf->program,
				  prog_type, &prog, err);
	if (r < 0)
		return r;
	if (ifindex)
		object_set_ifindex(session_object(s), ifindex);
	r = session_load(s, err);
	if (r < 0)
		return r;
	if (bpf->verbose) {
		/* Whoever does not read it holds up this command alone. */
		pin_txn_pause(session_txn(s));
		say_what_was_loaded(session_object(s));
	}
	*ret = prog;
	return 0;
}

/* From an earlier line of the batch, where the load-once rule allows it. */
static const struct object_program *program_share(struct session *s, const struct tc *tc,
						  const struct request_filter *req)
{
	const struct request_bpf *bpf = &req->bpf;
	const struct program_want want = {.path = bpf->path,
					  .section = bpf->section,
					  .program = bpf->program,
					  .prog_type = BPF_PROG_TYPE_SCHED_CLS,
					  .maps = &bpf->overrides,
					  .constants = &bpf->constants};

	/* A program for a device (skip_sw) is its alone; these speak about a load of their own. */
	if (req->skip_sw || bpf->export || bpf->verbose || secure_getenv("TC_BPF_UDS"))
		return NULL;
	return session_share(s, tc->cache, &want);
}

static int load_object(struct session *s, const struct tc *tc,
		       const struct request_filter *req, struct nl_filter *f,
		       const struct object_program **ret, struct err *err)
{
	const char *section;
	int r = 0;

	*ret = program_share(s, tc, req);
	if (!*ret)
		r = program_load_object(s, &req->bpf, BPF_PROG_TYPE_SCHED_CLS,
					req->skip_sw ? (unsigned int)f->ifindex : 0, ret,
					err);
	if (r == -EINVAL && req->skip_sw && err->kind != ERR_USAGE)
		err_hint(
			err,
			"'skip_sw' loads it into the device, and few can run BPF; leave it out");
	if (r < 0)
		return r;
	if (req->bpf.section)
		section = req->bpf.section;
	else if (req->bpf.program)
		section = SELECT_TC_SECTION; /* as tc shows it */
	else
		section = (*ret)->section;
	attach_tc_name(f, req->bpf.path, section);
	return 0;
}

static int open_pin(struct session *s, const struct request_filter *req,
		    struct nl_filter *f, const struct object_program **ret,
		    struct err *err)
{
	int r = program_open_pin(s, req->bpf.path, BPF_PROG_TYPE_SCHED_CLS, ret, err);

	if (r == 0)
		r = session_check_given(s, err);
	/* With tc it is the kernel that refuses what is there but does not fit. */
	if (r == -EMEDIUMTYPE || r == -EINVAL)
		return err_status(err, TC_KERNEL);
	if (r == 0)
		attach_tc_name(f, req->bpf.path, "*fsobj");
	return r;
}

int program_load(struct session *s, const struct tc *tc, const struct request_filter *req,
		 struct nl_filter *f, const struct object_program **ret, struct err *err)
{
	*ret = NULL;
	switch (req->bpf.source) {
	case SOURCE_BYTECODE_FILE:
		return load_bytecode_file(req, f, err);
	case SOURCE_OBJECT:
		return load_object(s, tc, req, f, ret, err);
	case SOURCE_PINNED:
		return open_pin(s, req, f, ret, err);
	case SOURCE_BYTECODE:
		f->ops = xmemdup(req->ops, req->nr_ops * sizeof(*req->ops));
		f->nr_ops = req->nr_ops;
		f->prog = NL_FILTER_CBPF;
		break;
	case SOURCE_NONE:
		break;
	}
	return 0;
}
