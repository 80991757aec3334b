/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The context, and the one way in and out. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "door/door_private.h"
#include "mapshare_apply.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/kernel_scope.h"
#include "kernel/pin_dir.h"

enum {
	KNOWN_FLAGS = MAPSHARE_MOUNT_BPFFS | MAPSHARE_CALLER_PINS |
		      MAPSHARE_REQUIRE_SHARED | MAPSHARE_NO_LAYOUT_CHECK,
};

const char *mapshare_version(void)
{
	return MAPSHARE_VERSION;
}

/* --- the way in and out --- */

struct door_call {
	int (*fn)(void *call, struct err *err);
	void *call;
	struct err *err;
	bool done;
};

static int door_guarded(void *arg)
{
	struct door_call *c = arg;
	int r = c->fn(c->call, c->err);

	c->done = true;
	return r;
}

static void door_message(void *data, enum log_level level, const char *line)
{
	static const enum mapshare_level levels[] = {
		[LOG_WARN] = MAPSHARE_WARN,
		[LOG_INFO] = MAPSHARE_INFO,
		[LOG_DEBUG] = MAPSHARE_DEBUG,
	};
	const struct mapshare *ms = data;

	ms->message(ms->data, levels[level], line);
}

static int door_enter(struct mapshare *ms, int (*fn)(void *call, struct err *err),
		      void *call, struct err *err)
{
	struct log_scope log = {.sink = ms->message ? door_message : NULL,
				.data = ms,
				.threshold = LOG_DEBUG};
	struct kernel_scope scope = {.bpffs = ms->bpffs,
				     .may_mount = ms->flags & MAPSHARE_MOUNT_BPFFS,
				     .caller_pins = ms->flags & MAPSHARE_CALLER_PINS};
	struct door_call c = {.fn = fn, .call = call, .err = err};
	int r;

	log_scope_begin(&log);
	kernel_scope_begin(&scope);
	r = alloc_guard(door_guarded, &c);
	/* What it had in mind to say was perhaps cut short. */
	if (!c.done) {
		err_release(err);
		err_say(err, r, "out of memory");
	}
	kernel_scope_end(&scope);
	log_scope_end(&log);
	return r;
}

int door_run(struct mapshare *ms, int (*fn)(void *call, struct err *err), void *call)
{
	err_release(&ms->err);
	return door_enter(ms, fn, call, &ms->err);
}

void door_run_quietly(struct mapshare *ms, int (*fn)(void *call, struct err *err),
		      void *call)
{
	auto_err err = ERR_INIT;

	if (door_enter(ms, fn, call, &err) < 0 && ms->message)
		ms->message(ms->data, MAPSHARE_WARN, err.text);
}

/* --- structs of the caller's --- */

int door_opts(void *ret, size_t known, const void *opts, const char *what,
	      struct err *err)
{
	size_t size = known;

	memset(ret, 0, known);
	if (!opts)
		return 0;
	memcpy(&size, opts, sizeof(size));
	if (size < sizeof(size))
		return err_say(err, -EINVAL, "%s: size is %zu; use MAPSHARE_OPTS()", what,
			       size);
	for (size_t i = known; i < size; i++)
		if (((const char *)opts)[i])
			return err_say(
				err, -EINVAL,
				"%s: has options that this version of the library (%s) does not know",
				what, MAPSHARE_VERSION);
	memcpy(ret, opts, size < known ? size : known);
	return 0;
}

int door_fill(void *ret, const void *info, size_t known, struct err *err)
{
	size_t size;

	memcpy(&size, ret, sizeof(size));
	if (size < sizeof(size))
		return err_say(err, -EINVAL, "size is %zu; use MAPSHARE_OPTS()", size);
	memset(ret, 0, size);
	memcpy(ret, info, size < known ? size : known);
	memcpy(ret, &size, sizeof(size));
	return 0;
}

/* --- the context --- */

struct call_new {
	struct mapshare *ms;
	const struct mapshare_opts *opts;
};

static int door_new(void *call, struct err *err)
{
	struct call_new *c = call;
	struct mapshare_opts opts;
	int r = door_opts(&opts, sizeof(opts), c->opts, "options", err);

	if (r < 0)
		return r;
	if (opts.flags & ~(unsigned int)KNOWN_FLAGS)
		return err_say(err, -EINVAL, "flags is 0x%x, of which 0x%x is unknown",
			       opts.flags, opts.flags & ~(unsigned int)KNOWN_FLAGS);
	c->ms->message = opts.message;
	c->ms->data = opts.data;
	c->ms->flags = opts.flags;
	c->ms->bpffs = opts.bpffs ? xstrdup(opts.bpffs) : NULL;
	c->ms->pin_root = opts.pin_root ? xstrdup(opts.pin_root) : NULL;
	return 0;
}

int mapshare_new(struct mapshare **ret, const struct mapshare_opts *opts)
{
	struct mapshare *ms = calloc(1, sizeof(*ms));
	struct call_new c = {.ms = ms, .opts = opts};
	int r = ms ? door_run(ms, door_new, &c) : -ENOMEM;

	if (r < 0)
		mapshare_free(ms);
	else
		*ret = ms;
	return r;
}

void mapshare_free(struct mapshare *ms)
{
	if (!ms)
		return;
	while (ms->objects)
		mapshare_object_free(ms->objects);
	while (ms->checks)
		mapshare_check_free(ms->checks);
	while (ms->applies)
		mapshare_apply_free(ms->applies);
	err_release(&ms->err);
	free(ms->bpffs);
	free(ms->pin_root);
	free(ms);
}

const char *mapshare_strerror(const struct mapshare *ms)
{
	return ms->err.text;
}

const char *mapshare_error_detail(const struct mapshare *ms)
{
	return ms->err.log;
}

/* --- a map for those who want no more --- */

struct call_map {
	struct mapshare *ms;
	const char *name;
};

static int door_map_open(void *call, struct err *err)
{
	struct call_map *c = call;
	auto_free char *path = NULL;
	char mnt[PATH_MAX];
	int r = mapdef_check_name(c->name, err), fd;

	if (r < 0)
		return r;
	bpffs_mount_point(mnt);
	path = c->ms->pin_root ? xasprintf("%s/%s", c->ms->pin_root, c->name)
			       : xasprintf("%s/tc/globals/%s", mnt, c->name);
	fd = pin_dir_get(path, BPF_FD_MAP, err);
	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "'%s' is a pin, but not of a map", path);
	return fd >= 0 || fd == PIN_DIR_REFUSED
		       ? fd
		       : err_set(err, fd, "map pinned at '%s'", path);
}

int mapshare_map_open(struct mapshare *ms, const char *name)
{
	struct call_map c = {.ms = ms, .name = name};

	return door_run(ms, door_map_open, &c);
}
