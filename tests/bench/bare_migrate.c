/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What migrate.sh measures against. Needs libbpf only.
 *
 *	bare_migrate fill PIN N		N elements with u32 keys, in a trie behind 32
 *	bare_migrate copy PIN		the least a copy can do: another map like it, batches
 *					into it; nothing is compared, converted or kept
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 8192 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_map(const char *pin, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);
	int fd = bpf_obj_get(pin);

	memset(info, 0, sizeof(*info));
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, info, &size) < 0)
		die(pin);
	return fd;
}

/* Of one element: of maps per CPU the values of all. */
static size_t value_bytes(const struct bpf_map_info *info)
{
	switch (info->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return (info->value_size + 7U) / 8 * 8 *
		       (size_t)libbpf_num_possible_cpus();
	default:
		return info->value_size;
	}
}

static int fill(const char *pin, uint32_t n)
{
	struct bpf_map_info info;
	int fd = open_map(pin, &info);
	size_t words = info.key_size / sizeof(uint32_t), bytes;
	uint32_t *keys = calloc(ROWS, info.key_size);
	char *values;

	bytes = value_bytes(&info);
	values = calloc(ROWS, bytes);
	for (uint32_t done = 0; done < n;) {
		uint32_t count = n - done < ROWS ? n - done : ROWS;

		for (uint32_t i = 0; i < count; i++) {
			uint64_t number = done + i;

			keys[i * words] = 32;
			keys[i * words + words - 1] = done + i;
			memcpy(values + i * bytes, &number, sizeof(number));
		}
		done += count;
		if (bpf_map_update_batch(fd, keys, values, &count, NULL) < 0)
			die("update_batch");
	}
	return 0;
}

static int copy(const char *pin)
{
	struct bpf_map_info info;
	int from = open_map(pin, &info), to;
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	char *keys = calloc(ROWS, info.key_size),
	     *values = calloc(ROWS, value_bytes(&info));
	uint64_t cursor = 0;
	void *at = NULL;

	opts.map_flags = info.map_flags;
	to = bpf_map_create(info.type, "bare", info.key_size, info.value_size,
			    info.max_entries, &opts);
	if (to < 0)
		die("create");
	for (;;) {
		uint32_t count = ROWS;
		int r = bpf_map_lookup_batch(from, at, &cursor, keys, values, &count,
					     NULL);
		int end = r < 0 && errno == ENOENT;

		if (r < 0 && !end)
			die("lookup_batch");
		if (count && bpf_map_update_batch(to, keys, values, &count, NULL) < 0)
			die("update_batch");
		if (end)
			return 0;
		at = &cursor;
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "fill") == 0)
		return fill(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "copy") == 0)
		return copy(argv[2]);
	return 2;
}
