/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Many of one thing, for growth.sh.
 *
 *	bench_scene programs DIR FROM TO     classifiers that use the map pinned as DIR/map,
 *	                                     pinned in DIR
 *	bench_scene maps DIR FROM TO         small hashes, pinned in DIR
 *	bench_scene cgroups DIR FROM TO      groups in DIR
 *	bench_scene links DIR PROGRAM PINS   a link of the program to each group in DIR, pinned
 *	                                     in PINS: as few calls as that takes
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "bench_scene: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void add_map(const char *path, const char *name)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, name, 4, 8, 4, NULL);

	if (fd < 0 || bpf_obj_pin(fd, path) < 0)
		die(path);
	close(fd);
}

/* r1 = the map, which makes it one of the program's; return 0. */
static void add_program(const char *path, const char *name, int map)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_LD | BPF_DW,
		 .dst_reg = 1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map},
		{.code = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", insns,
			       sizeof(insns) / sizeof(*insns), NULL);

	if (fd < 0 || bpf_obj_pin(fd, path) < 0)
		die(path);
	close(fd);
}

static void add(const char *kind, const char *dir, int i, int map)
{
	char path[4096], name[24];

	snprintf(name, sizeof(name), "bench_%d", i);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (strcmp(kind, "maps") == 0)
		add_map(path, name);
	else if (strcmp(kind, "programs") == 0)
		add_program(path, name, map);
	else if (mkdir(path, 0755) < 0)
		die(path);
}

static void add_links(const char *dir, const char *program, const char *pins)
{
	int prog = bpf_obj_get(program);
	const struct dirent *entry;
	DIR *groups = opendir(dir);
	char pin[4096];

	if (prog < 0 || !groups)
		die(dir);
	while ((entry = readdir(groups))) {
		int cgroup, link;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(pin, sizeof(pin), "%s/%s", pins, entry->d_name);
		cgroup = openat(dirfd(groups), entry->d_name, O_RDONLY | O_DIRECTORY);
		link = bpf_link_create(prog, cgroup, BPF_CGROUP_INET_EGRESS, NULL);
		if (link < 0 || bpf_obj_pin(link, pin) < 0)
			die(pin);
		close(link);
		close(cgroup);
	}
	closedir(groups);
}

int main(int argc, char **argv)
{
	char path[4096];
	int map = -1;

	if (argc != 5)
		return 2;
	if (strcmp(argv[1], "links") == 0) {
		add_links(argv[2], argv[3], argv[4]);
		return 0;
	}
	if (strcmp(argv[1], "programs") == 0) {
		snprintf(path, sizeof(path), "%s/map", argv[2]);
		map = bpf_obj_get(path);
		if (map < 0)
			die(path);
	}
	for (int i = atoi(argv[3]); i < atoi(argv[4]); i++)
		add(argv[1], argv[2], i, map);
	return 0;
}
