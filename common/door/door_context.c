/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The context, and what hangs on it. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "door/door_private.h"
#include "mapshare_apply.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"

enum {
	KNOWN_FLAGS = MAPSHARE_MOUNT_BPFFS | MAPSHARE_CALLER_PINS |
		      MAPSHARE_REQUIRE_SHARED | MAPSHARE_NO_LAYOUT_CHECK,
};

const char *mapshare_version(void)
{
	return MAPSHARE_VERSION;
}

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
