/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "share/pin_txn.h"

enum {
	LOCK_WAIT_MS = 60 * 1000,
	LOCK_STEP_MS = 10,
	/* A directory may vanish between mkdir and lock when its maker rolls back. */
	LOCK_TRIES = 100,
};

enum made_kind { MADE_DIR, MADE_LINK, MADE_PIN };

struct made {
	enum made_kind kind;
	char *path;
	uint32_t map_id; /* MADE_PIN of a map */
	/* What stands at path; 0 if somebody had removed it at once. */
	dev_t dev;
	ino_t ino;
};

struct pin_txn {
	char mnt[PATH_MAX];
	bool mounted;
	int *locks; /* fds of locked directories */
	size_t nr_locks;
	struct made *made;
	size_t nr_made;
	uint32_t *programs; /* ours */
	size_t nr_programs;
};

struct pin_txn *pin_txn_new(void)
{
	return xcalloc(1, sizeof(struct pin_txn));
}

const char *pin_txn_mnt(struct pin_txn *txn, bool may_mount, struct err *err)
{
	if (!txn->mnt[0]) {
		char mnt[PATH_MAX];

		if (bpffs_find(mnt, may_mount, &txn->mounted, err) < 0)
			return NULL;
		strcpy(txn->mnt, mnt);
	}
	return txn->mnt;
}

static void remember(struct pin_txn *txn, enum made_kind kind, const char *path,
		     uint32_t map_id)
{
	struct made *m;
	struct stat st;

	array_grow(txn->made, txn->nr_made);
	m = &txn->made[txn->nr_made++];
	*m = (struct made){.kind = kind, .path = xstrdup(path), .map_id = map_id};
	if (lstat(path, &st) == 0) {
		m->dev = st.st_dev;
		m->ino = st.st_ino;
	}
}

/* Somebody may have removed what we made and put something else there. */
static bool still_ours(const struct made *m)
{
	struct stat st;

	return lstat(m->path, &st) == 0 && st.st_dev == m->dev && st.st_ino == m->ino;
}

/* One level; the parent is there or -ENOENT. */
static int make_dir(struct pin_txn *txn, const char *dir)
{
	if (mkdir(dir, 0700) == 0)
		remember(txn, MADE_DIR, dir, 0);
	else if (errno != EEXIST)
		return -errno;
	return 0;
}

/* The links that tc makes; nobody fails for want of one. */
static void make_tc_link(struct pin_txn *txn, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", txn->mnt, name);
	/* A relative TC_BPF_MNT counts from our directory, not from the link's. */
	auto_free char *target = xasprintf("%s/tc/", txn->mnt[0] == '/' ? txn->mnt : ".");

	if (symlink(target, path) == 0)
		remember(txn, MADE_LINK, path, 0);
}

static int make_tc_tree(struct pin_txn *txn)
{
	auto_free char *tc = xasprintf("%s/tc", txn->mnt);
	auto_free char *globals = xasprintf("%s/tc/globals", txn->mnt);
	int r = make_dir(txn, tc);

	if (r == 0)
		r = make_dir(txn, globals);
	if (r == 0) {
		make_tc_link(txn, "xdp");
		make_tc_link(txn, "ip");
	}
	return r;
}

static bool below_tc(const struct pin_txn *txn, const char *dir)
{
	size_t n = strlen(txn->mnt);

	return n && strncmp(dir, txn->mnt, n) == 0 && strncmp(dir + n, "/tc", 3) == 0 &&
	       (dir[n + 3] == '/' || dir[n + 3] == '\0');
}

static int make_dirs(struct pin_txn *txn, const char *dir)
{
	auto_free char *path = xstrdup(dir);
	int r = below_tc(txn, dir) ? make_tc_tree(txn) : 0;

	for (char *slash = strchr(path + 1, '/'); slash && r == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = access(path, F_OK) == 0 ? 0 : make_dir(txn, path);
		*slash = '/';
	}
	return r < 0 ? r : make_dir(txn, path);
}

int pin_txn_mkdir(struct pin_txn *txn, const char *dir, struct err *err)
{
	int r = -ENOENT;

	for (int i = 0; i < LOCK_TRIES && r == -ENOENT; i++)
		r = make_dirs(txn, dir);
	if (r == -EPERM && strchr(dir, '.'))
		return err_say(err, r,
			       "make directory '%s': names in bpffs may not have a dot",
			       dir);
	return r < 0 ? err_set(err, r, "make directory '%s'", dir) : 0;
}

static int wait_for_flock(int fd, const char *dir)
{
	const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= LOCK_WAIT_MS)
			return -ETIMEDOUT;
		/* The longest wait there is: Ctrl-C ends it, held back or not. */
		if (stop_hold_waits())
			return -EINTR;
		if (waited == 2000)
			log_info("waiting for another loader that holds '%s'", dir);
		nanosleep(&step, NULL);
	}
	return 0;
}

/* Is the directory we hold still the one of that name? */
static bool still_there(int fd, const char *dir)
{
	struct stat ours, now;

	return fstat(fd, &ours) == 0 && stat(dir, &now) == 0 &&
	       ours.st_dev == now.st_dev && ours.st_ino == now.st_ino;
}

/* One directory by two names (MNT/ip is a link to MNT/tc): we would wait for ourselves.
 */
static bool held_already(const struct pin_txn *txn, const char *dir)
{
	for (size_t i = 0; i < txn->nr_locks; i++)
		if (still_there(txn->locks[i], dir))
			return true;
	return false;
}

static int lock_once(struct pin_txn *txn, const char *dir)
{
	auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	if (held_already(txn, dir))
		return 0;
	r = wait_for_flock(fd, dir);
	if (r < 0)
		return r;
	if (!still_there(fd, dir))
		return -ENOENT;
	array_grow(txn->locks, txn->nr_locks);
	txn->locks[txn->nr_locks++] = take_fd(&fd);
	return 0;
}

int pin_txn_lock(struct pin_txn *txn, const char *dir, struct err *err)
{
	int r = -ENOENT;

	for (int i = 0; i < LOCK_TRIES && r == -ENOENT; i++) {
		r = pin_txn_mkdir(txn, dir, err);
		if (r < 0)
			return r;
		r = lock_once(txn, dir);
	}
	if (r == -ETIMEDOUT)
		return err_say(err, r,
			       "directory '%s' is locked by another loader for over %d s",
			       dir, LOCK_WAIT_MS / 1000);
	return r < 0 ? err_set(err, r, "lock directory '%s'", dir) : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int pin_txn_lock_all(struct pin_txn *txn, const char *const *dirs, size_t nr,
		     struct err *err)
{
	auto_free const char **sorted = xmemdup(dirs, nr * sizeof(*dirs));

	if (!nr)
		return 0;
	qsort(sorted, nr, sizeof(*sorted), by_text);
	for (size_t i = 0; i < nr; i++) {
		int r = pin_txn_lock(txn, sorted[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

int pin_txn_pin(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		struct err *err)
{
	if (bpf_obj_pin(fd, path) < 0) {
		int r = -errno;

		return r == -EEXIST ? r : err_set(err, r, "pin '%s'", path);
	}
	remember(txn, MADE_PIN, path, map_id);
	return 0;
}

void pin_txn_own_program(struct pin_txn *txn, uint32_t prog_id)
{
	array_grow(txn->programs, txn->nr_programs);
	txn->programs[txn->nr_programs++] = prog_id;
}

struct use_search {
	const struct pin_txn *txn;
	uint32_t map_id;
};

static int is_foreign_user(uint32_t id, int fd, const struct bpf_prog_info *info,
			   void *ctx)
{
	const struct use_search *s = ctx;
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;

	(void)info;
	for (size_t i = 0; i < s->txn->nr_programs; i++)
		if (s->txn->programs[i] == id)
			return 0;
	if (prog_fd_maps(fd, &maps, &nr) < 0)
		return 0;
	for (size_t i = 0; i < nr; i++)
		if (maps[i] == s->map_id)
			return 1;
	return 0;
}

/*
 * Without CAP_SYS_ADMIN programs cannot be listed and the answer is no: our own loaders
 * are kept out by the lock, only a stock loader in the same instant could be missed.
 */
static bool map_has_foreign_user(const struct pin_txn *txn, uint32_t map_id)
{
	struct use_search search = {.txn = txn, .map_id = map_id};

	return prog_fd_each(is_foreign_user, &search) > 0;
}

static void undo(const struct pin_txn *txn, const struct made *m, bool *tree_in_use)
{
	if (!still_ours(m)) {
		*tree_in_use |= access(m->path, F_OK) == 0;
		return;
	}
	switch (m->kind) {
	case MADE_PIN:
		if (m->map_id && map_has_foreign_user(txn, m->map_id))
			log_warn("'%s' stays: another program uses the map by now",
				 m->path);
		else
			unlink(m->path);
		break;
	case MADE_LINK:
		if (!*tree_in_use)
			unlink(m->path);
		break;
	case MADE_DIR:
		if (rmdir(m->path) < 0 && errno != ENOENT)
			*tree_in_use = true;
		break;
	}
}

static void forget(struct pin_txn *txn)
{
	for (size_t i = 0; i < txn->nr_made; i++)
		free(txn->made[i].path);
	txn->nr_made = 0;
	for (size_t i = 0; i < txn->nr_locks; i++)
		close(txn->locks[i]);
	txn->nr_locks = 0;
	txn->mounted = false;
}

void pin_txn_commit(struct pin_txn *txn)
{
	forget(txn);
}

void pin_txn_free(struct pin_txn *txn)
{
	bool tree_in_use = false;

	if (!txn)
		return;
	for (size_t i = txn->nr_made; i > 0; i--)
		undo(txn, &txn->made[i - 1], &tree_in_use);
	if (txn->mounted && !tree_in_use) {
		/* Open directories would keep the mount busy. */
		forget(txn);
		bpffs_unmount(txn->mnt);
	}
	forget(txn);
	free(txn->made);
	free(txn->locks);
	free(txn->programs);
	free(txn);
}
