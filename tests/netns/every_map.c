/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * every_map DIR: a map of each type that the kernel has, pinned at DIR/NUMBER. What sizes and
 * flags a type wants is found by trying. struct_ops maps need a program and are not made.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stdio.h>
#include <unistd.h>

enum { TYPES = 64 };

static int number_btf(void)
{
	struct btf *btf = btf__new_empty();
	uint32_t size;
	const void *data;

	if (!btf || btf__add_int(btf, "int", 4, BTF_INT_SIGNED) < 0)
		return -1;
	data = btf__raw_data(btf, &size);
	return bpf_btf_load(data, size, NULL);
}

static int try_flags(enum bpf_map_type type, uint32_t key, uint32_t value,
		     uint32_t entries, int btf, int inner)
{
	static const uint32_t flags[] = {0, BPF_F_NO_PREALLOC, BPF_F_MMAPABLE};

	for (int i = 0; i < 3; i++) {
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags[i]);
		int fd;

		if (btf >= 0) {
			opts.btf_fd = (uint32_t)btf;
			opts.btf_key_type_id = opts.btf_value_type_id = 1;
		}
		if (type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
		    type == BPF_MAP_TYPE_HASH_OF_MAPS)
			opts.inner_map_fd = (uint32_t)inner;
		fd = bpf_map_create(type, "every_map", key, value, entries, &opts);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

static int try_sizes(enum bpf_map_type type, int btf, int inner)
{
	static const uint32_t sizes[] = {4, 0, 8, 12, 16};
	static const uint32_t entries[] = {1, 0, 4096};

	for (int key = 0; key < 5; key++)
		for (int value = 0; value < 3; value++)
			for (int nr = 0; nr < 6; nr++) {
				int fd = try_flags(type, sizes[key], sizes[value],
						   entries[nr / 2], nr % 2 ? btf : -1,
						   inner);

				if (fd >= 0)
					return fd;
			}
	return -1;
}

int main(int argc, char **argv)
{
	int btf = number_btf(),
	    inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "every_inner", 4, 4, 1, NULL);

	if (argc != 2 || btf < 0 || inner < 0)
		return 2;
	for (int type = 1; type < TYPES; type++) {
		int fd = try_sizes((enum bpf_map_type)type, btf, inner);
		char path[4096];

		if (fd < 0)
			continue;
		snprintf(path, sizeof(path), "%s/%d", argv[1], type);
		if (bpf_obj_pin(fd, path) < 0)
			return 1;
		close(fd);
	}
	return 0;
}
