/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * common/kernel against the running kernel, where no command line reaches. Run by
 * kernel_floor.sh inside its own namespaces:
 *
 *	kernel_floor all DIR      everything about maps and pins; DIR is on a bpffs
 *	kernel_floor find [mount] where the bpffs is; with mount it may be mounted, and is
 *	                          taken back after "mounted PATH" was printed
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/map_count.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_index.h"

static const struct map_create_opts no_opts = {.btf_fd = -1, .inner_fd = -1};

#define check(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			printf("FAIL: %s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
			       #condition, errno);                                 \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

static struct mapdef def_of(uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	struct mapdef def = MAPDEF_INIT;

	strcpy(def.name, "floor");
	def.type = type;
	def.key_size = key;
	def.value_size = value;
	def.max_entries = entries;
	return def;
}

struct seen {
	uint32_t times[65536];
	uint64_t nr;
};

static int count_key(const void *key, const void *value, int error, void *ctx)
{
	struct seen *seen = ctx;
	uint32_t n;

	check(value && error == 0);
	memcpy(&n, key, sizeof(n));
	check(memcmp(value, key, sizeof(n)) == 0);
	seen->times[n]++;
	seen->nr++;
	return 0;
}

static void fill(int fd, uint32_t nr, uint32_t value_size)
{
	auto_free char *value = xcalloc(1, value_size);

	for (uint32_t i = 0; i < nr; i++) {
		memcpy(value, &i, sizeof(i));
		check(bpf_map_update_elem(fd, &i, value, 0) == 0);
	}
}

/*
 * Values so large that a batch starts with room for two elements: some of the 256 buckets
 * hold three or more, so the room has to grow in the middle of the walk.
 */
static void buckets_larger_than_the_room(void)
{
	enum { NR = 200, VALUE = 100000 };
	struct mapdef def = def_of(BPF_MAP_TYPE_HASH, 4, VALUE, NR);
	auto_free struct seen *seen = xcalloc(1, sizeof(*seen));
	auto_close int fd = -1;
	struct bpf_map_info info;

	def.map_flags = BPF_F_NO_PREALLOC;
	fd = map_fd_create(&def, &no_opts);
	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	fill(fd, NR, VALUE);
	check(map_io_dump(fd, &info, count_key, seen) == 0);
	check(seen->nr == NR);
	for (uint32_t i = 0; i < NR; i++)
		check(seen->times[i] == 1);
}

/* Adds and deletes keys from first on, until it is killed, or 30 s have gone. */
static _Noreturn void churn(int fd, uint32_t first, uint32_t nr)
{
	alarm(30);
	for (uint32_t i = 0;; i++) {
		uint32_t key = first + i % nr;
		uint64_t value = key;

		bpf_map_update_elem(fd, &key, &value, 0);
		key = first + (i + nr / 2) % nr;
		bpf_map_delete_elem(fd, &key);
	}
}

/* Elements that stay are all seen, once, while others come and go. */
static void a_map_that_changes_meanwhile(void)
{
	enum { STAY = 20000, CHURN = 20000 };
	struct mapdef def = def_of(BPF_MAP_TYPE_HASH, 4, 8, STAY + CHURN);
	auto_close int fd = map_fd_create(&def, &no_opts);
	struct bpf_map_info info;
	pid_t child;

	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	fill(fd, STAY, 8);
	child = fork();
	check(child >= 0);
	if (child == 0)
		churn(fd, STAY, CHURN);
	for (int round = 0; round < 5; round++) {
		auto_free struct seen *seen = xcalloc(1, sizeof(*seen));

		check(map_io_dump(fd, &info, count_key, seen) == 0);
		for (uint32_t i = 0; i < STAY; i++)
			check(seen->times[i] == 1);
	}
	kill(child, SIGKILL);
	check(waitpid(child, NULL, 0) == child);
}

static int count_any(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	++*(uint64_t *)ctx;
	return 0;
}

static int stop_at_three(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	return ++*(int *)ctx == 3 ? 77 : 0;
}

static void the_visitor_ends_the_walk(void)
{
	struct mapdef def = def_of(BPF_MAP_TYPE_ARRAY, 4, 4, 1000);
	auto_close int fd = map_fd_create(&def, &no_opts);
	struct bpf_map_info info;
	int nr = 0;

	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	check(map_io_dump(fd, &info, stop_at_three, &nr) == 77);
	check(nr == 3);
}

static bool kernel_counts(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool ret = btf && btf__find_by_name_kind(btf, "bpf_map_sum_elem_count",
						 BTF_KIND_FUNC) > 0;

	btf__free(btf);
	return ret;
}

/* What it counts is what is there: after updates, deletions, and what a full map forgot. */
static void a_hash_is_counted(uint32_t type)
{
	enum { ROOM = 1000, FILL = 900, DELETED = 100 };
	struct mapdef def = def_of(type, 4, 8, ROOM);
	auto_close int fd = map_fd_create(&def, &no_opts);
	auto_free char *value = xcalloc(possible_cpus(), 8);
	uint64_t there = 0, counted = 1;
	struct bpf_map_info info;

	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	if (!kernel_counts()) {
		check(map_count(fd, &info, &counted) == -EOPNOTSUPP && counted == 1);
		return;
	}
	check(map_count(fd, &info, &counted) == 0 && counted == 0);
	for (uint32_t i = 0; i < FILL * 2; i++) {
		uint32_t key = i % FILL;

		check(bpf_map_update_elem(fd, &key, value, 0) == 0);
	}
	for (uint32_t key = 0; key < DELETED; key++)
		bpf_map_delete_elem(fd, &key);
	check(map_io_dump(fd, &info, count_any, &there) == 0);
	check(there > 0 && map_count(fd, &info, &counted) == 0 && counted == there);
	for (uint32_t key = FILL; key < FILL + ROOM * 2; key++)
		bpf_map_update_elem(fd, &key, value, 0);
	there = 0;
	check(map_io_dump(fd, &info, count_any, &there) == 0);
	check(map_count(fd, &info, &counted) == 0 && counted == there);
}

static void who_counts(void)
{
	static const uint32_t types[] = {
		BPF_MAP_TYPE_HASH,
		BPF_MAP_TYPE_PERCPU_HASH,
		BPF_MAP_TYPE_LRU_HASH,
		BPF_MAP_TYPE_LRU_PERCPU_HASH,
	};
	struct mapdef array = def_of(BPF_MAP_TYPE_ARRAY, 4, 8, 16);
	auto_close int fd = map_fd_create(&array, &no_opts);
	struct bpf_map_info info;
	uint64_t counted = 1;

	for (size_t i = 0; i < array_size(types); i++)
		a_hash_is_counted(types[i]);
	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	check(map_count(fd, &info, &counted) == -EOPNOTSUPP && counted == 1);
}

static void what_the_kernel_keeps_is_no_difference(void)
{
	struct mapdef defs[] = {
		def_of(BPF_MAP_TYPE_HASH, 4, 8, 16),
		def_of(BPF_MAP_TYPE_DEVMAP, 4, 4, 4),
		def_of(BPF_MAP_TYPE_RINGBUF, 0, 0, 5000),
		def_of(BPF_MAP_TYPE_LRU_HASH, 4, 8, 5),
		def_of(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0),
		def_of(BPF_MAP_TYPE_ARRAY, 4, 8, 16),
		def_of(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 16, 2),
	};
	auto_close int inner_fd = map_fd_create(&defs[0], &no_opts);
	struct map_create_opts opts = {.btf_fd = -1, .inner_fd = inner_fd};

	check(inner_fd >= 0);
	defs[3].map_flags = BPF_F_NO_COMMON_LRU;
	defs[5].map_flags = BPF_F_RDONLY;
	for (size_t i = 0; i < array_size(defs); i++) {
		auto_strbuf out = STRBUF_INIT;
		struct mapdef kept;
		auto_close int fd = map_fd_create(
			&defs[i], mapdef_is_outer(&defs[i]) ? &opts : &no_opts);

		check(fd >= 0 && map_fd_def(fd, &kept) == 0);
		if (mapdef_diff(&kept, &defs[i], 0, possible_cpus(), &out) != 0) {
			printf("FAIL: def %zu: %s\n", i, sb_text(&out));
			exit(1);
		}
		mapdef_release(&kept);
	}
}

static void names_are_cut_and_made_fit(void)
{
	struct mapdef def = def_of(BPF_MAP_TYPE_HASH, 4, 8, 16);
	struct bpf_map_info info;
	auto_close int fd = -1;

	strcpy(def.name, "odd-name \xc3\xbc.with more than 15");
	fd = map_fd_create(&def, &no_opts);
	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	check(strcmp(info.name, "odd_name___.wit") == 0);
}

/* The kernel refuses key type 0 for a hash: the map must come all the same, without BTF.
 */
static void btf_that_is_refused_is_left_out(void)
{
	struct mapdef def = def_of(BPF_MAP_TYPE_HASH, 4, 8, 16), kept;
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int u64 = btf__add_int(btf, "unsigned long long", 8, 0);
	struct map_create_opts opts = {.inner_fd = -1};
	auto_close int with = -1, wrong = -1, unfit = -1;
	struct bpf_map_info info;

	check(btf__load_into_kernel(btf) == 0);
	opts.btf_fd = btf__fd(btf);
	opts.key_type_id = (uint32_t)u32;
	opts.value_type_id = (uint32_t)u64;
	with = map_fd_create(&def, &opts);
	check(with >= 0 && map_fd_info(with, &info) == 0 && info.btf_id != 0);
	check(map_fd_def(with, &kept) == 0);
	check(kept.key_layout &&
	      strcmp(kept.value_layout->name, "unsigned long long") == 0);
	mapdef_release(&kept);
	opts.value_type_id = (uint32_t)u32;
	wrong = map_fd_create(&def, &opts);
	check(wrong >= 0 && map_fd_info(wrong, &info) == 0 && info.btf_id == 0);
	def = def_of(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2);
	unfit = map_fd_create(&def, &opts);
	check(unfit >= 0);
	btf__free(btf);
}

static void pins_are_found_by_id(const char *dir)
{
	struct mapdef def = def_of(BPF_MAP_TYPE_HASH, 4, 8, 16);
	auto_close int fd = map_fd_create(&def, &no_opts), again = -1;
	auto_free char *path = xasprintf("%s/floor_pin", dir);
	auto_pin_index index = {.nr = 0};
	struct bpf_map_info info;
	size_t found = 0;
	uint32_t id;

	check(fd >= 0 && map_fd_info(fd, &info) == 0);
	check(map_fd_pin(fd, path) == 0);
	check(map_fd_pin(fd, path) == -EEXIST);
	again = map_fd_by_pin(path);
	check(again >= 0 && bpf_fd_id(again, &id) == 0 && id == info.id);
	check(bpf_fd_kind(again) == BPF_FD_MAP);
	pin_index_read(&index, BPF_FD_MAP);
	for (size_t i = 0; i < index.nr; i++)
		found += index.pins[i].id == id && strcmp(index.pins[i].path, path) == 0;
	check(found == 1);
	check(unlink(path) == 0);
	check(map_fd_by_pin(path) == -ENOENT);
}

static int find_bpffs(bool may_mount)
{
	auto_err err = ERR_INIT;
	char mnt[PATH_MAX];
	bool mounted;

	if (bpffs_find(mnt, may_mount, &mounted, &err) < 0) {
		puts(err.text);
		return 1;
	}
	check(bpffs_is(mnt));
	printf("%s %s\n", mounted ? "mounted" : "found", mnt);
	if (mounted) {
		bpffs_unmount(mnt);
		check(!bpffs_is(mnt));
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "find") == 0)
		return find_bpffs(argc > 2);
	check(argc == 3 && strcmp(argv[1], "all") == 0);
	buckets_larger_than_the_room();
	a_map_that_changes_meanwhile();
	the_visitor_ends_the_walk();
	who_counts();
	what_the_kernel_keeps_is_no_difference();
	names_are_cut_and_made_fit();
	btf_that_is_refused_is_left_out();
	pins_are_found_by_id(argv[2]);
	puts("kernel floor holds");
	return 0;
}
