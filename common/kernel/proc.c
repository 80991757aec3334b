/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/proc.h"

/* fn for every process, ascending; its non-zero return ends the walk. */
static int each_process(int (*fn)(uint32_t pid, void *ctx), void *ctx)
{
	auto_dir DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);
		int r = *end || pid == 0 || pid > UINT32_MAX ? 0 : fn((uint32_t)pid, ctx);

		if (r != 0)
			return r;
	}
	return 0;
}

/*
 * What a process that ends shows is refused (EACCES), not missing. It holds nothing any more,
 * or will not in a moment.
 */
static bool proc_is_gone(uint32_t pid)
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
		return access(path, F_OK) < 0;
	return strchr("ZXx", state) || flags & PF_EXITING;
}

/* --- open files --- */

struct fds_scan {
	void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd, void *ctx);
	void *ctx;
	size_t hidden;
	char comm[64]; /* of the process that is looked at; "": not read yet */
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

static void read_fdinfo(struct fds_scan *s, int proc, uint32_t pid, struct proc_fd *fd)
{
	enum bpf_fd_kind kind = fd->kind;
	char path[64], text[2048];

	snprintf(path, sizeof(path), "fdinfo/%u", fd->number);
	if (read_at(proc, path, text, sizeof(text)) < 0)
		return;
	if (kind == BPF_FD_MAP)
		fd->id = number_behind(text, "map_id:");
	else if (kind == BPF_FD_PROG)
		fd->id = number_behind(text, "prog_id:");
	else
		fd->id = number_behind(text, "link_id:");
	if (kind == BPF_FD_LINK)
		fd->prog_id = number_behind(text, "prog_id:");
	if (!fd->id)
		return;
	if (!s->comm[0]) {
		read_at(proc, "comm", s->comm, sizeof(s->comm));
		s->comm[strcspn(s->comm, "\n")] = '\0';
	}
	s->fn(pid, s->comm, fd, s->ctx);
}

static int scan_process(uint32_t pid, void *ctx)
{
	struct fds_scan *s = ctx;
	auto_close int proc = -1;
	auto_dir DIR *fds = NULL;
	const struct dirent *entry;
	char path[64];

	if (pid == (uint32_t)getpid())
		return 0;
	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	fds = opendir(path);
	if (!fds) {
		s->hidden += (errno == EACCES || errno == EPERM) && !proc_is_gone(pid);
		return 0;
	}
	s->comm[0] = '\0';
	while ((entry = readdir(fds))) {
		struct proc_fd fd = {.kind = BPF_FD_UNKNOWN};
		int r = entry->d_name[0] == '.'
				? 0
				: proc_kind_of(dirfd(fds), entry->d_name, &fd);

		if (r == -EACCES || r == -EPERM) {
			s->hidden += !proc_is_gone(pid);
			return 0;
		}
		if (fd.netns)
			s->fn(pid, "", &fd, s->ctx);
		if (fd.kind == BPF_FD_UNKNOWN)
			continue;
		if (proc < 0) {
			snprintf(path, sizeof(path), "/proc/%u", pid);
			proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		}
		if (proc >= 0)
			read_fdinfo(s, proc, pid, &fd);
	}
	return 0;
}

int proc_each_fd(void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd,
			    void *ctx),
		 void *ctx, size_t *hidden)
{
	struct fds_scan s = {.fn = fn, .ctx = ctx};
	int r = each_process(scan_process, &s);

	*hidden = s.hidden;
	return r;
}

/* --- memory --- */

struct mapping_search {
	const char *name;
	uint32_t pid;
	size_t hidden;
};

static int search_mapping(uint32_t pid, void *ctx)
{
	struct mapping_search *s = ctx;
	auto_free char *line = NULL;
	auto_file FILE *maps = NULL;
	size_t size = 0, n = strlen(s->name);
	char path[64];
	ssize_t len;

	if (pid == (uint32_t)getpid())
		return 0;
	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	maps = fopen(path, "re");
	if (!maps) {
		s->hidden += (errno == EACCES || errno == EPERM) && !proc_is_gone(pid);
		return 0;
	}
	while ((len = getline(&line, &size, maps)) > 0) {
		size_t end = (size_t)len - (line[len - 1] == '\n');

		if (end > n && line[end - n - 1] == ' ' &&
		    strncmp(line + end - n, s->name, n) == 0) {
			s->pid = pid;
			return 1;
		}
	}
	return 0;
}

int proc_find_mapping(const char *name, uint32_t *pid, size_t *hidden)
{
	struct mapping_search s = {.name = name};
	int r = each_process(search_mapping, &s);

	*pid = s.pid;
	*hidden = s.hidden;
	return r < 0 ? r : 0;
}

/* --- namespaces --- */

int proc_is_contained(void)
{
	/* PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h. */
	enum { FIRST_PID_NAMESPACE = (int)0xeffffffc };
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) < 0)
		return -errno;
	return (int)st.st_ino != FIRST_PID_NAMESPACE;
}

struct ns_scan {
	const char *kind;
	struct proc_ns_list list;
	uint32_t *hidden; /* owned: processes whose link may not be followed */
	size_t nr_hidden;
};

static void hide_process(struct ns_scan *s, uint32_t pid)
{
	if (errno != EACCES && errno != EPERM)
		return;
	array_grow(s->hidden, s->nr_hidden);
	s->hidden[s->nr_hidden++] = pid;
}

/* pid may be a thread's: /proc has those too, though it does not list them. */
static void add_namespace(struct ns_scan *s, uint32_t pid)
{
	struct proc_ns ns = {.pid = pid};
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid, s->kind);
	if (stat(path, &st) < 0) {
		hide_process(s, pid);
		return;
	}
	ns.dev = st.st_dev;
	ns.ino = st.st_ino;
	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	if (strcmp(s->kind, "mnt") == 0 && stat(path, &st) == 0)
		ns.root = st.st_ino;
	for (size_t i = 0; i < s->list.nr; i++)
		if (s->list.items[i].dev == ns.dev && s->list.items[i].ino == ns.ino &&
		    s->list.items[i].root == ns.root)
			return;
	array_grow(s->list.items, s->list.nr);
	s->list.items[s->list.nr++] = ns;
}

/* Each thread may be somewhere else; the directory's links count them. */
static int add_threads(uint32_t pid, void *ctx)
{
	enum { ONE_THREAD = 3 };
	auto_dir DIR *threads = NULL;
	const struct dirent *entry;
	struct stat st;
	char path[64];

	add_namespace(ctx, pid);
	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	if (stat(path, &st) < 0 || st.st_nlink <= ONE_THREAD)
		return 0;
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		uint32_t tid = (uint32_t)strtoul(entry->d_name, NULL, 10);

		if (tid && tid != pid)
			add_namespace(ctx, tid);
	}
	return 0;
}

/*
 * What everybody may read of a process and no two namespaces have in common: the kernel's
 * own route socket of a network namespace (address and inode number in net/netlink), the
 * number of the first mount of a mount namespace. "": not told.
 */
static void mark_of_ns(const char *kind, uint32_t pid, char ret[64])
{
	bool net = strcmp(kind, "net") == 0;
	char path[64], line[512], sk[32], inode[32];
	auto_file FILE *f = NULL;

	ret[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%u/%s", pid,
		 net ? "net/netlink" : "mountinfo");
	f = fopen(path, "re");
	while (f && !ret[0] && fgets(line, sizeof(line), f))
		/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
		if (net &&
		    sscanf(line, "%31s 0 0 %*s %*s %*s %*s %*s %*s %31s", sk, inode) == 2)
			snprintf(ret, 64, "%s %s", sk, inode);
		else if (!net && sscanf(line, "%31s", sk) == 1)
			snprintf(ret, 64, "%s", sk);
}

/* A namespace that this process may not show is none we miss if another one shows it. */
static bool is_listed(const struct ns_scan *s, uint32_t pid)
{
	char hidden[64], listed[64];

	mark_of_ns(s->kind, pid, hidden);
	for (size_t i = 0; hidden[0] && i < s->list.nr; i++) {
		mark_of_ns(s->kind, s->list.items[i].pid, listed);
		if (strcmp(hidden, listed) == 0)
			return true;
	}
	return false;
}

int proc_namespaces(const char *kind, struct proc_ns_list *ret)
{
	struct ns_scan s = {.kind = kind};
	int r = each_process(add_threads, &s);

	for (size_t i = 0; i < s.nr_hidden; i++)
		s.list.hidden +=
			!proc_is_gone(s.hidden[i]) && !is_listed(&s, s.hidden[i]);
	free(s.hidden);
	if (r < 0)
		proc_ns_list_release(&s.list);
	else
		*ret = s.list;
	return r;
}

void proc_ns_list_release(struct proc_ns_list *list)
{
	free(list->items);
	*list = (struct proc_ns_list){.nr = 0};
}
