/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/caller_ns.h"
#include "kernel/caps.h"
#include "kernel/kernel_scope.h"

enum { MAX_ANCESTORS = 256 };

/* A tree that may be hidden here; found once, then held until the end. */
struct caller_tree {
	const char *path, *what;
	bool (*hidden)(void);
	bool (*fits)(int dir);
	bool asked;
	int dir;  /* O_PATH, the caller's; -1 */
	int proc; /* its /proc/PID; -1 */
};

static bool caller_allowed;
static char caller_unseen[64];
/* Held while one is looked for, and so before its descriptors are read. */
static pthread_mutex_t caller_lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t magic_of(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 ? (uint32_t)fs.f_type : 0;
}

static bool bpffs_is_hidden(void)
{
	const char *mnt = secure_getenv("TC_BPF_MNT");
	struct statfs fs;

	if (mnt && mnt[0])
		return false;
	/* Where it cannot be asked for want of memory, ours is not taken for hidden. */
	if (statfs("/sys/fs/bpf", &fs) < 0)
		return errno == ENOENT || errno == ENOTDIR;
	return (uint32_t)fs.f_type != BPF_FS_MAGIC;
}

/* A fresh /sys shows the empty directory on which the tree, or its v1 parts, would be. */
static bool cgroups_are_hidden(void)
{
	return magic_of("/sys/fs/cgroup") == SYSFS_MAGIC;
}

static bool is_bpffs(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && (uint32_t)fs.f_type == BPF_FS_MAGIC;
}

static bool is_cgroup_tree(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && (uint32_t)fs.f_type != SYSFS_MAGIC;
}

static struct caller_tree caller_trees[] = {
	{"/sys/fs/bpf", "BPF file system", bpffs_is_hidden, is_bpffs, false, -1, -1},
	{"/sys/fs/cgroup", "cgroup tree", cgroups_are_hidden, is_cgroup_tree, false, -1,
	 -1},
};

/* The parent's id from PID (COMM) STATE PPID ...; COMM may hold anything. 0: none. */
static int caller_ns_parent_of(int proc)
{
	auto_close int fd = openat(proc, "stat", O_RDONLY | O_CLOEXEC);
	char text[512];
	const char *end;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	int ppid;

	if (n < 0)
		return 0;
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &ppid) == 1 ? ppid : 0;
}

/* 1: another one, 0: ours, -errno. */
static int is_other_ns(int self, int proc, const char *name)
{
	struct stat ours, theirs;

	if (fstatat(self, name, &ours, 0) < 0 || fstatat(proc, name, &theirs, 0) < 0)
		return -errno;
	return ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino;
}

/* Its tree, if it is in another mount namespace and in our user namespace; else -1. */
static int tree_of(const struct caller_tree *t, int self, int proc, int pid)
{
	auto_close int dir = -1;
	int other = is_other_ns(self, proc, "ns/mnt");

	if (other == -EACCES || other == -EPERM)
		snprintf(caller_unseen, sizeof(caller_unseen), "process %d%s", pid,
			 caps_missing(CAPS_PTRACE) ? ": missing CAP_SYS_PTRACE" : "");
	if (other != 1 || is_other_ns(self, proc, "ns/user") != 0)
		return -1;
	/* "root" leads into its namespace; the tree's path is absolute there. */
	auto_close int root = openat(proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root >= 0)
		dir = openat(root, t->path + 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 && t->fits(dir) ? take_fd(&dir) : -1;
}

static int open_proc(int pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Says who it is, and keeps it. */
static void take_tree(struct caller_tree *t, int pid, int *proc, int *dir)
{
	auto_close int fd = openat(*proc, "comm", O_RDONLY | O_CLOEXEC);
	char comm[32] = "";
	ssize_t n = fd < 0 ? 0 : read(fd, comm, sizeof(comm) - 1);

	comm[n > 0 ? n - 1 : 0] = '\0';
	t->proc = take_fd(proc);
	t->dir = take_fd(dir);
	log_info(
		"'%s' is hidden in this mount namespace: using the %s of process %d ('%s'), from which this was called (--no-caller-pins turns this off)",
		t->path, t->what, pid, comm);
}

static void find_tree(struct caller_tree *t)
{
	auto_close int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int child = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int pid = getppid();

	for (int i = 0; i < MAX_ANCESTORS && pid > 0 && self >= 0; i++) {
		auto_close int proc = open_proc(pid);
		auto_close int dir = -1;

		/* An id that was reused meanwhile is not the child's parent. */
		if (proc < 0 || caller_ns_parent_of(child) != pid)
			return;
		dir = tree_of(t, self, proc, pid);
		if (dir >= 0) {
			take_tree(t, pid, &proc, &dir);
			return;
		}
		cleanup_close(&child);
		child = take_fd(&proc);
		pid = caller_ns_parent_of(child);
	}
}

/* A place of bpffs that was named is no other than that. */
static bool caller_is_allowed(const struct caller_tree *t)
{
	const struct kernel_scope *scope = kernel_scope();

	if (!scope)
		return caller_allowed;
	return scope->caller_pins && !(scope->bpffs && t == &caller_trees[0]);
}

static bool stands_in(struct caller_tree *t)
{
	bool found;

	if (!caller_is_allowed(t))
		return false;
	pthread_mutex_lock(&caller_lock);
	if (!t->asked) {
		t->asked = true;
		if (t->hidden())
			find_tree(t);
	}
	found = t->dir >= 0;
	pthread_mutex_unlock(&caller_lock);
	return found;
}

void caller_ns_allow(bool allow)
{
	caller_allowed = allow;
}

bool caller_ns_has_bpffs(void)
{
	return stands_in(&caller_trees[0]);
}

bool caller_ns_has_cgroups(void)
{
	return stands_in(&caller_trees[1]);
}

void caller_ns_mounts(char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "/proc/self/fd/%d/mountinfo", caller_trees[1].proc);
}

const char *caller_ns_unseen(void)
{
	/* Asked first, so that it is found out by now, and by this thread. */
	bool stands = stands_in(&caller_trees[0]);

	if (!caller_is_allowed(&caller_trees[0]) || stands)
		return NULL;
	return caller_unseen[0] ? caller_unseen : NULL;
}

/* What every call refuses with ENAMETOOLONG. */
static const char caller_too_long[PATH_MAX + 1] = {[0 ... PATH_MAX - 1] = 'x'};

const char *caller_ns_path(const char *path, char buf[PATH_MAX])
{
	for (size_t i = 0; i < array_size(caller_trees); i++) {
		struct caller_tree *t = &caller_trees[i];
		size_t n = strlen(t->path);

		if (strncmp(path, t->path, n) != 0 || (path[n] && path[n] != '/') ||
		    !stands_in(t))
			continue;
		return snprintf(buf, PATH_MAX, "/proc/self/fd/%d/.%s", t->dir, path + n) <
				       PATH_MAX
			       ? buf
			       : caller_too_long;
	}
	return path;
}
