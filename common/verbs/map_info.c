/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_info.h"

/* The kernel's name ends in a NUL, but nothing says that it always will. */
char *map_info_name(const struct bpf_map_info *info)
{
	return xstrndup(info->name, strnlen(info->name, sizeof(info->name)));
}

struct map_row map_info_row(const struct bpf_map_info *info, const char *name)
{
	return (struct map_row){
		.id = info->id,
		.type = info->type,
		.flags = info->map_flags,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.max_entries = info->max_entries,
		.name = name,
		.btf_id = info->btf_id,
		.owner_prog_type = -1,
	};
}

struct map_shape map_info_shape(const struct bpf_map_info *info)
{
	return (struct map_shape){
		.type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.ncpus = map_io_is_percpu(info) ? possible_cpus() : 0,
		.stride = map_io_stride(info),
	};
}
