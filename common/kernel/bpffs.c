/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/path_absent.h"
#include "def/pin_path.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/caps.h"
#include "kernel/mountinfo.h"
#include "kernel/kernel_scope.h"
#include "kernel/pin_dir.h"

enum { BPFFS_MAGIC = 0xcafe4a11 };

static const char default_mnt[] = "/sys/fs/bpf";

int bpffs_at(const char *path)
{
	char real[PATH_MAX];
	struct statfs fs;

	if (statfs(caller_ns_path(path, real), &fs) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	return (uint32_t)fs.f_type == (uint32_t)BPFFS_MAGIC;
}

bool bpffs_is(const char *path)
{
	return bpffs_at(path) == 1;
}

bool bpffs_is_folder(const char *path)
{
	struct stat st;

	return bpffs_at(path) == 1 && bpffs_stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool bpffs_is_outside(const char *path)
{
	auto_free char *copy = xstrdup(path);
	const char *dir = dirname(copy);
	char real[PATH_MAX];

	return faccessat(AT_FDCWD, caller_ns_path(dir, real), X_OK, AT_EACCESS) == 0 &&
	       bpffs_at(dir) == 0;
}

void bpffs_mount_point(char ret[PATH_MAX])
{
	const char *mnt = kernel_scope() ? kernel_scope()->bpffs : NULL;

	if (!mnt)
		mnt = secure_getenv("TC_BPF_MNT");

	if (!mnt || !mnt[0] || strlen(mnt) >= PATH_MAX)
		mnt = default_mnt;
	memcpy(ret, mnt, strlen(mnt) + 1);
	pin_path_tidy(ret);
}

int bpffs_look(const char *path, struct stat *ret)
{
	int r = bpffs_at(path);

	if (r <= 0)
		return r;
	r = bpffs_stat(path, ret);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return 1;
}

int bpffs_device(uint64_t *ret, struct err *err)
{
	char mnt[PATH_MAX];
	struct stat st = {.st_dev = 0};
	int r;

	bpffs_mount_point(mnt);
	r = bpffs_look(mnt, &st);
	if (r < 0)
		return err_set(err, r, "'%s'", mnt);
	*ret = st.st_dev;
	return 0;
}

struct bpffs_mounts {
	int (*fn)(const char *path, void *ctx);
	void *ctx;
	bool callers; /* that of the caller is in the place of what is covered here */
};

static int bpffs_take_mount(const struct mountinfo *m, void *ctx)
{
	const struct bpffs_mounts *mounts = ctx;

	if (strcmp(m->type, "bpf") != 0 ||
	    (mounts->callers && strcmp(m->path, default_mnt) == 0))
		return 0;
	return mounts->fn(m->path, mounts->ctx);
}

int bpffs_each_mount(int (*fn)(const char *path, void *ctx), void *ctx)
{
	struct bpffs_mounts mounts = {
		.fn = fn, .ctx = ctx, .callers = caller_ns_has_bpffs()};
	int r = mountinfo_each("/proc/self/mountinfo", bpffs_take_mount, &mounts);

	return r == 0 && mounts.callers ? fn(default_mnt, ctx) : r;
}

static int list_mount(const char *path, void *ctx)
{
	sb_add_sep(ctx, ", ", path);
	return 0;
}

/* Is this the mount namespace of PID 1? No also where nobody can tell. */
static bool in_first_mount_ns(void)
{
	struct stat ours, first;

	return stat("/proc/self/ns/mnt", &ours) == 0 &&
	       stat("/proc/1/ns/mnt", &first) == 0 && ours.st_dev == first.st_dev &&
	       ours.st_ino == first.st_ino;
}

bool bpffs_mount_is_private(const char *mnt)
{
	return bpffs_at(mnt) == 0 && !in_first_mount_ns();
}

static bool bpffs_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool bpffs_is_empty_directory(const char *path)
{
	auto_dir DIR *dir = opendir(path);
	int r;

	return dir && !dir_in_next(dir, &r) && r == 0;
}

/* What is wrong with mnt, what there is instead, and every way out that applies. */
static int say_no_bpffs(const char *mnt, struct err *err)
{
	auto_strbuf mounts = STRBUF_INIT, text = STRBUF_INIT;
	bool there = bpffs_is_directory(mnt);
	const char *unseen = caller_ns_unseen();

	bpffs_each_mount(list_mount, &mounts);
	sb_addf(&text, "'%s' %s; ", mnt,
		there ? "is not a BPF file system" : "is not a directory that exists");
	if (mounts.len)
		sb_addf(&text, "BPF file systems are at %s (TC_BPF_MNT chooses one); ",
			sb_text(&mounts));
	else
		sb_add(&text, "no BPF file system is mounted here; ");
	/*
	 * `ip netns exec` and `tc -n` leave the mount namespace and put a fresh /sys in
	 * it, which hides everybody's pins: a bpffs mounted there would be private and
	 * short-lived.
	 */
	if (unseen)
		sb_addf(&text, "whether it is hidden here cannot be seen (%s); ", unseen);
	if (there && !in_first_mount_ns())
		sb_add(&text, "inside 'ip netns exec': use -n NETNS from outside; ");
	if (!there || bpffs_is_empty_directory(mnt))
		sb_addf(&text, "mount one: 'mount -t bpf -o mode=0700 bpf %s'%s", mnt,
			there ? "" : " once it exists");
	else
		sb_add(&text, "it is not empty, so nothing is mounted over it");
	return err_say(err, -ENOENT, "%s", sb_text(&text));
}

static bool bpffs_may_mount(void)
{
	return !kernel_scope() || kernel_scope()->may_mount;
}

bool bpffs_would_mount(const char *mnt)
{
	return bpffs_may_mount() && bpffs_at(mnt) == 0 && bpffs_is_empty_directory(mnt);
}

int bpffs_find(char ret[PATH_MAX], bool may_mount, bool *mounted, struct err *err)
{
	char mnt[PATH_MAX];
	const char *unseen;
	int r;

	bpffs_mount_point(mnt);
	r = bpffs_at(mnt);
	if (r < 0)
		return err_set(err, r, "'%s'", mnt);
	if (r) {
		memcpy(ret, mnt, sizeof(mnt));
		*mounted = false;
		return 0;
	}
	if (!bpffs_would_mount(mnt))
		return say_no_bpffs(mnt, err);
	unseen = caller_ns_unseen();
	if (mount("bpf", mnt, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0) {
		err_set(err, -errno, "mount a BPF file system on '%s'", mnt);
		return caps_explain(err, CAPS_MOUNT);
	}
	if (in_first_mount_ns() || may_mount)
		log_info("mounted a BPF file system on '%s'", mnt);
	else
		log_warn(
			"mounted a BPF file system on '%s' in a mount namespace of its own%s%s%s: pins made here go with it and no process outside shares them",
			mnt, unseen ? " (what is hidden there cannot be seen: " : "",
			unseen ? unseen : "", unseen ? ")" : "");
	memcpy(ret, mnt, sizeof(mnt));
	*mounted = true;
	return 0;
}

/* A fresh bpffs is not empty: newer kernels show maps.debug and progs.debug there. */
static bool has_only_kernel_files(const char *mnt)
{
	auto_dir DIR *dir = opendir(mnt);
	const struct dirent *entry;
	int r;

	if (!dir)
		return false;
	while ((entry = dir_in_next(dir, &r))) {
		const char *dot = strrchr(entry->d_name, '.');

		/* Nobody else can make a name with a dot in bpffs. */
		if (!dot)
			return false;
	}
	return r == 0;
}

void bpffs_unmount(const char *mnt)
{
	if (bpffs_is(mnt) && has_only_kernel_files(mnt))
		umount2(mnt, UMOUNT_NOFOLLOW);
}

int bpffs_real(const char *path, char ret[PATH_MAX])
{
	char there[PATH_MAX], link[64];
	const char *at = caller_ns_path(path, there);
	auto_close int fd = -1;
	ssize_t n;

	if (at == path)
		return realpath(path, ret) ? 0 : -errno;
	/* What the kernel says of a descriptor there is a path of that mount namespace. */
	fd = open(at, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

int bpffs_stat(const char *path, struct stat *ret)
{
	char real[PATH_MAX];

	return stat(caller_ns_path(path, real), ret) < 0 ? -errno : 0;
}

int bpffs_there(const char *path)
{
	char real[PATH_MAX];

	return path_there(caller_ns_path(path, real), F_OK);
}

bool bpffs_exists(const char *path)
{
	return bpffs_there(path) == 1;
}

int bpffs_check_target(const char *path, struct err *err)
{
	auto_free char *parent = xstrdup(path);
	struct stat st = {.st_mode = 0};
	char real[PATH_MAX];
	int r;

	/* Up to the nearest that exists; a relative path ends at ".". */
	while (lstat(caller_ns_path(parent, real), &st) < 0) {
		char *slash = strrchr(parent, '/');

		if (errno == ENOTDIR) {
			err_set(err, -errno, "'%s'", path);
			return err_hint(
				err,
				"a pin or a file has no names below it; name another");
		}
		if (errno != ENOENT)
			return err_set(err, -errno, "'%s'", path);
		if (!slash && strcmp(parent, ".") == 0)
			break;
		if (slash > parent) {
			*slash = '\0';
		} else {
			free(parent);
			parent = xstrdup(slash ? "/" : ".");
		}
	}
	if (S_ISLNK(st.st_mode) && bpffs_stat(parent, &st) < 0)
		return err_set(err, -errno, "follow the link '%s'", parent);
	r = bpffs_at(parent);
	if (r < 0)
		return err_set(err, r, "'%s'", parent);
	if (r == 0) {
		err_say(err, -EINVAL, "'%s' is not on a BPF file system", path);
		return err_hint(err, "pins live below /sys/fs/bpf");
	}
	return pin_dir_check(path, err);
}
