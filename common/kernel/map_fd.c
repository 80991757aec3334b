/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpf_token.h"
#include "kernel/map_fd.h"

enum {
	KERNEL_ENOTSUPP = 524, /* not in errno.h, yet what bpf(2) returns */
	MAP_TYPE_ARENA = 33,   /* Linux 6.9 */
};

int map_fd_by_id(uint32_t id)
{
	int fd = bpf_map_get_fd_by_id(id);

	return fd < 0 ? -errno : fd;
}

int map_fd_by_pin(const char *path)
{
	return bpf_fd_by_pin(path, BPF_FD_MAP);
}

int map_fd_info(int fd, struct bpf_map_info *ret)
{
	struct bpf_map_info info;
	uint32_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return -errno;
	*ret = info;
	return 0;
}

struct btf *map_fd_btf(const struct bpf_map_info *info)
{
	return info->btf_id ? btf__load_from_kernel_by_id(info->btf_id) : NULL;
}

/*
 * struct bpf_map_info of Linux 6.9 says which BTF, where older headers have padding: zero on
 * older kernels, where it is vmlinux, too.
 */
static bool is_of_vmlinux(const struct bpf_map_info *info)
{
	struct bpf_btf_info btf;
	uint32_t id, size = sizeof(btf);
	auto_close int fd = -1;
	char name[16] = "";

	memcpy(&id, (const char *)&info->map_extra - sizeof(id), sizeof(id));
	if (!id)
		return true;
	memset(&btf, 0, sizeof(btf));
	btf.name = (uintptr_t)name;
	btf.name_len = sizeof(name);
	fd = bpf_btf_get_fd_by_id(id);
	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &btf, &size) == 0 &&
	       btf.kernel_btf && strcmp(name, "vmlinux") == 0;
}

struct btf *map_fd_kernel_btf(const struct bpf_map_info *info, uint32_t *type)
{
	if (!info->btf_vmlinux_value_type_id || !is_of_vmlinux(info))
		return NULL;
	*type = info->btf_vmlinux_value_type_id;
	return btf__load_vmlinux_btf();
}

void map_fd_btf_put(struct btf **btf)
{
	btf__free(*btf);
}

/* Without the privilege to open BTF by id, or without BTF, nobody knows the layouts. */
static void read_layouts(const struct bpf_map_info *info, struct mapdef *def)
{
	auto_release(map_fd_btf_put) struct btf *btf = map_fd_btf(info);

	def->layout_hidden = !btf && info->btf_id && info->btf_value_type_id;
	if (!btf)
		return;
	def->key_layout = layout_from_btf(btf, info->btf_key_type_id);
	def->value_layout = layout_from_btf(btf, info->btf_value_type_id);
}

void map_fd_info_def(const struct bpf_map_info *info, struct mapdef *ret)
{
	*ret = (struct mapdef)MAPDEF_INIT;
	ret->dialect = MAPDEF_KERNEL;
	ret->type = info->type;
	ret->key_size = info->key_size;
	ret->value_size = info->value_size;
	ret->max_entries = info->max_entries;
	ret->map_flags = info->map_flags;
	ret->map_extra = info->map_extra;
	memcpy(ret->name, info->name, strnlen(info->name, sizeof(info->name)));
}

int map_fd_def(int fd, struct mapdef *ret)
{
	struct bpf_map_info info;
	int r = map_fd_info(fd, &info);

	if (r < 0)
		return r;
	map_fd_info_def(&info, ret);
	read_layouts(&info, ret);
	return 0;
}

int map_fd_details_read(int fd, struct map_details *ret)
{
	auto_free char *path = xasprintf("/proc/self/fdinfo/%d", fd);
	auto_file FILE *file = fopen(path, "re");
	char line[256];

	*ret = (struct map_details){.memlock = -1, .owner_prog_type = -1};
	while (file && fgets(line, sizeof(line), file)) {
		/* "memlock:\t2320": only the rows below are looked for. */
		char *value = strchr(line, ':');

		if (!value)
			continue;
		*value++ = '\0';
		if (strcmp(line, "memlock") == 0)
			ret->memlock = strtoll(value, NULL, 10);
		else if (strcmp(line, "frozen") == 0)
			ret->frozen = strtoul(value, NULL, 10) != 0;
		else if (strcmp(line, "owner_prog_type") == 0)
			ret->owner_prog_type = (int)strtoul(value, NULL, 10);
		else if (strcmp(line, "owner_jited") == 0)
			ret->owner_jited = strtoul(value, NULL, 10) != 0;
	}
	return !file || ferror(file) ? -errno : 0;
}

void map_fd_details(int fd, struct map_details *ret)
{
	int r = map_fd_details_read(fd, ret);

	if (r < 0)
		log_warn("memory and state of a map cannot be read: %s", err_words(r));
}

struct each {
	int (*fn)(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx);
	void *ctx;
};

static int map_fd_each_with_info(uint32_t id, int fd, void *ctx)
{
	const struct each *each = ctx;
	struct bpf_map_info info;
	int r = map_fd_info(fd, &info);

	return r < 0 ? r : each->fn(id, fd, &info, each->ctx);
}

int map_fd_each(int (*fn)(uint32_t id, int fd, const struct bpf_map_info *info,
			  void *ctx),
		void *ctx)
{
	struct each each = {.fn = fn, .ctx = ctx};

	return bpf_fd_each(bpf_map_get_next_id, map_fd_by_id, map_fd_each_with_info,
			   &each);
}

/* The kernel takes letters, digits, '_' and '.' only; it is a label, not the map's
 * identity. */
static void kernel_name(char ret[BPF_OBJ_NAME_LEN], const char *name)
{
	size_t n = strnlen(name, BPF_OBJ_NAME_LEN - 1);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];

		ret[i] = (char)(c < 0x80 && (isalnum(c) || c == '.') ? c : '_');
	}
	ret[n] = '\0';
}

static bool carries_btf(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_STACK_TRACE:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
	case MAP_TYPE_ARENA:
		return false;
	default:
		return true;
	}
}

/* E2BIG: the kernel is older than the BTF fields of the attribute. */
static bool may_be_btfs_fault(int r)
{
	return r == -EINVAL || r == -E2BIG || r == -EOPNOTSUPP || r == -KERNEL_ENOTSUPP;
}

int map_fd_create(const struct mapdef *def, const struct map_create_opts *opts)
{
	LIBBPF_OPTS(bpf_map_create_opts, create, .map_flags = def->map_flags,
		    .map_extra = def->map_extra);
	uint32_t value_size = mapdef_is_outer(def) ? sizeof(uint32_t) : def->value_size;
	uint32_t entries = mapdef_create_entries(def, possible_cpus());
	char name[BPF_OBJ_NAME_LEN];
	int fd;

	kernel_name(name, def->name);
	if (def->map_flags & BPF_F_NUMA_NODE)
		create.numa_node = def->numa_node;
	if (opts->inner_fd >= 0)
		create.inner_map_fd = (uint32_t)opts->inner_fd;
	if (opts->btf_fd >= 0 && carries_btf(def->type)) {
		create.btf_fd = (uint32_t)opts->btf_fd;
		create.btf_key_type_id = opts->key_type_id;
		create.btf_value_type_id = opts->value_type_id;
	}
	fd = bpf_token_map_create(def->type, name, def->key_size, value_size, entries,
				  &create);
	if (fd < 0 && create.btf_fd && may_be_btfs_fault(fd)) {
		create.btf_fd = create.btf_key_type_id = create.btf_value_type_id = 0;
		fd = bpf_token_map_create(def->type, name, def->key_size, value_size,
					  entries, &create);
	}
	return fd;
}

int map_fd_pin(int fd, const char *path)
{
	return bpf_obj_pin(fd, path) < 0 ? -errno : 0;
}
