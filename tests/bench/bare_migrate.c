/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What migrate.sh measures against. Needs libbpf only.
 *
 *	bare_migrate fill PIN N		N elements into a map with u32 keys
 *	bare_migrate copy PIN		the least a copy can do: another map like it, batches
 *					into it; nothing is compared, converted or kept
 *	bare_migrate run CMD...		"WALL_MS PEAK_KIB" on stderr's end
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static int fill(const char *pin, uint32_t n)
{
	struct bpf_map_info info;
	int fd = open_map(pin, &info);
	uint32_t *keys = calloc(ROWS, sizeof(*keys));
	uint64_t *values = calloc(ROWS, info.value_size);

	for (uint32_t done = 0; done < n;) {
		uint32_t count = n - done < ROWS ? n - done : ROWS;

		for (uint32_t i = 0; i < count; i++) {
			keys[i] = done + i;
			values[i * info.value_size / 8] = done + i;
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
	char *keys = calloc(ROWS, info.key_size), *values = calloc(ROWS, info.value_size);
	uint32_t cursor = 0;
	void *at = NULL;

	to = bpf_map_create(info.type, "bare", info.key_size, info.value_size,
			    info.max_entries, NULL);
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

static int run(char **argv)
{
	struct timespec from, to;
	struct rusage usage;
	int status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		die(argv[0]);
	}
	if (wait4(pid, &status, 0, &usage) < 0 || status != 0)
		die("wait4");
	clock_gettime(CLOCK_MONOTONIC, &to);
	fprintf(stderr, "%.1f %ld\n",
		(double)(to.tv_sec - from.tv_sec) * 1e3 +
			(double)(to.tv_nsec - from.tv_nsec) / 1e6,
		usage.ru_maxrss);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "fill") == 0)
		return fill(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "copy") == 0)
		return copy(argv[2]);
	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return run(argv + 2);
	return 2;
}
