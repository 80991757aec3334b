/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "def/pin_path.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "load/placement.h"
#include "load/prog_split.h"

struct prog_split {
	const struct share_opts *opts;
	uint32_t prog_id;
	char **ret;
};

static void prog_split_at(const struct prog_split *look, const char *dir,
			  const char *name, const struct bpf_map_info *own)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);
	auto_close int fd = bpf_fd_by_pin_to_read(path, BPF_FD_MAP);
	struct bpf_map_info info;

	if (*look->ret || fd < 0 || map_fd_info(fd, &info) < 0 ||
	    info.type != own->type || info.id == own->id)
		return;
	pin_path_tidy(path);
	*look->ret = xasprintf(
		"program %u uses map '%s' (id %u), but '%s' (id %u) is another map of this name; load its object with 'map name %s pinned %s', and attach that",
		look->prog_id, name, own->id, path, info.id, name, path);
}

static int prog_split_by_map(const struct prog_split *look, uint32_t id)
{
	const char *root = look->opts->pin_root;
	auto_free char *name = NULL, *globals = NULL;
	auto_close int fd = map_fd_by_id(id);
	struct bpf_map_info info;
	char mnt[PATH_MAX];
	bool whole;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	name = map_fd_name(&info, &whole);
	/* Data sections are each load's own. */
	if (!*name || strpbrk(name, "./"))
		return 0;
	bpffs_mount_point(mnt);
	globals = xasprintf("%s/tc/globals", mnt);
	if (root && strcmp(root, "none") != 0)
		prog_split_at(look, root, name, &info);
	prog_split_at(look, globals, name, &info);
	prog_split_at(look, mnt, name, &info);
	return 0;
}

int prog_split_look(int prog_fd, const struct share_opts *opts, char **ret,
		    struct err *err)
{
	struct prog_split look = {.opts = opts, .ret = ret};
	auto_free uint32_t *maps = NULL;
	struct bpf_prog_info info;
	size_t nr = 0;
	int r = prog_fd_info(prog_fd, &info);

	*ret = NULL;
	if (r == 0)
		r = prog_fd_maps(prog_fd, &maps, &nr);
	look.prog_id = r == 0 ? info.id : 0;
	for (size_t i = 0; i < nr && r == 0; i++)
		r = prog_split_by_map(&look, maps[i]);
	if (!opts->require_shared)
		return 0;
	if (*ret) {
		err_say(err, -EEXIST, "--require-shared: %s", *ret);
		return err_is(err, ERR_SPLIT);
	}
	return r < 0 ? err_set(err, r, "--require-shared: maps of the program") : 0;
}
