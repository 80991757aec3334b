/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ways_out.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_ref.h"

/* In bpftool's words, with what most probably is missing. */
static int map_ref_unknown(const char *word, struct err *err)
{
	err_say(err, -EINVAL, "expected 'id', 'name' or 'pinned', got: '%s'?",
		word ? word : "");
	return err_hint(err, word ? args_handle_missing(word) : MAP_LISTS);
}

int map_ref_parse(struct map_ref *ret, struct args *a, struct err *err)
{
	const char *word = args_next(a), *value = NULL;
	struct map_ref ref = {.id = 0};
	uint64_t id;
	int r;

	if (word && args_is_prefix(word, "id"))
		ref.kind = MAP_REF_ID;
	else if (word && args_is_prefix(word, "name"))
		ref.kind = MAP_REF_NAME;
	else if (word && args_is_prefix(word, "pinned"))
		ref.kind = MAP_REF_PINNED;
	else
		return map_ref_unknown(word, err);
	r = args_value(a, word, "which map", &value, err);
	if (r < 0)
		return r;
	ref.what = value;
	if (ref.kind == MAP_REF_ID) {
		if (args_to_number(word, value, 0, UINT32_MAX, &id, err) < 0) {
			err_say(err, -EINVAL, "can't parse %s as ID", value);
			return err_hint(err, MAP_LISTS);
		}
		ref.id = (uint32_t)id;
	}
	if (ref.kind == MAP_REF_NAME && strlen(value) >= BPF_OBJ_NAME_LEN)
		return err_say(
			err, -EINVAL,
			"can't parse name '%s': the kernel keeps %d bytes of a map's name",
			value, BPF_OBJ_NAME_LEN - 1);
	*ret = ref;
	return 0;
}

static int map_ref_open_id(uint32_t id, struct err *err)
{
	int fd = map_fd_by_id(id);

	if (fd >= 0)
		return fd;
	err_set(err, fd, "get map by id (%u)", id);
	if (fd == -ENOENT)
		return err_hint(err, MAP_LISTS);
	return caps_explain(err, CAPS_IDS);
}

static int map_ref_open_pin(const char *path, bool reading, struct err *err)
{
	auto_close int fd = reading ? bpf_fd_by_pin_to_read(path, BPF_FD_UNKNOWN)
				    : bpf_fd_by_pin(path, BPF_FD_UNKNOWN);
	enum bpf_fd_kind kind;
	int r;

	if (fd == -EACCES && bpffs_is_outside(path))
		err_say(err, fd,
			"bpf obj get (%s): directory not in bpf file system (bpffs)",
			path);
	else if (fd < 0)
		err_set(err, fd, "bpf obj get (%s)", path);
	if (fd == -ENOENT || (fd == -EACCES && bpffs_is_outside(path)))
		err_hint(err, MAP_PINS);
	else if (fd == -EACCES && bpffs_is_folder(path))
		err_hint(err, "it is a directory; name a map's pin in it");
	if (fd < 0)
		return fd;
	r = bpf_fd_kind_read(fd, &kind);
	if (r < 0)
		return err_set(err, r, "bpf obj get (%s): what is pinned there", path);
	if (kind != BPF_FD_MAP) {
		err_say(err, -EMEDIUMTYPE, "'%s': incorrect object type: %s", path,
			bpf_fd_kind_name(kind));
		return err_hint(err, MAP_PINS);
	}
	return take_fd(&fd);
}

static void add_fd(struct map_fds *fds, int fd)
{
	array_grow(fds->fds, fds->nr);
	fds->fds[fds->nr++] = fd;
}

struct named {
	const char *name;
	struct map_fds *fds;
};

static int map_ref_add_if_named(uint32_t id, int fd, const struct bpf_map_info *info,
				void *ctx)
{
	const struct named *named = ctx;
	int copy;

	(void)id;
	if (strncmp(info->name, named->name, sizeof(info->name)) != 0)
		return 0;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	add_fd(named->fds, copy);
	return 0;
}

static int open_named(const char *name, struct map_fds *ret, struct err *err)
{
	auto_map_fds fds = {.nr = 0};
	struct named named = {.name = name, .fds = &fds};
	int r = map_fd_each(map_ref_add_if_named, &named);

	if (r < 0) {
		err_set(err, r, "look for maps named '%s'", name);
		return caps_explain(err, CAPS_IDS);
	}
	if (fds.nr == 0) {
		err_say(err, -ENOENT, "no map is named '%s'", name);
		return err_hint(err, MAP_LISTS);
	}
	*ret = fds;
	fds = (struct map_fds){.nr = 0};
	return 0;
}

int map_ref_open_all(const struct map_ref *ref, struct map_fds *ret, struct err *err)
{
	int fd;

	if (ref->kind == MAP_REF_NAME)
		return open_named(ref->what, ret, err);
	fd = ref->kind == MAP_REF_ID ? map_ref_open_id(ref->id, err)
				     : map_ref_open_pin(ref->what, ref->reading, err);
	if (fd < 0)
		return fd;
	*ret = (struct map_fds){.nr = 0};
	add_fd(ret, fd);
	return 0;
}

int map_ref_open(const struct map_ref *ref, struct err *err)
{
	auto_map_fds fds = {.nr = 0};
	int r = map_ref_open_all(ref, &fds, err);

	if (r < 0)
		return r;
	if (fds.nr > 1) {
		err_say(err, -EINVAL,
			"several maps match this handle: %zu have the name '%s'", fds.nr,
			ref->what);
		return err_hint(
			err,
			"'map show' with that name lists their ids, 'id N' picks one");
	}
	return take_fd(&fds.fds[0]);
}

int map_ref_info(int fd, struct bpf_map_info *ret, struct err *err)
{
	struct bpf_map_info info;
	int r = map_fd_info(fd, &info);

	if (r < 0)
		return err_set(err, r, "can't get map info");
	if (!map_io_sized(&info))
		return err_say(
			err, -ENODATA,
			"map %u has a value for each possible CPU, and their number is unknown: mount sysfs at /sys, or run with CAP_BPF",
			info.id);
	*ret = info;
	return 0;
}

void map_fds_release(struct map_fds *fds)
{
	if (!fds)
		return;
	for (size_t i = 0; i < fds->nr; i++)
		cleanup_close(&fds->fds[i]);
	free(fds->fds);
	*fds = (struct map_fds){.nr = 0};
}
