/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes as an object that the library loads into the kernel, in a child with a bpffs of its
 * own: what is not committed leaves no pin, and what was committed is found again by the next load
 * of the same bytes, map by map. libbpf may crash on them, we may not. Takes root.
 */
/* Reads: common/door/door_[os] common/load/object common/load/resolver common/load/placement
 * common/load/same_map common/load/session common/load/prog_slot */
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/alloc.h"
#include "load/object_image.h"
#include "mapshare.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the fuzzer's link, the sanitizers and gcov: not in every build. */
extern uint8_t fuzz_counters[] __attribute__((weak));
extern uint8_t fuzz_counters_end[] __attribute__((weak));
extern void __sanitizer_symbolize_pc(void *pc, const char *format, char *out, size_t size)
	__attribute__((weak));
extern void __gcov_dump(void) __attribute__((weak));

enum { MAPS_MAX = 64, PROGRAMS_MAX = 16, FAILED = 99 };

static char place[] = "/tmp/fuzz_load.XXXXXX";

static void check(int holds)
{
	if (!holds)
		abort();
}

static void place_remove(void)
{
	rmdir(place);
}

/* What a child reaches counts: the pages of the fuzzer's counters become memory of both. */
static void counters_share(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)fuzz_counters + page - 1) & -page;
	uintptr_t to = (uintptr_t)fuzz_counters_end & -page;
	void *kept;

	if (!from || from >= to)
		return;
	kept = malloc(to - from);
	check(kept != NULL);
	memcpy(kept, (void *)from, to - from);
	check(mmap((void *)from, to - from, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)from);
	memcpy((void *)from, kept, to - from);
	free(kept);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (geteuid() != 0) {
		fputs("fuzz_load: takes root\n", stderr);
		exit(1);
	}
	check(mkdtemp(place) != NULL);
	atexit(place_remove);
	counters_share();
	return 0;
}

/* Whose instruction that was: ours were built with their places in the sources. */
static void crashed(int nr, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	char where[512] = "";

	(void)nr;
	(void)info;
#if defined(__x86_64__)
	if (__sanitizer_symbolize_pc)
		__sanitizer_symbolize_pc((void *)at->uc_mcontext.gregs[REG_RIP], "%f %s",
					 where, sizeof(where));
#else
	(void)at;
#endif
	if (!strstr(where, "common/") && !strstr(where, "tests/"))
		_exit(0);
	fprintf(stderr, "crash: %s\n", where);
	_exit(FAILED);
}

/* Files of a tree, without what a bpffs has of its own. */
static int pins_below(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int nr = 0;

	check(d != NULL);
	while ((entry = readdir(d))) {
		char path[4096];

		if (entry->d_name[0] == '.' || strstr(entry->d_name, ".debug"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		nr += entry->d_type == DT_DIR ? pins_below(path) : 1;
	}
	closedir(d);
	return nr;
}

struct seen {
	uint32_t ids[MAPS_MAX];
	enum mapshare_map_state states[MAPS_MAX];
	size_t nr;
};

static void maps_see(struct mapshare_object *obj, struct seen *seen)
{
	struct mapshare_map_info info = {.size = sizeof(info)};

	if (mapshare_object_plan(obj) < 0)
		return;
	for (seen->nr = 0; seen->nr < MAPS_MAX; seen->nr++) {
		if (mapshare_object_map(obj, seen->nr, &info) < 0)
			break;
		seen->ids[seen->nr] = info.id;
		seen->states[seen->nr] = info.state;
	}
}

/* 0: loaded, and committed if asked for. */
static int load_once(struct mapshare_object *obj, int commit)
{
	struct mapshare_program_info info = {.size = sizeof(info)};
	struct mapshare_session *s;
	int r = mapshare_session_new(obj, &s);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < PROGRAMS_MAX; i++) {
		if (mapshare_object_program(obj, i, &info) < 0)
			break;
		r = mapshare_session_select(s, info.section, info.name);
	}
	if (r == 0)
		r = mapshare_session_load(s);
	if (r == 0 && commit)
		check(mapshare_session_commit(s) == 0);
	mapshare_session_free(s);
	return r;
}

static void object_try(struct mapshare *ms, const char *path)
{
	struct seen first = {0}, second = {0};
	struct mapshare_object *obj;

	if (mapshare_object_open(ms, path, NULL, &obj) < 0) {
		check(mapshare_strerror(ms)[0] != '\0');
		return;
	}
	maps_see(obj, &first);
	if (load_once(obj, 0) < 0)
		check(mapshare_strerror(ms)[0] != '\0');
	check(pins_below(place) == 0);
	if (load_once(obj, 1) < 0) {
		check(pins_below(place) == 0);
		return;
	}
	maps_see(obj, &second);
	check(first.nr == second.nr);
	for (size_t i = 0; i < first.nr; i++)
		check(first.states[i] == MAPSHARE_MAP_CREATE
			      ? second.states[i] == MAPSHARE_MAP_REUSE && second.ids[i]
			      : second.states[i] == first.states[i]);
	check(load_once(obj, 1) == 0);
	maps_see(obj, &first);
	check(memcmp(first.ids, second.ids, sizeof(first.ids)) == 0);
	mapshare_object_free(obj);
}

static void child_run(const uint8_t *data, size_t size)
{
	MAPSHARE_OPTS(mapshare_opts, opts);
	const struct sigaction action = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO};
	auto_err err = ERR_INIT;
	struct mapshare *ms;
	char path[64];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	check(unshare(CLONE_NEWNS) == 0);
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	check(mount("bpf", place, "bpf", 0, NULL) == 0);
	libbpf_set_print(NULL);
	/* As the tools do before they open a file for themselves. */
	if (object_image_survives(data, size, &err) < 0)
		return;
	fd = memfd_create("object", 0);
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts.bpffs = place;
	check(mapshare_new(&ms, &opts) == 0);
	object_try(ms, path);
	mapshare_free(ms);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (pid == 0) {
		child_run(data, size);
		if (__gcov_dump)
			__gcov_dump();
		_exit(0);
	}
	/* The fuzzer's clock interrupts. */
	while (waitpid(pid, &status, 0) < 0)
		check(errno == EINTR);
	if (status == 0)
		return 0;
	fprintf(stderr, "fuzz_load: the child ended with status 0x%x\n",
		(unsigned int)status);
	abort();
}
