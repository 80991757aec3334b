/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/path_absent.h"
#include "kernel/proc.h"
#include "kernel/proc_private.h"

int proc_each(int (*fn)(uint32_t pid, void *ctx), void *ctx)
{
	auto_dir DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int error;

	if (!proc)
		return -errno;
	while ((entry = dir_in_next(proc, &error))) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);
		int r = *end || pid == 0 || pid > UINT32_MAX ? 0 : fn((uint32_t)pid, ctx);

		if (r != 0)
			return r;
	}
	return error;
}

int proc_each_other_thread(uint32_t pid, int (*fn)(uint32_t tid, void *ctx), void *ctx)
{
	enum { ONE_THREAD = 3 }; /* the links of the directory count the threads */
	auto_dir DIR *threads = NULL;
	const struct dirent *entry;
	struct stat st;
	char path[64];
	int error = 0;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	if (stat(path, &st) < 0)
		return proc_gone_or(pid, -errno);
	if (st.st_nlink <= ONE_THREAD)
		return 0;
	threads = opendir(path);
	if (!threads)
		error = -errno;
	while (threads && (entry = dir_in_next(threads, &error))) {
		uint32_t tid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		int r = tid && tid != pid ? fn(tid, ctx) : 0;

		if (r != 0)
			return r;
	}
	return error ? proc_gone_or(pid, error) : 0;
}

bool proc_is_gone(uint32_t pid)
{
	enum { PF_EXITING = 4 }; /* include/linux/sched.h; field 9 of proc_pid_stat(5) */
	char path[64], line[512], state;
	auto_file FILE *f = NULL;
	const char *rest = NULL;
	unsigned int flags;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		rest = strrchr(line, ')'); /* a name may hold parentheses */
	if (!rest || sscanf(rest, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
		return path_there(path, F_OK) == 0;
	return strchr("ZXx", state) || flags & PF_EXITING;
}

int proc_gone_or(uint32_t pid, int why)
{
	return why == -ENOENT || why == -ESRCH || proc_is_gone(pid) ? 0 : why;
}

/* --- what cannot be seen --- */

static bool proc_is_refusal(int why)
{
	return why == -EACCES || why == -EPERM;
}

void proc_unseen_add(struct proc_unseen *unseen, int why)
{
	unseen->nr++;
	if (!unseen->why || proc_is_refusal(unseen->why))
		unseen->why = why;
}

bool proc_unseen_is_refused(const struct proc_unseen *unseen)
{
	return proc_is_refusal(unseen->why);
}

/* --- open files --- */

struct fds_scan {
	void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd, void *ctx);
	void *ctx;
	struct proc_unseen unseen;
	/* Of the process that is looked at: */
	uint32_t pid;
	char comm[64];    /* "": not read yet */
	uint32_t *tables; /* owned; a thread of each table of descriptors that was read */
	size_t nr_tables;
};

static ssize_t read_at(int dir, const char *name, char *ret, size_t size)
{
	auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n < 0 ? 0 : n] = '\0';
	return n;
}

/* Listing somebody's descriptors is allowed where reading what they are is not. */
static int proc_kind_of(int dir, const char *name, struct proc_fd *ret)
{
	unsigned long netns;
	char target[32];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	ret->kind = bpf_fd_kind_of_link(target);
	if (sscanf(target, "net:[%lu]", &netns) == 1)
		ret->netns = netns;
	ret->number = (uint32_t)strtoul(name, NULL, 10);
	return 0;
}

static uint32_t number_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? (uint32_t)strtoul(at + strlen(key), NULL, 10) : 0;
}

static int read_fdinfo(struct fds_scan *s, int proc, uint32_t pid, struct proc_fd *fd)
{
	enum bpf_fd_kind kind = fd->kind;
	char path[64], text[2048];

	snprintf(path, sizeof(path), "fdinfo/%u", fd->number);
	if (read_at(proc, path, text, sizeof(text)) < 0)
		return -errno;
	if (kind == BPF_FD_MAP)
		fd->id = number_behind(text, "map_id:");
	else if (kind == BPF_FD_PROG)
		fd->id = number_behind(text, "prog_id:");
	else
		fd->id = number_behind(text, "link_id:");
	if (kind == BPF_FD_LINK)
		fd->prog_id = number_behind(text, "prog_id:");
	if (!fd->id)
		return 0;
	if (!s->comm[0]) {
		read_at(proc, "comm", s->comm, sizeof(s->comm));
		s->comm[strcspn(s->comm, "\n")] = '\0';
	}
	s->fn(pid, s->comm, fd, s->ctx);
	return 0;
}

/* One of the threads that share a table; -errno: it does not show all of its descriptors. */
static int scan_table(struct fds_scan *s, uint32_t tid)
{
	auto_close int proc = -1;
	auto_dir DIR *fds = NULL;
	const struct dirent *entry;
	char path[64];
	int error;

	/* Threads are there by their own number too, though /proc does not list them. */
	snprintf(path, sizeof(path), "/proc/%u/fd", tid);
	fds = opendir(path);
	if (!fds)
		return proc_gone_or(tid, -errno);
	while ((entry = dir_in_next(fds, &error))) {
		struct proc_fd fd = {.kind = BPF_FD_UNKNOWN, .tid = tid};
		int r = proc_kind_of(dirfd(fds), entry->d_name, &fd);

		if (r < 0 && r != -ENOENT)
			return proc_gone_or(tid, r);
		if (fd.netns)
			s->fn(s->pid, "", &fd, s->ctx);
		if (fd.kind == BPF_FD_UNKNOWN)
			continue;
		if (proc < 0) {
			snprintf(path, sizeof(path), "/proc/%u", tid);
			proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		}
		r = proc < 0 ? -errno : read_fdinfo(s, proc, s->pid, &fd);
		if (r < 0 && r != -ENOENT)
			return proc_gone_or(tid, r);
	}
	if (error < 0)
		return proc_gone_or(tid, error);
	array_grow(s->tables, s->nr_tables);
	s->tables[s->nr_tables++] = tid;
	return 0;
}

/* Where it cannot be told (CONFIG_KCMP) each thread is looked at, whose it may be. */
static bool is_known_table(const struct fds_scan *s, uint32_t tid)
{
	for (size_t i = 0; i < s->nr_tables; i++) {
		long r = syscall(SYS_kcmp, s->tables[i], tid, KCMP_FILES, 0, 0);

		if (r == 0)
			return true;
		if (r < 0 && errno != ESRCH)
			return false;
	}
	return false;
}

/* A thread may have left the table of the others, or outlived the one of the first. */
static int scan_thread(uint32_t tid, void *ctx)
{
	struct fds_scan *s = ctx;

	return is_known_table(s, tid) ? 0 : scan_table(s, tid);
}

static int scan_process(uint32_t pid, void *ctx)
{
	struct fds_scan *s = ctx;
	int r;

	if (pid == (uint32_t)getpid())
		return 0;
	s->pid = pid;
	s->comm[0] = '\0';
	s->nr_tables = 0;
	r = scan_table(s, pid);
	if (r == 0)
		r = proc_each_other_thread(pid, scan_thread, s);
	if (r < 0)
		proc_unseen_add(&s->unseen, r);
	return 0;
}

int proc_each_fd(void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd,
			    void *ctx),
		 void *ctx, struct proc_unseen *unseen)
{
	struct fds_scan s = {.fn = fn, .ctx = ctx};
	int r = proc_each(scan_process, &s);

	*unseen = s.unseen;
	free(s.tables);
	return r;
}

/* --- memory --- */

struct mapping_search {
	const char *name;
	uint32_t pid;
	struct proc_unseen unseen;
};

/* What has ended shows no memory; anything else is said, and asked no further. */
static int search_unseen(struct mapping_search *s, uint32_t tid, int why)
{
	if (proc_gone_or(tid, why) == 0)
		return -ENODATA;
	proc_unseen_add(&s->unseen, why);
	return 0;
}

/* 1: found; 0: it has no such mapping; -ENODATA: it has no memory any more. */
static int search_memory(uint32_t tid, void *ctx)
{
	struct mapping_search *s = ctx;
	auto_free char *line = NULL;
	auto_file FILE *maps = NULL;
	size_t size = 0, n = strlen(s->name);
	int r = -ENODATA;
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%u/maps", tid);
	maps = fopen(path, "re");
	if (!maps)
		return search_unseen(s, tid, -errno);
	while ((len = getline(&line, &size, maps)) > 0) {
		size_t end = (size_t)len - (line[len - 1] == '\n');

		r = 0;
		if (end > n && line[end - n - 1] == ' ' &&
		    strncmp(line + end - n, s->name, n) == 0)
			return 1;
	}
	return ferror(maps) ? search_unseen(s, tid, errno ? -errno : -EIO) : r;
}

/* The first that has memory shows that of all threads. */
static int search_thread(uint32_t tid, void *ctx)
{
	int r = search_memory(tid, ctx);

	return r == -ENODATA ? 0 : r ? r : -EEXIST;
}

static int search_mapping(uint32_t pid, void *ctx)
{
	struct mapping_search *s = ctx;
	int r;

	if (pid == (uint32_t)getpid())
		return 0;
	r = search_memory(pid, s);
	if (r == -ENODATA)
		r = proc_each_other_thread(pid, search_thread, s);
	if (r == 1)
		s->pid = pid;
	return r == 1;
}

int proc_find_mapping(const char *name, uint32_t *pid, struct proc_unseen *unseen)
{
	struct mapping_search s = {.name = name};
	int r = proc_each(search_mapping, &s);

	*pid = s.pid;
	*unseen = s.unseen;
	return r < 0 ? r : 0;
}
