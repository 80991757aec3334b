/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/path_absent.h"
#include "base/strbuf.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/mountinfo.h"

enum { QUERY_FIRST = 64, QUERY_TRIES = 8, LEAF_LINKS = 2 };

/* As of Linux 6.17; shorter kernels accept it as long as what they do not know is zero.
 */
struct query_attr {
	uint32_t target_fd, attach_type, query_flags, attach_flags;
	uint64_t prog_ids;
	uint32_t prog_cnt, pad;
	uint64_t prog_attach_flags, link_ids, link_attach_flags, revision;
};

static bool cgroup_is_v2(const struct statfs *fs)
{
	return (unsigned long)fs->f_type == CGROUP2_SUPER_MAGIC;
}

int cgroup_fd_is_v2(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 ? -errno : cgroup_is_v2(&fs);
}

/* 1, 0; -errno */
static int is_cgroup2(const char *path)
{
	char real[PATH_MAX];
	struct statfs fs;

	return statfs(caller_ns_path(path, real), &fs) < 0 ? -errno : cgroup_is_v2(&fs);
}

/* The root of the hierarchy has this inode number in every kernel with BPF in cgroups. */
enum { ROOT_INODE = 1 };

int cgroup_is_whole(const char *root)
{
	char real[PATH_MAX];
	int r = is_cgroup2(root);
	struct stat st;

	if (r <= 0)
		return r;
	return stat(caller_ns_path(root, real), &st) < 0 ? -errno
							 : st.st_ino == ROOT_INODE;
}

struct root_search {
	char *path; /* PATH_MAX bytes */
	int rank;   /* of what is in it; the lowest is best */
	int unseen; /* of a mount that could not be looked at: -errno */
};

static int rank_root(const struct mountinfo *m, void *ctx)
{
	struct root_search *s = ctx;
	int r, rank;

	if (strcmp(m->type, "cgroup2") != 0 || strlen(m->path) >= PATH_MAX)
		return 0;
	/* A mount that another one covers is listed, but its path leads elsewhere. */
	r = is_cgroup2(m->path);
	if (r < 0 && r != -ENOENT)
		s->unseen = r;
	if (r <= 0)
		return 0;
	if (cgroup_is_whole(m->path) > 0)
		rank = 0;
	else
		rank = strcmp(m->root, "/") == 0 ? 1 : 2;
	if (rank < s->rank) {
		s->rank = rank;
		strcpy(s->path, m->path);
	}
	return rank == 0;
}

static int find_root_in(const char *mounts, char ret[PATH_MAX])
{
	struct root_search s = {.path = ret, .rank = 3};
	int r = mountinfo_each(mounts, rank_root, &s);

	if (r < 0)
		return r;
	if (s.rank < 3)
		return 0;
	return s.unseen ? s.unseen : -ENOENT;
}

/* Ours, else the one that stands in for it. */
static int find_root(char ret[PATH_MAX])
{
	int r = find_root_in("/proc/self/mountinfo", ret);
	char mounts[PATH_MAX];

	if (r != -ENOENT || !caller_ns_has_cgroups())
		return r;
	caller_ns_mounts(mounts);
	return find_root_in(mounts, ret);
}

int cgroup_root(char ret[PATH_MAX], struct err *err)
{
	int r = find_root(ret);

	if (r < 0 && r != -ENOENT)
		return err_set(err, r, "look for the cgroup v2 file system");
	if (r)
		return err_say(
			err, r,
			"no cgroup v2 file system is mounted here (inside 'ip netns exec' it is hidden: run this outside)");
	return 0;
}

/* Why a path that opens is no cgroup v2 directory. */
static int explain_foreign(int fd, const char *path, struct err *err)
{
	char root[PATH_MAX];
	struct statfs fs;
	bool v1 = fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == CGROUP_SUPER_MAGIC;
	const char *is = v1 ? "is a cgroup v1 directory" : "is not a cgroup directory";

	if (find_root(root) == 0)
		return err_say(err, -EBADF, "'%s' %s; the cgroup v2 tree is at '%s'",
			       path, is, root);
	return err_say(
		err, -EBADF,
		"'%s' %s, and no cgroup v2 file system is mounted here (inside 'ip netns exec' it is hidden: run this outside)",
		path, is);
}

int cgroup_fd_open(const char *path, struct err *err)
{
	char root[PATH_MAX], real[PATH_MAX];
	auto_close int fd =
		open(caller_ns_path(path, real), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = -errno;

	if (fd < 0 && r == -ENOTDIR) {
		err_say(err, r, "cgroup '%s' is not a directory", path);
		return err_hint(err, "name the directory it is in");
	}
	if (fd < 0 && r == -ENOENT && find_root(root) == -ENOENT)
		return err_say(
			err, r,
			"cgroup '%s' does not exist: no cgroup v2 file system is mounted here (inside 'ip netns exec' it is hidden: run this outside)",
			path);
	if (fd < 0) {
		err_set(err, r, "cgroup '%s'", path);
		return r == -ENOENT
			       ? err_hint(err, "'cgroup tree' lists those with programs")
			       : r;
	}
	r = cgroup_fd_is_v2(fd);
	if (r < 0)
		return err_set(err, r, "cgroup '%s'", path);
	return r ? take_fd(&fd) : explain_foreign(fd, path, err);
}

int cgroup_fd_is_gone(const char *path)
{
	auto_free char *at = xstrdup(path);
	char real[PATH_MAX], *slash;
	struct statfs fs;

	while (statfs(caller_ns_path(at, real), &fs) < 0) {
		if (!path_is_absent(-errno))
			return -errno;
		slash = strrchr(at, '/');
		if (!slash || slash == at)
			return 0;
		*slash = '\0';
	}
	return (unsigned long)fs.f_type == CGROUP2_SUPER_MAGIC;
}

int cgroup_fd_by_id(int fd, uint64_t id)
{
	/* Type and content are kernfs's, since Linux 5.5. */
	struct {
		struct file_handle head;
		unsigned char id[sizeof(uint64_t)];
	} handle = {.head = {.handle_bytes = sizeof(id), .handle_type = 0xfe}};
	int found;

	memcpy(handle.head.f_handle, &id, sizeof(id));
	found = open_by_handle_at(fd, &handle.head, O_PATH | O_CLOEXEC);
	return found < 0 ? -errno : found;
}

int cgroup_fd_is_removed(int fd, uint64_t id)
{
	auto_close int found = cgroup_fd_by_id(fd, id);

	if (found == -ESTALE)
		return 1;
	return found == -EPERM || found == -ENOSYS || found == -EOPNOTSUPP || found >= 0
		       ? 0
		       : found;
}

struct walk {
	int (*fn)(const char *path, int depth, void *ctx);
	void *ctx;
	dev_t dev;
};

static int walk_below(struct walk *w, const char *path, int depth);

/* One name in a directory; what is no directory, or vanished meanwhile, is passed over.
 */
static int walk_entry(struct walk *w, const char *dir, int dir_fd, const char *name,
		      int depth)
{
	auto_strbuf path = STRBUF_INIT;
	struct stat st;
	int r;

	/* From the directory: the way to it is most of what a look at each would cost. */
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	if (!S_ISDIR(st.st_mode) || st.st_dev != w->dev)
		return 0;
	sb_add(&path, dir);
	if (path.text[path.len - 1] != '/')
		sb_add_char(&path, '/');
	sb_add(&path, name);
	r = w->fn(path.text, depth, w->ctx);
	/* The kernel counts a cgroup's subdirectories; reading a leaf's files for nothing is
	 * most of a walk's time. */
	if (r == 0 && st.st_nlink == LEAF_LINKS)
		return 0;
	return r ? r : walk_below(w, path.text, depth);
}

static int walk_below(struct walk *w, const char *path, int depth)
{
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(path, real));
	const struct dirent *d;
	int r = 0, error = 0;

	if (!dir)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	while (r == 0 && (d = dir_in_next(dir, &error))) {
		if (d->d_type == DT_DIR || d->d_type == DT_UNKNOWN)
			r = walk_entry(w, path, dirfd(dir), d->d_name, depth + 1);
	}
	return r || error == -ENOENT || error == -ENODEV ? r : error;
}

int cgroup_each(const char *root, int (*fn)(const char *path, int depth, void *ctx),
		void *ctx, struct err *err)
{
	auto_free char *top = xstrdup(root);
	struct walk w = {.fn = fn, .ctx = ctx};
	size_t n = strlen(top);
	char real[PATH_MAX];
	struct stat st;
	int r;

	while (n > 1 && top[n - 1] == '/')
		top[--n] = '\0';
	if (stat(caller_ns_path(top, real), &st) < 0)
		return err_set(err, -errno, "cgroup '%s'", root);
	w.dev = st.st_dev;
	r = fn(top, 0, ctx);
	if (r == 0)
		r = walk_below(&w, top, 0);
	/* A callback that failed has written its own reason. */
	if (r < 0 && !err->code)
		return err_set(err, r, "walk cgroup '%s'", root);
	return r;
}

/*
 * lsm_cgroup holds one list for each hook, so its flags come by program and the kernel
 * insists on the array as soon as ids are asked for.
 */
static int query_once(int cgroup_fd, uint32_t attach_type, bool effective, uint32_t cap,
		      struct cgroup_query *q, uint32_t *ret_total)
{
	auto_free uint32_t *flags = NULL;
	struct query_attr attr = {
		.target_fd = (uint32_t)cgroup_fd,
		.attach_type = attach_type,
		.query_flags = effective ? BPF_F_QUERY_EFFECTIVE : 0,
		.prog_cnt = cap,
	};

	q->prog_ids = xrealloc(q->prog_ids, cap, sizeof(*q->prog_ids));
	attr.prog_ids = (uintptr_t)q->prog_ids;
	if (attach_type == BPF_LSM_CGROUP && !effective) {
		flags = xcalloc(cap, sizeof(*flags));
		attr.prog_attach_flags = (uintptr_t)flags;
	}
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0) {
		*ret_total = attr.prog_cnt;
		return -errno;
	}
	q->nr = attr.prog_cnt;
	q->flags = flags && q->nr ? flags[0] : attr.attach_flags;
	q->revision = attr.revision;
	return 0;
}

int cgroup_fd_query(int cgroup_fd, uint32_t attach_type, bool effective,
		    struct cgroup_query *ret)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	uint32_t cap = QUERY_FIRST, total = 0;
	int r = -ENOSPC;

	/* Programs may be added between the answer "too small" and the next question. */
	for (int i = 0; r == -ENOSPC && i < QUERY_TRIES; i++) {
		r = query_once(cgroup_fd, attach_type, effective, cap, &q, &total);
		cap = total > cap ? total : 2 * cap;
	}
	if (r == 0) {
		*ret = q;
		q.prog_ids = NULL;
	}
	return r;
}

void cgroup_query_release(struct cgroup_query *q)
{
	free(q->prog_ids);
	*q = (struct cgroup_query){.nr = 0};
}
