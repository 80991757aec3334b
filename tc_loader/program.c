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
#include "program.h"
#include "request.h"
#include "share/object.h"
#include "tc.h"

#define DEFAULT_SECTION "classifier"

/* More than the longest program needs: 4096 times four numbers. */
enum { BYTECODE_FILE_MAX = 256 * 1024 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "x.o:[classifier]", cut as tc cuts it, which may lose the bracket. */
static void set_name(struct nl_filter *f, const char *path, const char *what)
{
	auto_free char *name = xasprintf("%s:[%s]", base_name(path), what);

	snprintf(f->name, sizeof(f->name) - 1, "%s", name);
}

static int load_bytecode_file(struct request_filter *req, struct err *err)
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
	r = parse_bytecode(text, &req->f.ops, &req->f.nr_ops, err);
	if (r < 0)
		return err_context(err, "bytecode-file '%s'", req->bpf.path);
	req->f.prog = NL_FILTER_CBPF;
	return 0;
}

/* tc writes "m:globals/x" for MNT/tc/globals/x. */
static char *pin_path_of(const char *word)
{
	char mnt[PATH_MAX];

	if (strncmp(word, "m:", 2) != 0)
		return xstrdup(word);
	bpffs_mount_point(mnt);
	return xasprintf("%s/tc/%s", mnt, word + 2);
}

static int open_pin(struct program *prog, struct request_filter *req, struct err *err)
{
	auto_free char *path = pin_path_of(req->bpf.path);
	struct bpf_prog_info info;
	auto_close int fd = prog_fd_by_pin(path);
	int r;

	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "object-pinned '%s' is no program", path);
	if (fd < 0)
		return err_set(err, fd, "object-pinned '%s'", path);
	r = prog_fd_info(fd, &info);
	if (r == 0 && info.type != BPF_PROG_TYPE_SCHED_CLS)
		return err_say(
			err, -EINVAL,
			"object-pinned '%s': program '%.15s' has type %u, a filter "
			"needs sched_cls (%d)",
			path, info.name, info.type, BPF_PROG_TYPE_SCHED_CLS);
	prog->pin_fd = take_fd(&fd);
	req->f.prog = NL_FILTER_EBPF;
	req->f.prog_fd = prog->pin_fd;
	set_name(&req->f, path, "*fsobj");
	return 0;
}

/*
 * tc takes section "classifier" when none is named. Where there is none, tc fails; then
 * the only program written for tc (SEC("tc")) is meant, else the only program at all.
 */
static int want(struct object *obj, const struct request_bpf *bpf,
		struct object_program **ret, struct err *err)
{
	struct object_program *progs, *only = NULL;
	size_t nr, nr_tc = 0;

	if (bpf->section || bpf->program)
		return object_want(obj, bpf->section, bpf->program, ret, err);
	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(progs[i].section, DEFAULT_SECTION) == 0)
			return object_want(obj, DEFAULT_SECTION, NULL, ret, err);
		if (progs[i].prog_type == BPF_PROG_TYPE_SCHED_CLS &&
		    !progs[i].tail_call) {
			only = &progs[i];
			nr_tc++;
		}
	}
	return object_want(obj, NULL, nr_tc == 1 ? only->name : NULL, ret, err);
}

/* Everything that is loaded for a filter is a classifier, whatever its section is called.
 */
static void set_types(struct object *obj)
{
	struct object_program *progs;
	size_t nr;

	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].tail_call && progs[i].tail_call->map >= 0)
			object_want_program(obj, &progs[i]);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].wanted)
			object_program_set_type(obj, &progs[i], BPF_PROG_TYPE_SCHED_CLS,
						0);
}

static void say_what_was_loaded(struct object *obj)
{
	size_t nr;
	const struct object_map *maps = object_maps(obj, &nr);
	const struct object_program *progs;

	for (size_t i = 0; i < nr; i++)
		log_info("map '%s': id %u%s%s%s", maps[i].def.name, maps[i].id,
			 maps[i].place.kind == PLACE_PIN ? " at " : "",
			 maps[i].place.kind == PLACE_PIN ? maps[i].place.path : "",
			 maps[i].state == OBJECT_MAP_REUSE ? " (reused)" : "");
	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].wanted)
			log_info("program '%s' of section '%s': id %u", progs[i].name,
				 progs[i].section, progs[i].id);
}

static int load_object(struct program *prog, const struct tc *tc,
		       struct request_filter *req, struct err *err)
{
	struct object_program *wanted;
	const char *section;
	int r;

	prog->opts = tc->tool.share;
	prog->opts.overrides = req->bpf.overrides;
	r = object_open(&prog->object, req->bpf.path, &prog->opts, err);
	if (r < 0)
		return r;
	r = want(prog->object, &req->bpf, &wanted, err);
	if (r < 0)
		return r;
	set_types(prog->object);
	r = object_load(prog->object, err);
	if (r < 0)
		return r;
	if (req->bpf.verbose)
		say_what_was_loaded(prog->object);
	section = req->bpf.section   ? req->bpf.section
		  : req->bpf.program ? DEFAULT_SECTION /* as tc shows it */
				     : wanted->section;
	req->f.prog = NL_FILTER_EBPF;
	req->f.prog_fd = wanted->fd;
	set_name(&req->f, req->bpf.path, section);
	return 0;
}

int program_load(struct program *prog, const struct tc *tc, struct request_filter *req,
		 struct err *err)
{
	switch (req->bpf.source) {
	case SOURCE_BYTECODE_FILE:
		return load_bytecode_file(req, err);
	case SOURCE_OBJECT:
		return load_object(prog, tc, req, err);
	case SOURCE_PINNED:
		return open_pin(prog, req, err);
	case SOURCE_NONE:
	case SOURCE_BYTECODE:
		break;
	}
	return 0;
}

void program_keep(struct program *prog)
{
	if (prog->object)
		object_keep(prog->object);
}

void program_release(struct program *prog)
{
	object_close(prog->object);
	if (prog->pin_fd >= 0)
		close(prog->pin_fd);
	*prog = (struct program)PROGRAM_INIT;
}
