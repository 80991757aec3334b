/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include <bpf/bpf.h>

#include "base/strbuf.h"
#include "base/ways_out.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/pin_dir.h"
#include "load/prog_slot.h"

int prog_slot_open(const char *path, int *ret, struct err *err)
{
	const struct mapdef wanted = {
		.type = BPF_MAP_TYPE_PROG_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
	};
	auto_release(mapdef_release) struct mapdef pinned = MAPDEF_INIT;
	auto_strbuf diff = STRBUF_INIT;
	auto_close int fd = pin_dir_get(path, BPF_FD_MAP, err);
	int r;

	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "'%s' is not a map", path);
	if (fd == PIN_DIR_REFUSED)
		return fd;
	if (fd < 0) {
		r = err_set(err, fd, "pinned map '%s'", path);
		if (fd == -ENOENT)
			return err_hint(err, MAP_PINS);
		return fd == -EPERM ? caps_explain(err, CAPS_LOAD) : r;
	}
	r = map_fd_def(fd, &pinned);
	if (r < 0)
		return err_set(err, r, "pinned map '%s'", path);
	if (mapdef_diff(&pinned, &wanted, MAPDEF_DIFF_SHAPE, possible_cpus(), &diff) > 0)
		return err_say(err, -EINVAL,
			       "'%s' is not a prog array (pinned/wanted: %s)", path,
			       sb_text(&diff));
	*ret = take_fd(&fd);
	return 0;
}

static int out_of_bounds(int map_fd, const char *map, uint32_t key, struct err *err)
{
	struct bpf_map_info info;

	if (map_fd_info(map_fd, &info) < 0)
		info.max_entries = 0;
	return err_say(err, -E2BIG,
		       "prog array '%s': slot %u is out of bounds, max_entries %u", map,
		       key, info.max_entries);
}

int prog_slot_insert(int map_fd, const char *map, uint32_t key, int prog_fd,
		     const char *program, struct err *err)
{
	int r = bpf_map_update_elem(map_fd, &key, &prog_fd, BPF_ANY);

	if (r == -E2BIG)
		return out_of_bounds(map_fd, map, key, err);
	if (r == -EINVAL)
		return err_say(
			err, r,
			"prog array '%s': slot %u refuses program '%s': a prog array takes programs of one type, expected attach type and JIT state",
			map, key, program);
	if (r < 0)
		return err_set(err, r, "prog array '%s': put program '%s' into slot %u",
			       map, program, key);
	return 0;
}

int prog_slot_read(int map_fd, uint32_t key, uint32_t *ret)
{
	uint32_t id = 0;
	int r = bpf_map_lookup_elem(map_fd, &key, &id);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r < 0 ? 0 : id;
	return 0;
}
