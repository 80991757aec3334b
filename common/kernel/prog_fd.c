/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "kernel/bpf_fd.h"
#include "kernel/prog_fd.h"

/* Maps that a program can gain between two questions are few; more often is somebody's
 * game. */
enum { MAPS_TRIES = 8 };

int prog_fd_by_id(uint32_t id)
{
	int fd = bpf_prog_get_fd_by_id(id);

	return fd < 0 ? -errno : fd;
}

int prog_fd_by_pin(const char *path)
{
	return bpf_fd_by_pin(path, BPF_FD_PROG);
}

/* info says on entry which arrays are asked for. */
static int get_info(int fd, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);

	return bpf_obj_get_info_by_fd(fd, info, &size) < 0 ? -errno : 0;
}

int prog_fd_info(int fd, struct bpf_prog_info *ret)
{
	struct bpf_prog_info info;
	int r;

	memset(&info, 0, sizeof(info));
	r = get_info(fd, &info);
	if (r == 0)
		*ret = info;
	return r;
}

int prog_fd_maps(int fd, uint32_t **ret, size_t *nr)
{
	auto_free uint32_t *ids = NULL;
	struct bpf_prog_info info;
	uint32_t room = 0;

	for (unsigned int i = 0; i < MAPS_TRIES; i++) {
		int r;

		memset(&info, 0, sizeof(info));
		info.nr_map_ids = room;
		info.map_ids = (uintptr_t)ids;
		r = get_info(fd, &info);
		if (r < 0)
			return r;
		if (info.nr_map_ids <= room) {
			*nr = info.nr_map_ids;
			*ret = take_ptr(ids);
			return 0;
		}
		room = info.nr_map_ids;
		ids = xrealloc(ids, room, sizeof(*ids));
	}
	return -EAGAIN;
}

bool prog_fd_has_map(int fd, uint32_t map)
{
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;

	if (prog_fd_maps(fd, &maps, &nr) < 0)
		return true;
	for (size_t i = 0; i < nr; i++)
		if (maps[i] == map)
			return true;
	return false;
}

int prog_fd_insns(int fd, struct bpf_insn **ret, size_t *nr)
{
	auto_free struct bpf_insn *insns = NULL;
	struct bpf_prog_info info;
	uint32_t size;
	int r = prog_fd_info(fd, &info);

	if (r < 0)
		return r;
	/* A program never changes its length: no second look is needed. */
	size = info.xlated_prog_len;
	if (!size)
		return -EACCES;
	insns = xcalloc(1, size);
	memset(&info, 0, sizeof(info));
	info.xlated_prog_len = size;
	info.xlated_prog_insns = (uintptr_t)insns;
	r = get_info(fd, &info);
	if (r < 0)
		return r;
	if (!info.xlated_prog_insns)
		return -EACCES;
	*nr = size / sizeof(*insns);
	*ret = take_ptr(insns);
	return 0;
}

/* The BTF name of the program's first function; *ret stays NULL where it has none. */
static int function_name(int fd, const struct bpf_prog_info *known, char **ret)
{
	struct bpf_func_info first = {.insn_off = 0};
	const struct btf_type *func;
	struct bpf_prog_info info;
	struct btf *btf;
	int r;

	if (!known->btf_id || !known->nr_func_info)
		return 0;
	memset(&info, 0, sizeof(info));
	info.nr_func_info = 1;
	info.func_info_rec_size = sizeof(first);
	info.func_info = (uintptr_t)&first;
	r = get_info(fd, &info);
	if (r < 0 || !first.type_id)
		return r;
	btf = btf__load_from_kernel_by_id(known->btf_id);
	if (!btf)
		return -errno;
	func = btf__type_by_id(btf, first.type_id);
	if (func)
		*ret = xstrdup(btf__name_by_offset(btf, func->name_off));
	btf__free(btf);
	return 0;
}

int prog_fd_whole_name(int fd, const struct bpf_prog_info *info, char **ret)
{
	size_t n = strnlen(info->name, sizeof(info->name));
	auto_free char *whole = NULL;
	int r = 0;

	/* One that fills the kernel's room may have been cut; libbpf may have left it out. */
	if (n == 0 || n == sizeof(info->name) - 1)
		r = function_name(fd, info, &whole);
	if (r < 0)
		return r;
	*ret = whole && strncmp(whole, info->name, n) == 0 ? take_ptr(whole)
							   : xstrndup(info->name, n);
	return 0;
}

char *prog_fd_name(int fd, const struct bpf_prog_info *info)
{
	char *name = NULL;

	if (prog_fd_whole_name(fd, info, &name) < 0)
		name = xstrndup(info->name, strnlen(info->name, sizeof(info->name)));
	return name;
}

int prog_fd_has_name(int fd, const struct bpf_prog_info *info, const char *name)
{
	size_t n = strnlen(info->name, sizeof(info->name));
	auto_free char *whole = NULL;
	int r;

	if (strcmp(info->name, name) == 0)
		return 1;
	if (strncmp(info->name, name, n) != 0)
		return 0;
	r = prog_fd_whole_name(fd, info, &whole);
	return r < 0 ? r : strcmp(whole, name) == 0;
}

struct each {
	int (*fn)(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx);
	void *ctx;
};

static int prog_fd_each_with_info(uint32_t id, int fd, void *ctx)
{
	const struct each *each = ctx;
	struct bpf_prog_info info;
	int r = prog_fd_info(fd, &info);

	return r < 0 ? r : each->fn(id, fd, &info, each->ctx);
}

static void prog_fd_say_one(struct strbuf *out, uint32_t id)
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

void prog_fd_say(struct strbuf *out, const uint32_t *ids, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (i)
			sb_add(out, ", ");
		prog_fd_say_one(out, ids[i]);
	}
}

int prog_fd_each(int (*fn)(uint32_t id, int fd, const struct bpf_prog_info *info,
			   void *ctx),
		 void *ctx)
{
	struct each each = {.fn = fn, .ctx = ctx};

	return bpf_fd_each(bpf_prog_get_next_id, prog_fd_by_id, prog_fd_each_with_info,
			   &each);
}

int64_t prog_fd_loaded_at(const struct bpf_prog_info *info)
{
	const int64_t second = 1000000000;
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec +
	       (now.tv_nsec - up.tv_nsec + (int64_t)info->load_time) / second;
}
