/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a transaction takes back when others were at its pins meanwhile: no command line can
 * stop a load at that moment. Run by pin_txn.sh as `pin_txn DIR`, DIR on a bpffs.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "kernel/bpf_fd.h"
#include "kernel/map_fd.h"
#include "kernel/pin_at.h"
#include "kernel/pin_txn.h"

#define check(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			printf("FAIL: %s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
			       #condition, errno);                                 \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

static int new_map(uint32_t *ret_id)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "txn", 4, 8, 1, NULL);

	check(fd >= 0);
	check(bpf_fd_id(fd, ret_id) == 0);
	return fd;
}

static uint32_t id_at(const char *path)
{
	auto_close int fd = map_fd_by_pin(path);
	uint32_t id;

	check(fd >= 0);
	check(bpf_fd_id(fd, &id) == 0);
	return id;
}

/* A transaction that has locked dir and pinned the map there. */
static struct pin_txn *begin(const char *dir, const char *pin, int fd, uint32_t id)
{
	struct pin_txn *txn = pin_txn_new();
	auto_err err = ERR_INIT;

	check(pin_txn_lock(txn, dir, &err) == 0);
	check(pin_txn_pin(txn, fd, id, pin, &err) == 0);
	return txn;
}

static void own_pins_are_taken_back(const char *dir, const char *pin)
{
	uint32_t id;
	auto_close int fd = new_map(&id);

	pin_txn_free(begin(dir, pin, fd, id));
	check(access(dir, F_OK) < 0);
}

static void anothers_pin_stays(const char *dir, const char *pin)
{
	uint32_t ours, theirs;
	auto_close int fd = new_map(&ours), other = new_map(&theirs);
	struct pin_txn *txn = begin(dir, pin, fd, ours);

	check(unlink(pin) == 0);
	check(bpf_obj_pin(other, pin) == 0);
	pin_txn_free(txn);
	check(id_at(pin) == theirs);
	check(unlink(pin) == 0);
	check(rmdir(dir) == 0);
}

static void anothers_directory_stays(const char *dir, const char *pin)
{
	uint32_t id;
	auto_close int fd = new_map(&id);
	struct pin_txn *txn = begin(dir, pin, fd, id);

	check(unlink(pin) == 0);
	check(rmdir(dir) == 0);
	check(mkdir(dir, 0755) == 0);
	pin_txn_free(txn);
	check(rmdir(dir) == 0);
}

static int load_user_of(int map_fd)
{
	/* r0 = 0; r1 = map; exit */
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map_fd},
		{.code = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "user", "GPL", code,
			     sizeof(code) / sizeof(*code), NULL);
}

/* own: the program is the transaction's, and nobody's reason to keep the pin. */
static void used_maps_stay_pinned(const char *dir, const char *pin, bool own)
{
	uint32_t id, prog_id;
	auto_close int fd = new_map(&id), prog = load_user_of(fd);
	struct pin_txn *txn = begin(dir, pin, fd, id);

	check(prog >= 0);
	check(bpf_fd_id(prog, &prog_id) == 0);
	if (own)
		pin_txn_own_program(txn, prog_id);
	pin_txn_free(txn);
	check((access(pin, F_OK) == 0) == !own);
	if (own)
		return;
	check(unlink(pin) == 0);
	check(rmdir(dir) == 0);
}

static void what_is_committed_stays(const char *dir, const char *pin)
{
	uint32_t id;
	auto_close int fd = new_map(&id);
	struct pin_txn *txn = begin(dir, pin, fd, id);

	pin_txn_commit(txn);
	pin_txn_free(txn);
	check(id_at(pin) == id);
	check(unlink(pin) == 0);
	check(rmdir(dir) == 0);
}

static bool is_locked(const char *dir)
{
	auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	check(fd >= 0);
	return flock(fd, LOCK_EX | LOCK_NB) < 0;
}

static void the_lock_ends_with_the_transaction(const char *dir, const char *alias)
{
	const char *const both[] = {dir, alias};
	struct pin_txn *txn = pin_txn_new();
	auto_err err = ERR_INIT;

	check(mkdir(dir, 0700) == 0);
	check(symlink(dir, alias) == 0);
	/* One directory by two names: it does not wait for itself. */
	check(pin_txn_lock_all(txn, both, 2, &err) == 0);
	check(is_locked(dir));
	pin_txn_free(txn);
	check(!is_locked(dir));
	check(unlink(alias) == 0);
	check(rmdir(dir) == 0);
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	check(stat(path, &st) == 0);
	return st.st_ino;
}

/*
 * Two loaders may know two directories by names that sort the other way round: what counts
 * is the directory. high is held, and a loader to whom it is "x" takes low first.
 */
static void locks_have_one_order(const char *dir)
{
	auto_free char *a = xasprintf("%s/a", dir), *b = xasprintf("%s/b", dir);
	auto_free char *x = xasprintf("%s/x", dir), *y = xasprintf("%s/y", dir);
	const char *const both[] = {x, y};
	bool sorted, low_is_held = false;
	auto_close int high = -1;
	int status;
	pid_t child;

	check(mkdir(dir, 0700) == 0 && mkdir(a, 0700) == 0 && mkdir(b, 0700) == 0);
	sorted = inode_of(a) < inode_of(b);
	check(symlink(sorted ? "b" : "a", x) == 0 && symlink(sorted ? "a" : "b", y) == 0);
	high = open(x, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(high >= 0 && flock(high, LOCK_EX) == 0);
	child = fork();
	if (child == 0) {
		struct pin_txn *txn = pin_txn_new();
		auto_err err = ERR_INIT;

		check(pin_txn_lock_all(txn, both, 2, &err) == 0);
		pin_txn_free(txn);
		_exit(0);
	}
	for (int i = 0; i < 500 && !low_is_held; i++) {
		low_is_held = is_locked(y);
		usleep(10000);
	}
	check(low_is_held);
	check(flock(high, LOCK_UN) == 0);
	check(waitpid(child, &status, 0) == child && status == 0);
	check(unlink(x) == 0 && unlink(y) == 0 && rmdir(a) == 0 && rmdir(b) == 0);
	check(rmdir(dir) == 0);
}

/*
 * Somebody puts his own pin in the place of ours again and again: ours goes or is gone, his
 * is there whatever the moment, and no directory of ours is left.
 */
static void removal_spares_what_came_meanwhile(const char *dir, const char *pin)
{
	uint32_t ours, theirs;
	auto_close int fd = new_map(&ours), other = new_map(&theirs), at = -1;
	auto_free char *spare = xasprintf("%s/spare", dir);
	unsigned int spared = 0;

	check(mkdir(dir, 0700) == 0);
	at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 400; i++) {
		struct pin_mark mark;
		pid_t child;
		int r;

		check(pin_at_make(at, "pin", fd) == 0);
		check(pin_at_mark(at, "pin", &mark) == 0);
		check(pin_at_make(at, "spare", other) == 0);
		child = fork();
		if (child == 0)
			_exit(rename(spare, pin) < 0);
		for (volatile int wait = 0; wait < i * 1000; wait++)
			;
		r = pin_at_remove(at, "pin", &mark);
		check(waitpid(child, NULL, 0) == child);
		check(r == 0 || r == -ESTALE);
		spared += r == -ESTALE;
		check(id_at(pin) == theirs);
		check(unlink(pin) == 0);
	}
	check(pin_at_remove(at, "pin", &(struct pin_mark){.ino = 1}) == -ENOENT);
	printf("spared %u of 400\n", spared);
	check(rmdir(dir) == 0);
}

int main(int argc, char **argv)
{
	auto_free char *dir = xasprintf("%s/txn", argc > 1 ? argv[1] : "");
	auto_free char *alias = xasprintf("%s/txn_alias", argc > 1 ? argv[1] : "");
	auto_free char *pin = xasprintf("%s/pin", dir);

	check(argc == 2);
	own_pins_are_taken_back(dir, pin);
	anothers_pin_stays(dir, pin);
	anothers_directory_stays(dir, pin);
	used_maps_stay_pinned(dir, pin, false);
	used_maps_stay_pinned(dir, pin, true);
	what_is_committed_stays(dir, pin);
	the_lock_ends_with_the_transaction(dir, alias);
	locks_have_one_order(dir);
	removal_spares_what_came_meanwhile(dir, pin);
	puts("transactions hold");
	return 0;
}
